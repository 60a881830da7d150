import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClientSecretCredential, type TokenCredential } from "@azure/identity";
import { connect, type Fleet } from "../../cli/azure/fleet.ts";
import { clientOptions } from "../../cli/azure/http.ts";
import type { NetworkSettings } from "../../cli/azure/network.ts";
import { knowing } from "../../cli/azure/sign-in.ts";
import type { StackOutputs } from "../../cli/azure/stack-outputs.ts";
import { Journal } from "../../cli/onboarding/journal.ts";
import { type AzureEnvironment, openAzureEnvironment } from "../../sandbox/core/azure-environment.ts";
import { MovableClock } from "../../sandbox/core/clock.ts";
import { createTokenEndpoint } from "../../sandbox/entra-id/token-endpoint.ts";
import { type AzureProxy, startProxy } from "../../sandbox/proxy/proxy.ts";
import { createResourceManagerEndpoint } from "../../sandbox/resource-manager/rest-api/endpoint.ts";
import { grantRole } from "../../sandbox/services/authorization/grant-role.ts";
import { createIotHub, type IotHub } from "../../sandbox/services/iot-hub/iot-hub.ts";
import { type Storage, startStorage } from "../../sandbox/services/storage/storage.ts";

/** The services that terminals are onboarded to, as the stack declares them in what matters here. */
export interface DeployedFleet extends AsyncDisposable {
  azure: AzureEnvironment;
  proxy: AzureProxy;
  /** One more way in, with faults of its own; whoever opens it closes it. */
  startAnotherProxy(): Promise<AzureProxy>;
  clock: MovableClock;
  hub: IotHub;
  storage: Storage;
  outputs: StackOutputs;
  /** What a process needs to work as an operator: sign-in, proxy and CA. */
  env: Record<string, string>;
  /** The operator's object ID. */
  operator: string;
  /** How clients in this process reach the services: through `proxy`. */
  network: NetworkSettings;
  /** A credential in this process: the operator's, or another principal's. */
  credential(as?: { appId: string; secret: string }): TokenCredential;
  /** A connection of an operator in this process; default through `proxy`. */
  connect(network?: NetworkSettings): Promise<Fleet>;
  /** Takes a role away from the operator, by its name; returns what gives it back. */
  withdraw(role: string): () => void;
  journalOf(batch: string): string;
  /** Declares one more container for an audit log beside the first, with the same right; returns its URL. */
  auditContainer(name: string): string;
  /** The resource ID of such a container. */
  auditContainerId(url: string): string;
}

/** The custom role that the program defines for recording changes. */
export const auditRole = "Example audit recorder";
/** The custom role that the program defines for import jobs. */
export const importRole = "Example terminal importer";

const blobActions = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs";
const jobActions = "Microsoft.Devices/IotHubs/jobs";
const customRoles: Record<string, string[]> = {
  [auditRole]: [`${blobActions}/read`, `${blobActions}/add/action`],
  [importRole]: [`${jobActions}/read`, `${jobActions}/write`],
};

const roles = (
  ids: Record<"hub" | "files" | "imports" | "audit" | "table" | "api", string>,
): [string, string][] => [
  // On the account, for the containers that tests add to it.
  [auditRole, ids.audit.replace(/\/blobServices\/.*/, "")],
  [importRole, ids.hub],
  ["IoT Hub Registry Contributor", ids.hub],
  ["IoT Hub Twin Contributor", ids.hub],
  ["Reader", ids.hub],
  ["Storage Account Key Operator Service Role", ids.files],
  ["Storage Account Key Operator Service Role", ids.imports],
  ["Storage Table Data Contributor", ids.table],
  ["API Management Service Contributor", ids.api.replace(/\/apis\/.*/, "")],
];

