import { expect, test } from "vitest";
import { AuditLog } from "../../components/audit-log.ts";
import { FileStorage, type FileStorageArgs } from "../../components/file-storage.ts";
import { ImportStorage } from "../../components/import-storage.ts";
import { KeyTable } from "../../components/key-table.ts";
import { counts, deploy, find, resolved } from "./deployment.ts";

const tags = { owner: "example" };
const files: FileStorageArgs = {
  resourceGroupName: "rg-terminals-dev",
  location: "westeurope",
  accountName: "stfilesdev",
  recoveryDays: 7,
  tags,
};

/** Everything that every account is, in full: a default that is lost shows here. */
const secure = {
  kind: "StorageV2",
  accessTier: "Hot",
  minimumTlsVersion: "TLS1_2",
  enableHttpsTrafficOnly: true,
  allowBlobPublicAccess: false,
  defaultToOAuthAuthentication: true,
  allowCrossTenantReplication: false,
  allowedCopyScope: "AAD",
  isLocalUserEnabled: false,
  isSftpEnabled: false,
  publicNetworkAccess: "Enabled",
  networkRuleSet: { defaultAction: "Allow", bypass: "AzureServices" },
  keyPolicy: { keyExpirationPeriodInDays: 90 },
  encryption: { keySource: "Microsoft.Storage", requireInfrastructureEncryption: true },
};

test("the files' account", async () => {
  const { asked, result } = await deploy(() => new FileStorage("files", files));
  expect(counts(asked)).toEqual({
    "terminal-fleet:components:FileStorage": 1,
    "azure-native:storage:StorageAccount": 1,
    "azure-native:storage:BlobServiceProperties": 1,
    "azure-native:storage:ManagementPolicy": 1,
  });
  expect(find(asked, "files-account").inputs).toEqual({
    ...secure,
    resourceGroupName: "rg-terminals-dev",
    accountName: "stfilesdev",
    location: "westeurope",
    sku: { name: "Standard_ZRS" },
    allowSharedKeyAccess: true,
    sasPolicy: { sasExpirationPeriod: "30.00:00:00", expirationAction: "Block" },
    tags: { ...tags, holds: "files" },
  });
  expect(await resolved(result.blobEndpoint)).toBe("https://stfilesdev.blob.core.windows.net/");
  expect(await resolved(result.accountId)).toMatch(/\/storageAccounts\/stfilesdev$/);
});

test("files can be brought back for the days that the settings say, and versions are off", async () => {
  const { asked } = await deploy(() => new FileStorage("files", { ...files, recoveryDays: 3 }));
  expect(find(asked, "files-blobs").inputs).toEqual({
    resourceGroupName: "rg-terminals-dev",
    accountName: "stfilesdev",
    blobServicesName: "default",
    deleteRetentionPolicy: { enabled: true, days: 3 },
    containerDeleteRetentionPolicy: { enabled: true, days: 3 },
    isVersioningEnabled: false,
  });
});

test("files, snapshots and versions are deleted after 30 days", async () => {
  const { asked } = await deploy(() => new FileStorage("files", files));
  expect(find(asked, "files-lifecycle").inputs).toEqual({
    resourceGroupName: "rg-terminals-dev",
    accountName: "stfilesdev",
    managementPolicyName: "default",
    policy: {
      rules: [
        {
          name: "delete-after-30-days",
          type: "Lifecycle",
          enabled: true,
          definition: {
            filters: { blobTypes: ["blockBlob", "appendBlob"] },
            actions: {
              baseBlob: { delete: { daysAfterModificationGreaterThan: 30 } },
              snapshot: { delete: { daysAfterCreationGreaterThan: 30 } },
              version: { delete: { daysAfterCreationGreaterThan: 30 } },
            },
          },
        },
      ],
    },
  });
});

test("the relaxation to another region changes the redundancy, records its reason, and loses nothing else", async () => {
  const reason = "The customer's contract asks for a second region.";
  const plain = await deploy(() => new FileStorage("files", files));
  const relaxed = await deploy(() => new FileStorage("files", { ...files, geoReplication: { reason } }));
  expect(find(relaxed.asked, "files-account").inputs).toEqual({
    ...find(plain.asked, "files-account").inputs,
    sku: { name: "Standard_GZRS" },
    tags: { ...tags, geoReplicationReason: reason, holds: "files" },
  });
});

