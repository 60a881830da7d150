import { output, runtime } from "@pulumi/pulumi";
import { beforeAll, expect, test } from "vitest";
import { findHostProblems } from "../../cli/azure/stack-hosts.ts";
import { stackOutputs } from "../../cli/azure/stack-outputs.ts";
import { createEndpointList } from "../../cli/network/create-list.ts";
import {
  countTypes,
  type DeclaredResource,
  deploy,
  find,
  outputValue,
  subscriptionId,
  tenantId,
} from "./deployment.ts";
import { importProgram } from "./import-program.ts";
import { readStackFile } from "./stack-file.ts";

/** Runs index.ts with the settings of a stack in the repository. */
async function run(
  stack: string,
): Promise<{ resources: DeclaredResource[]; outputs: Record<string, unknown> }> {
  runtime.setAllConfig(readStackFile(stack));
  const { resources, result } = await deploy(importProgram, stack);
  const outputs: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(result))
    outputs[name] = await outputValue<unknown>(output<unknown>(value));
  return { resources, outputs };
}

let dev: Awaited<ReturnType<typeof run>>;
let prod: Awaited<ReturnType<typeof run>>;
beforeAll(async () => {
  dev = await run("dev");
  prod = await run("prod");
});

test("declares exactly these resources", () => {
  expect(countTypes(dev.resources)).toEqual({
    "terminal-fleet:components:Names": 1,
    "terminal-fleet:components:FileStorage": 1,
    "terminal-fleet:components:ImportStorage": 1,
    "terminal-fleet:components:AuditLog": 1,
    "terminal-fleet:components:TerminalHub": 1,
    "terminal-fleet:components:KeyTable": 1,
    "terminal-fleet:components:FlowIngress": 1,
    "terminal-fleet:components:Operators": 1,
    "terminal-fleet:components:Observability": 1,
    "terminal-fleet:components:Alerts": 1,
    "terminal-fleet:components:AvailabilityTest": 1,
    "random:index/randomString:RandomString": 1,
    "azure-native:resources:ResourceGroup": 2,
    "azure-native:storage:StorageAccount": 4,
    "azure-native:storage:BlobServiceProperties": 3,
    "azure-native:storage:ManagementPolicy": 3,
    "azure-native:storage:BlobContainer": 1,
    "azure-native:storage:BlobContainerImmutabilityPolicy": 1,
    "azure-native:storage:Table": 1,
    "azure-native:iothub:IotHubResource": 1,
    "azure-native:apimanagement:ApiManagementService": 1,
    "azure-native:apimanagement:Backend": 1,
    "azure-native:apimanagement:Api": 1,
    "azure-native:apimanagement:ApiOperation": 4,
    "azure-native:apimanagement:ApiDiagnostic": 1,
    "azure-native:applicationinsights:Component": 1,
    "azure-native:applicationinsights:WebTest": 1,
    "azure-native:apimanagement:ApiPolicy": 1,
    "azure-native:authorization:RoleDefinition": 3,
    "azure-native:authorization:RoleAssignment": 10,
    "azuread:index/group:Group": 1,
    "azuread:index/application:Application": 1,
    "azuread:index/applicationFederatedIdentityCredential:ApplicationFederatedIdentityCredential": 1,
    "azuread:index/servicePrincipal:ServicePrincipal": 1,
    "azuread:index/groupMember:GroupMember": 1,
    "azure-native:operationalinsights:Workspace": 1,
    "azure-native:monitor:DiagnosticSetting": 11,
    "azure-native:monitor:ActionGroup": 1,
    "azure-native:monitor:MetricAlert": 5,
    "azure-native:monitor:ScheduledQueryRule": 5,
  });
});

