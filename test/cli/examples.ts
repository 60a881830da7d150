import { randomBytes } from "node:crypto";
import type { CredentialBundle } from "../../cli/credentials/credential-bundle.ts";

/** Outputs of a stack that does not exist. */
export const exampleOutputs = {
  environment: "dev",
  tenantId: "00000000-0000-0000-0000-000000000001",
  subscriptionId: "00000000-0000-0000-0000-000000000002",
  hubHostName: "example.azure-devices.net",
  hubResourceId:
    "/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/g/providers/Microsoft.Devices/IotHubs/example",
  filesAccountResourceId:
    "/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/example",
  filesBlobEndpoint: "https://example.blob.core.windows.net/",
  importsAccountResourceId:
    "/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/exampleimports",
  importsBlobEndpoint: "https://exampleimports.blob.core.windows.net/",
  auditContainerUrl: "https://exampleaudit.blob.core.windows.net/audit",
  flowUrl: "https://example.azure-api.net/flow",
  flowApiResourceId:
    "/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/g/providers/Microsoft.ApiManagement/service/example/apis/flow",
  flowKeysTableEndpoint: "https://example.table.core.windows.net/",
  flowKeysTableName: "terminalkeys",
  operatorsGroupName: "Example operators",
  operatorsApplicationClientId: "00000000-0000-0000-0000-000000000003",
};

/** A credential bundle with random keys. */
export function exampleHandover(): CredentialBundle {
  const key = () => randomBytes(32).toString("base64");
  return {
    version: 1,
    terminalId: "example-001",
    customer: "example-customer",
    site: "Østfløyen",
    hub: { hostName: "example.azure-devices.net", deviceId: "example-001", primaryKey: key() },
    flow: { url: "https://example.azure-api.net/flow", sharedKey: "shared", terminalKey: key() },
    createdAt: new Date().toISOString(),
  };
}
