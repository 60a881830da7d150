import { output, runtime } from "@pulumi/pulumi";
import { beforeAll, expect, test, vi } from "vitest";
import { type Asked, counts, deploy, find, resolved, subscriptionId, tenantId } from "./deployment.ts";
import { checkedIn } from "./stack-file.ts";

type Program = typeof import("../../index.ts");

/** Runs index.ts with a stack's checked-in settings. */
async function run(stack: string): Promise<{ asked: Asked[]; outputs: Record<string, unknown> }> {
  vi.resetModules();
  runtime.setAllConfig(checkedIn(stack));
  const { asked, result } = await deploy((): Promise<Program> => import("../../index.ts"), stack);
  const outputs: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(result))
    outputs[name] = await resolved<unknown>(output<unknown>(value));
  return { asked, outputs };
}

let dev: Awaited<ReturnType<typeof run>>;
let prod: Awaited<ReturnType<typeof run>>;
beforeAll(async () => {
  dev = await run("dev");
  prod = await run("prod");
});

test("the program asks for exactly this", () => {
  expect(counts(dev.asked)).toEqual({
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
    "azure-native:apimanagement:ApiOperation": 2,
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
    "azure-native:monitor:MetricAlert": 2,
    "azure-native:monitor:ScheduledQueryRule": 6,
  });
});

test("the outputs are what the command line reads, and no more", () => {
  const group = (name: string) => `/subscriptions/${subscriptionId}/resourceGroups/${name}/providers`;
  expect(dev.outputs).toEqual({
    environment: "dev",
    tenantId,
    subscriptionId,
    hubHostName: "iot-terminals-dev-abc123.azure-devices.net",
    hubResourceId: `${group("rg-terminals-dev")}/Microsoft.Devices/IotHubs/iot-terminals-dev-abc123`,
    filesAccountResourceId: `${group("rg-terminals-dev")}/Microsoft.Storage/storageAccounts/stfilesdevabc123`,
    filesBlobEndpoint: "https://stfilesdevabc123.blob.core.windows.net/",
    importsAccountResourceId: `${group("rg-terminals-dev")}/Microsoft.Storage/storageAccounts/stimportsdevabc123`,
    importsBlobEndpoint: "https://stimportsdevabc123.blob.core.windows.net/",
    auditContainerUrl: "https://stauditdevabc123.blob.core.windows.net/audit",
    flowUrl: "https://apim-flow-dev-abc123.azure-api.net/flow",
    flowApiResourceId: `${group("rg-flow-dev")}/Microsoft.ApiManagement/service/apim-flow-dev-abc123/apis/flow`,
    flowKeysTableEndpoint: "https://stflowkeysdevabc123.table.core.windows.net/",
    flowKeysTableName: "terminalkeys",
    operatorsGroupName: "Terminal fleet operators (dev)",
    operatorsApplicationClientId: "application-client-id",
  });
});

test("dev and prod ask for the same resources under the same names", () => {
  const names = ({ asked }: typeof dev) =>
    asked
      .map(({ type, name }) => `${type} ${name}`)
      .filter((each) => !each.includes("FederatedIdentityCredential"))
      .sort();
  expect(names(prod)).toEqual(names(dev));
  expect(find(prod.asked, "terminals-hub").inputs).toMatchObject({
    resourceName: "iot-terminals-prod-abc123",
    sku: { name: "S2", capacity: 2 },
  });
  expect(find(prod.asked, "flow-service").inputs).toMatchObject({ sku: { name: "StandardV2", capacity: 1 } });
});

test("everything that takes a location is in West Europe or Norway East, by purpose", () => {
  const regions = Map.groupBy(
    dev.asked.filter(({ inputs }) => inputs.location && inputs.location !== "global"),
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

test("everything that takes tags has them", () => {
  const tags = {
    owner: "terminal-operations",
    costCentre: "1000",
    environment: "dev",
    application: "terminal-fleet",
  };
  const tagged = dev.asked.filter(({ inputs }) => inputs.tags);
  expect(tagged.length).toBe(18);
  for (const { inputs } of tagged) expect(inputs.tags).toMatchObject(tags);
  const more = Map.groupBy(tagged, ({ inputs }) => Object.keys(inputs.tags as object).length);
  expect([...more.keys()].sort()).toEqual([4, 5]);
  const holds = more.get(5)?.map(({ name, inputs }) => [name, (inputs.tags as { holds: string }).holds]);
  expect(Object.fromEntries(holds ?? [])).toEqual({
    "files-account": "files",
    "imports-account": "device-imports",
    "audit-account": "audit",
    "flow-keys-account": "flow-keys",
  });
});

test("the hub may send to the imports' account only", () => {
  expect(find(dev.asked, "terminals-hub").inputs).toMatchObject({
    properties: { allowedFqdnList: ["stimportsdevabc123.blob.core.windows.net"] },
  });
});

test("prod keeps what cannot be made again, and lets everything else be replaced", () => {
  const kept = ({ asked }: typeof prod) =>
    asked
      .filter(({ type, protect }) => protect && !type.startsWith("terminal-fleet:"))
      .map(({ name }) => name)
      .sort();
  expect(kept(dev)).toEqual([]);
  expect(kept(prod)).toEqual([
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

test("a stack with wrong settings asks for nothing", async () => {
  vi.resetModules();
  runtime.setAllConfig({ ...checkedIn("dev"), "terminal-fleet:hubRegion": "northeurope" });
  await expect(deploy(() => import("../../index.ts"))).rejects.toThrow("hubRegion");
});