test("the stack outputs are those that the command line reads", () => {
  const group = (name: string) => `/subscriptions/${subscriptionId}/resourceGroups/${name}/providers`;
  expect(dev.outputs).toEqual({
    environment: "dev",
    tenantId,
    subscriptionId,
    hubHostName: "iot-terminals-dev-abc123.azure-devices.net",
    hubResourceId: `${group("rg-terminals-dev")}/Microsoft.Devices/IotHubs/iot-terminals-dev-abc123`,
    hubRegion: "westeurope",
    filesAccountResourceId: `${group("rg-terminals-dev")}/Microsoft.Storage/storageAccounts/stfilesdevabc123`,
    filesBlobEndpoint: "https://stfilesdevabc123.blob.core.windows.net/",
    fileRecoveryDays: 7,
    isFilesGeoReplicated: false,
    importsAccountResourceId: `${group("rg-terminals-dev")}/Microsoft.Storage/storageAccounts/stimportsdevabc123`,
    importsBlobEndpoint: "https://stimportsdevabc123.blob.core.windows.net/",
    auditContainerUrl: "https://stauditdevabc123.blob.core.windows.net/audit",
    flowUrl: "https://apim-flow-dev-abc123.azure-api.net/flow",
    flowRegion: "norwayeast",
    flowApiResourceId: `${group("rg-flow-dev")}/Microsoft.ApiManagement/service/apim-flow-dev-abc123/apis/flow`,
    flowKeysTableEndpoint: "https://stflowkeysdevabc123.table.core.windows.net/",
    flowKeysTableName: "terminalkeys",
    operatorsGroupName: "Terminal fleet operators (dev)",
    operatorsApplicationClientId: "application-client-id",
    logRetentionDays: 30,
    supportContact: {
      name: "Example Support (test)",
      email: "support@example.com",
      phone: "+47 22 00 00 00",
      hours: "08:00-16:00",
    },
  });
});

test("the hosts in the stack outputs belong to the resources of the stack", () => {
  expect(findHostProblems(stackOutputs.parse(dev.outputs))).toEqual([]);
});

test("every host that the program declares is on the list of destinations, or is not for terminals", () => {
  const outputs = stackOutputs.parse(dev.outputs);
  const list = createEndpointList({ ...outputs, now: 0 });
  const listed = new Set(list.destinations.map(({ host }) => host));
  const declared = new Set(
    dev.resources.flatMap(({ inputs, outputs: state }) => hostsOf(JSON.stringify([inputs, state]))),
  );
  const account = (name: string) => [`${name}.blob.core.windows.net`, `${name}.table.core.windows.net`];
  const notForTerminals = new Set([
    // Accounts of operators and of the gateway, and the table service of the files account, which has no table.
    ...["stimportsdevabc123", "stauditdevabc123", "stflowkeysdevabc123"].flatMap(account),
    "stfilesdevabc123.table.core.windows.net",
    // The gateway calls the Flow API; pipelines and the gateway get tokens.
    "flow-dev.example.com",
    "storage.azure.com",
    "token.actions.githubusercontent.com",
  ]);
  expect(declared).toContain("iot-terminals-dev-abc123.azure-devices.net");
  expect(declared).toContain("apim-flow-dev-abc123.azure-api.net");
  expect([...declared].filter((host) => !listed.has(host) && !notForTerminals.has(host))).toEqual([]);
});

/** The hosts in a text: those of URLs, and names under the domains of Azure's services. */
function hostsOf(text: string): string[] {
  const urls = [...text.matchAll(/https?:\/\/([\w.-]+)/g)].map(([, host]) => host ?? "");
  const names = text.match(
    /[\w-]+(\.[\w-]+)*\.(azure|windows|microsoft|azurewebsites|azurefd)(-\w+)?\.(net|com|io)/g,
  );
  return [...urls, ...(names ?? [])];
}