/** Starts the sandbox's services with one hub, its accounts and the Flow API declared in them. */
export async function deployFleet(
  settings: { tier?: string; units?: number; throttling?: boolean } = {},
): Promise<DeployedFleet> {
  const dir = mkdtempSync(join(tmpdir(), "fleet-test-"));
  const clock = new MovableClock();
  const azure = await openAzureEnvironment({ file: join(dir, "state.sqlite"), clock, log: () => {} });
  const storage = await startStorage(azure, join(dir, "azurite"));
  const hub = createIotHub(azure, {
    throttling: settings.throttling ?? false,
    faults: () => proxy.faults,
    outbound: () => ({ proxyUrl: proxy.url, ca: proxy.ca }),
  });
  const endpoints = [
    createTokenEndpoint(azure),
    createResourceManagerEndpoint(azure, storage.accountKeys),
    storage.endpoint,
    hub.endpoint,
  ];
  const startAnotherProxy = () => startProxy(azure, { dir: join(dir, "proxy"), port: 0, endpoints });
  const proxy = await startAnotherProxy();
  const ids = declare(azure, settings.tier ?? "S3", settings.units ?? 1);
  const operator = azure.directory.addServicePrincipal("operator");
  for (const [role, scope] of roles(ids)) grant(azure, operator.objectId, role, scope);

  const network: NetworkSettings = { proxyUrl: proxy.url, ca: proxy.ca };
  const credential = ({ appId, secret }: { appId: string; secret: string } = operator, path = network) => {
    const { additionalPolicies } = clientOptions(path);
    return new ClientSecretCredential(azure.tenantId, appId, secret, { additionalPolicies });
  };
  const outputs = outputsOf(azure, ids);
  return {
    azure,
    proxy,
    startAnotherProxy,
    clock,
    hub,
    storage,
    outputs,
    operator: operator.objectId,
    env: {
      AZURE_TENANT_ID: azure.tenantId,
      AZURE_CLIENT_ID: operator.appId,
      AZURE_CLIENT_SECRET: operator.secret,
      HTTPS_PROXY: proxy.url,
      NODE_EXTRA_CA_CERTS: proxy.caFile,
      // Where records wait for the audit log, on Linux.
      XDG_DATA_HOME: join(dir, "data"),
    },
    network,
    credential: (as) => credential(as),
    connect: (path = network) => connect(outputs, knowing(credential(operator, path)), { network: path }),
    withdraw: (role) => {
      const held = roles(ids).find(([name]) => name === role) as [string, string];
      const assignment = assignmentAt(azure, held[1], operator.objectId, role);
      azure.resources.delete(assignment);
      return () => grant(azure, operator.objectId, ...held);
    },
    auditContainerId: (url) => ids.audit.replace(/[^/]+$/, url.slice(url.lastIndexOf("/") + 1)),
    auditContainer: (name) => {
      declareAuditContainer(azure, ids.audit.replace(/[^/]+$/, name));
      return outputs.auditContainerUrl.replace(/[^/]+$/, name);
    },
    journalOf: (batch) => Journal.pathFor(batch, outputs.hubHostName),
    async [Symbol.asyncDispose]() {
      await proxy.close();
      await hub.close();
      await storage.close();
      azure.store.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function declare(azure: AzureEnvironment, tier: string, units: number) {
  const group = (name: string) => `/subscriptions/${azure.subscriptionId}/resourceGroups/${name}`;
  for (const [name, location] of [
    ["terminals", "westeurope"],
    ["flow", "norwayeast"],
  ] as const) {
    azure.resources.put({
      id: group(name),
      type: "Microsoft.Resources/resourceGroups",
      name,
      location,
      properties: {},
    });
  }
  const account = (name: string, location: string, allowSharedKeyAccess: boolean) => {
    const id = `${group(location === "westeurope" ? "terminals" : "flow")}/providers/Microsoft.Storage/storageAccounts/${name}`;
    const properties = { minimumTlsVersion: "TLS1_2", supportsHttpsTrafficOnly: true, allowSharedKeyAccess };
    const type = "Microsoft.Storage/storageAccounts";
    azure.resources.put({
      id,
      type,
      name,
      location,
      kind: "StorageV2",
      sku: { name: "Standard_ZRS" },
      properties,
    });
    return id;
  };
  const files = account("examplefiles", "westeurope", true);
  const imports = account("exampleimports", "westeurope", true);
  const audit = `${account("exampleaudit", "westeurope", false)}/blobServices/default/containers/audit`;
  declareAuditContainer(azure, audit);
  const keys = account("exampleflowkeys", "norwayeast", false);
  const table = `${keys}/tableServices/default/tables/terminalkeys`;
  const tableType = "Microsoft.Storage/storageAccounts/tableServices/tables";
  azure.resources.put({ id: table, type: tableType, name: "terminalkeys", properties: {} });
  const hub = `${group("terminals")}/providers/Microsoft.Devices/IotHubs/example-hub`;
  azure.resources.put({
    id: hub,
    type: "Microsoft.Devices/IotHubs",
    name: "example-hub",
    location: "westeurope",
    sku: { name: tier, capacity: units },
    properties: {
      disableLocalAuth: true,
      restrictOutboundNetworkAccess: true,
      allowedFqdnList: ["exampleimports.blob.core.windows.net"],
    },
  });
  const service = `${group("flow")}/providers/Microsoft.ApiManagement/service/example-flow`;
  azure.resources.put({
    id: service,
    type: "Microsoft.ApiManagement/service",
    name: "example-flow",
    location: "norwayeast",
    sku: { name: "BasicV2", capacity: 1 },
    properties: { publisherName: "Example", publisherEmail: "operations@example.com" },
  });
  const api = `${service}/apis/flow`;
  const apiType = "Microsoft.ApiManagement/service/apis";
  azure.resources.put({
    id: api,
    type: apiType,
    name: "flow",
    properties: { path: "flow", protocols: ["https"] },
  });
  return { hub, files, imports, audit, table, api };
}

function declareAuditContainer(azure: AzureEnvironment, id: string): void {
  const type = "Microsoft.Storage/storageAccounts/blobServices/containers";
  azure.resources.put({ id, type, name: id.slice(id.lastIndexOf("/") + 1), properties: {} });
  azure.resources.put({
    id: `${id}/immutabilityPolicies/default`,
    type: `${type}/immutabilityPolicies`,
    name: "default",
    properties: { immutabilityPeriodSinceCreationInDays: 30, allowProtectedAppendWrites: true },
  });
}

function grant(azure: AzureEnvironment, principalId: string, role: string, scope: string): void {
  const dataActions = customRoles[role];
  if (!dataActions) {
    grantRole(azure, principalId, role, scope);
    return;
  }
  const group = scope.replace(/\/providers\/.*/, "");
  const definition = {
    id: `${group}/providers/Microsoft.Authorization/roleDefinitions/${randomUUID()}`,
    type: "Microsoft.Authorization/roleDefinitions",
    properties: {
      roleName: role,
      permissions: [{ dataActions }],
    },
  };
  azure.resources.put({ ...definition, name: definition.id.slice(-36) });
  const name = randomUUID();
  azure.resources.put({
    id: `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`,
    type: "Microsoft.Authorization/roleAssignments",
    name,
    properties: { principalId, roleDefinitionId: definition.id, scope },
  });
}

function outputsOf(
  azure: AzureEnvironment,
  ids: Record<"hub" | "files" | "imports" | "api", string>,
): StackOutputs {
  return {
    environment: "dev",
    tenantId: azure.tenantId,
    subscriptionId: azure.subscriptionId,
    hubHostName: "example-hub.azure-devices.net",
    hubResourceId: ids.hub,
    filesAccountResourceId: ids.files,
    filesBlobEndpoint: "https://examplefiles.blob.core.windows.net/",
    importsAccountResourceId: ids.imports,
    importsBlobEndpoint: "https://exampleimports.blob.core.windows.net/",
    auditContainerUrl: "https://exampleaudit.blob.core.windows.net/audit",
    flowUrl: "https://example-flow.azure-api.net/flow",
    flowApiResourceId: ids.api,
    flowKeysTableEndpoint: "https://exampleflowkeys.table.core.windows.net/",
    flowKeysTableName: "terminalkeys",
    operatorsGroupName: "Example operators",
    operatorsApplicationClientId: "00000000-0000-0000-0000-000000000000",
  };
}

function assignmentAt(azure: AzureEnvironment, scope: string, principalId: string, role: string): string {
  const found = azure.resources
    .list("Microsoft.Authorization/roleAssignments")
    .find(
      ({ properties }) =>
        properties.scope === scope &&
        properties.principalId === principalId &&
        azure.access.definition(properties.roleDefinitionId as string)?.name === role,
    );
  if (!found) throw new Error(`The operator has no role ${role}.`);
  return found.id;
}