test("the imports' account: what is deleted in it is gone, nothing stays, and nothing is copied elsewhere", async () => {
  const { asked, result } = await deploy(
    () =>
      new ImportStorage("imports", {
        resourceGroupName: "rg-terminals-dev",
        location: "westeurope",
        accountName: "stimportsdev",
        tags,
      }),
  );
  expect(counts(asked)).toEqual({
    "terminal-fleet:components:ImportStorage": 1,
    "azure-native:storage:StorageAccount": 1,
    "azure-native:storage:BlobServiceProperties": 1,
    "azure-native:storage:ManagementPolicy": 1,
  });
  const inAccount = { resourceGroupName: "rg-terminals-dev", accountName: "stimportsdev" };
  expect(find(asked, "imports-account").inputs).toEqual({
    ...secure,
    ...inAccount,
    location: "westeurope",
    sku: { name: "Standard_ZRS" },
    allowSharedKeyAccess: true,
    sasPolicy: { sasExpirationPeriod: "1.00:00:00", expirationAction: "Block" },
    tags: { ...tags, holds: "device-imports" },
  });
  expect(find(asked, "imports-blobs").inputs).toEqual({
    ...inAccount,
    blobServicesName: "default",
    deleteRetentionPolicy: { enabled: false },
    containerDeleteRetentionPolicy: { enabled: false },
    isVersioningEnabled: false,
  });
  expect(find(asked, "imports-lifecycle").inputs).toEqual({
    ...inAccount,
    managementPolicyName: "default",
    policy: {
      rules: [
        {
          name: "delete-after-1-day",
          type: "Lifecycle",
          enabled: true,
          definition: {
            filters: { blobTypes: ["blockBlob", "appendBlob"] },
            actions: {
              baseBlob: { delete: { daysAfterModificationGreaterThan: 1 } },
              snapshot: { delete: { daysAfterCreationGreaterThan: 1 } },
              version: { delete: { daysAfterCreationGreaterThan: 1 } },
            },
          },
        },
      ],
    },
  });
  expect(await resolved(result.blobEndpoint)).toBe("https://stimportsdev.blob.core.windows.net/");
  expect(await resolved(result.accountId)).toMatch(/\/storageAccounts\/stimportsdev$/);
});

test("the account of the key table opens to Entra ID alone", async () => {
  const { asked, result } = await deploy(
    () =>
      new KeyTable("flow-keys", {
        resourceGroupName: "rg-flow-dev",
        location: "norwayeast",
        accountName: "stflowkeysdev",
        tags,
      }),
  );
  expect(counts(asked)).toEqual({
    "terminal-fleet:components:KeyTable": 1,
    "azure-native:storage:StorageAccount": 1,
    "azure-native:storage:Table": 1,
  });
  expect(find(asked, "flow-keys-account").inputs).toEqual({
    ...secure,
    resourceGroupName: "rg-flow-dev",
    accountName: "stflowkeysdev",
    location: "norwayeast",
    sku: { name: "Standard_ZRS" },
    allowSharedKeyAccess: false,
    sasPolicy: { sasExpirationPeriod: "1.00:00:00", expirationAction: "Block" },
    tags: { ...tags, holds: "flow-keys" },
  });
  expect(find(asked, "flow-keys-table").inputs).toEqual({
    resourceGroupName: "rg-flow-dev",
    accountName: "stflowkeysdev",
    tableName: "terminalkeys",
  });
  expect(await resolved(result.tableEndpoint)).toBe("https://stflowkeysdev.table.core.windows.net/");
  expect(await resolved(result.tableName)).toBe("terminalkeys");
  expect(await resolved(result.tableId)).toMatch(/\/tableServices\/default\/tables\/terminalkeys$/);
});

test("the audit log: its own account that opens to Entra ID alone, and records that stay for their time", async () => {
  const { asked, result } = await deploy(
    () =>
      new AuditLog("audit", {
        resourceGroupName: "rg-terminals-dev",
        location: "westeurope",
        accountName: "stauditdev",
        retentionDays: 400,
        tags,
      }),
  );
  expect(counts(asked)).toEqual({
    "terminal-fleet:components:AuditLog": 1,
    "azure-native:storage:StorageAccount": 1,
    "azure-native:storage:BlobServiceProperties": 1,
    "azure-native:storage:BlobContainer": 1,
    "azure-native:storage:BlobContainerImmutabilityPolicy": 1,
    "azure-native:storage:ManagementPolicy": 1,
  });
  const inAccount = { resourceGroupName: "rg-terminals-dev", accountName: "stauditdev" };
  expect(find(asked, "audit-account").inputs).toEqual({
    ...secure,
    ...inAccount,
    location: "westeurope",
    sku: { name: "Standard_ZRS" },
    allowSharedKeyAccess: false,
    sasPolicy: { sasExpirationPeriod: "1.00:00:00", expirationAction: "Block" },
    tags: { ...tags, holds: "audit" },
  });
  expect(find(asked, "audit-container").inputs).toEqual({
    ...inAccount,
    containerName: "audit",
    publicAccess: "None",
  });
  expect(find(asked, "audit-immutability").inputs).toEqual({
    ...inAccount,
    containerName: "audit",
    immutabilityPolicyName: "default",
    immutabilityPeriodSinceCreationInDays: 400,
    allowProtectedAppendWrites: true,
  });
  expect(find(asked, "audit-lifecycle").inputs).toMatchObject({
    policy: {
      rules: [
        {
          enabled: true,
          definition: {
            filters: { blobTypes: ["appendBlob"] },
            actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: 400 } } },
          },
        },
      ],
    },
  });
  expect(await resolved(result.containerUrl)).toBe("https://stauditdev.blob.core.windows.net/audit");
  expect(await resolved(result.containerId)).toMatch(/\/blobServices\/default\/containers\/audit$/);
});