test("dev and prod declare the same resources with the same names", () => {
  const names = ({ resources }: typeof dev) =>
    resources
      .map(({ type, name }) => `${type} ${name}`)
      .filter((each) => !each.includes("FederatedIdentityCredential"))
      .sort();
  expect(names(prod)).toEqual(names(dev));
  expect(find(prod.resources, "terminals-hub").inputs).toMatchObject({
    resourceName: "iot-terminals-prod-abc123",
    sku: { name: "S2", capacity: 2 },
  });
  expect(find(prod.resources, "flow-service").inputs).toMatchObject({
    sku: { name: "StandardV2", capacity: 1 },
  });
});

test("the Flow API's resources are in Norway East, and all others in West Europe", () => {
  const regions = Map.groupBy(
    dev.resources.filter(({ inputs }) => inputs.location && inputs.location !== "global"),
    ({ inputs }) => inputs.location,
  );
  expect([...regions.keys()].sort()).toEqual(["norwayeast", "westeurope"]);
  expect(
    regions
      .get("norwayeast")
      ?.map(({ name }) => name)
      .sort(),
  ).toEqual(["flow", "flow-keys-account", "flow-service"]);
});

test("every resource with tags has the tags of the settings and of the program", () => {
  const tags = {
    owner: "terminal-operations",
    costCentre: "1000",
    environment: "dev",
    application: "terminal-fleet",
  };
  const tagged = dev.resources.filter(({ inputs }) => inputs.tags);
  expect(tagged.length).toBe(22);
  for (const { inputs } of tagged) expect(inputs.tags).toMatchObject(tags);
  const more = Map.groupBy(tagged, ({ inputs }) => Object.keys(inputs.tags as object).length);
  expect([...more.keys()].sort()).toEqual([4, 5]);
  const holds = more.get(5)?.map(({ name, inputs }) => [name, (inputs.tags as { holds: string }).holds]);
  expect(Object.fromEntries(holds ?? [])).toEqual({
    "files-account": "files",
    "imports-account": "device-imports",
    "audit-account": "audit",
    "flow-keys-account": "flow-keys",
    // Has the tag that names its component.
    "observability-availability-test": undefined,
  });
});

test("the IoT Hub may connect to the account of the import jobs only", () => {
  expect(find(dev.resources, "terminals-hub").inputs).toMatchObject({
    properties: { allowedFqdnList: ["stimportsdevabc123.blob.core.windows.net"] },
  });
});

test("prod protects the resources that cannot be recreated, and no others", () => {
  const protectedNames = ({ resources }: typeof prod) =>
    resources
      .filter(({ type, protect }) => protect && !type.startsWith("terminal-fleet:"))
      .map(({ name }) => name)
      .sort();
  expect(protectedNames(dev)).toEqual([]);
  expect(protectedNames(prod)).toEqual([
    "audit-account",
    "audit-blobs",
    "audit-container",
    "audit-immutability",
    "audit-lifecycle",
    "files-account",
    "files-blobs",
    "files-lifecycle",
    "flow",
    "flow-api",
    "flow-keys-account",
    "flow-keys-table",
    "flow-service",
    "names-suffix",
    "observability-workspace",
    "operators-application",
    "operators-group",
    "operators-service-principal",
    "terminals",
    "terminals-hub",
  ]);
});

test("a stack with invalid settings declares nothing", async () => {
  runtime.setAllConfig({ ...readStackFile("dev"), "terminal-fleet:hubRegion": "northeurope" });
  await expect(deploy(importProgram)).rejects.toThrow("hubRegion");
});

test("resources have no aliases for API versions, and keep those for moved types", () => {
  const aliases = dev.resources.flatMap((resource) => resource.aliases);
  expect(aliases.filter((type) => /\/v\d{8}/.test(type))).toEqual([]);
  expect([...new Set(aliases)].sort()).toEqual([
    "azure-native:devices:IotHubResource",
    "azure-native:insights:ActionGroup",
    "azure-native:insights:Component",
    "azure-native:insights:DiagnosticSetting",
    "azure-native:insights:MetricAlert",
    "azure-native:insights:ScheduledQueryRule",
    "azure-native:insights:WebTest",
  ]);
});
