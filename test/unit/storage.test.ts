import { expect, test } from "vitest";
import { AuditLog } from "../../components/audit-log.ts";
import { FileStorage, type FileStorageArgs } from "../../components/file-storage.ts";
import { ImportStorage } from "../../components/import-storage.ts";
import { KeyTable } from "../../components/key-table.ts";
import { countTypes, deploy, find, outputValue } from "./deployment.ts";

const tags = { owner: "example" };
const files: FileStorageArgs = {
  resourceGroupName: "rg-terminals-dev",
  location: "westeurope",
  accountName: "stfilesdev",
  recoveryDays: 7,
  tags,
};

/** The inputs that all accounts have in common, in full, so that a lost default fails a test. */
const commonInputs = {
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

test("declares the account of the files with a SAS limit of 30 days", async () => {
  const { resources, result } = await deploy(() => new FileStorage("files", files));
  expect(countTypes(resources)).toEqual({
    "terminal-fleet:components:FileStorage": 1,
    "azure-native:storage:StorageAccount": 1,
    "azure-native:storage:BlobServiceProperties": 1,
    "azure-native:storage:ManagementPolicy": 1,
  });
  expect(find(resources, "files-account").inputs).toEqual({
    ...commonInputs,
    resourceGroupName: "rg-terminals-dev",
    accountName: "stfilesdev",
    location: "westeurope",
    sku: { name: "Standard_ZRS" },
    allowSharedKeyAccess: true,
    sasPolicy: { sasExpirationPeriod: "30.00:00:00", expirationAction: "Block" },
    tags: { ...tags, holds: "files" },
  });
  expect(await outputValue(result.blobEndpoint)).toBe("https://stfilesdev.blob.core.windows.net/");
  expect(await outputValue(result.accountId)).toMatch(/\/storageAccounts\/stfilesdev$/);
});

test("Azure can restore deleted files for the days of the settings, and keeps no versions", async () => {
  const { resources } = await deploy(() => new FileStorage("files", { ...files, recoveryDays: 3 }));
  expect(find(resources, "files-blobs").inputs).toEqual({
    resourceGroupName: "rg-terminals-dev",
    accountName: "stfilesdev",
    blobServicesName: "default",
    deleteRetentionPolicy: { enabled: true, days: 3 },
    containerDeleteRetentionPolicy: { enabled: true, days: 3 },
    isVersioningEnabled: false,
  });
});

test("a lifecycle rule deletes files, snapshots and versions after 30 days", async () => {
  const { resources } = await deploy(() => new FileStorage("files", files));
  expect(find(resources, "files-lifecycle").inputs).toEqual({
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

test("geo-replication changes the redundancy and adds the reason as a tag, and nothing else", async () => {
  const reason = "The customer's contract asks for a second region.";
  const plain = await deploy(() => new FileStorage("files", files));
  const relaxed = await deploy(() => new FileStorage("files", { ...files, geoReplication: { reason } }));
  expect(find(relaxed.resources, "files-account").inputs).toEqual({
    ...find(plain.resources, "files-account").inputs,
    sku: { name: "Standard_GZRS" },
    tags: { ...tags, geoReplicationReason: reason, holds: "files" },
  });
});

test("declares the account of the import jobs without recovery, with deletion after one day and copies in one region", async () => {
  const { resources, result } = await deploy(
    () =>
      new ImportStorage("imports", {
        resourceGroupName: "rg-terminals-dev",
        location: "westeurope",
        accountName: "stimportsdev",
        tags,
      }),
  );
  expect(countTypes(resources)).toEqual({
    "terminal-fleet:components:ImportStorage": 1,
    "azure-native:storage:StorageAccount": 1,
    "azure-native:storage:BlobServiceProperties": 1,
    "azure-native:storage:ManagementPolicy": 1,
  });
  const inAccount = { resourceGroupName: "rg-terminals-dev", accountName: "stimportsdev" };
  expect(find(resources, "imports-account").inputs).toEqual({
    ...commonInputs,
    ...inAccount,
    location: "westeurope",
    sku: { name: "Standard_ZRS" },
    allowSharedKeyAccess: true,
    sasPolicy: { sasExpirationPeriod: "1.00:00:00", expirationAction: "Block" },
    tags: { ...tags, holds: "device-imports" },
  });
  expect(find(resources, "imports-blobs").inputs).toEqual({
    ...inAccount,
    blobServicesName: "default",
    deleteRetentionPolicy: { enabled: false },
    containerDeleteRetentionPolicy: { enabled: false },
    isVersioningEnabled: false,
  });
  expect(find(resources, "imports-lifecycle").inputs).toEqual({
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
  expect(await outputValue(result.blobEndpoint)).toBe("https://stimportsdev.blob.core.windows.net/");
  expect(await outputValue(result.accountId)).toMatch(/\/storageAccounts\/stimportsdev$/);
});

test("declares the account of the key table without shared key access", async () => {
  const { resources, result } = await deploy(
    () =>
      new KeyTable("flow-keys", {
        resourceGroupName: "rg-flow-dev",
        location: "norwayeast",
        accountName: "stflowkeysdev",
        tags,
      }),
  );
  expect(countTypes(resources)).toEqual({
    "terminal-fleet:components:KeyTable": 1,
    "azure-native:storage:StorageAccount": 1,
    "azure-native:storage:Table": 1,
  });
  expect(find(resources, "flow-keys-account").inputs).toEqual({
    ...commonInputs,
    resourceGroupName: "rg-flow-dev",
    accountName: "stflowkeysdev",
    location: "norwayeast",
    sku: { name: "Standard_ZRS" },
    allowSharedKeyAccess: false,
    sasPolicy: { sasExpirationPeriod: "1.00:00:00", expirationAction: "Block" },
    tags: { ...tags, holds: "flow-keys" },
  });
  expect(find(resources, "flow-keys-table").inputs).toEqual({
    resourceGroupName: "rg-flow-dev",
    accountName: "stflowkeysdev",
    tableName: "terminalkeys",
  });
  expect(await outputValue(result.tableEndpoint)).toBe("https://stflowkeysdev.table.core.windows.net/");
  expect(await outputValue(result.tableName)).toBe("terminalkeys");
  expect(await outputValue(result.tableId)).toMatch(/\/tableServices\/default\/tables\/terminalkeys$/);
});

test("declares the account of the audit log without shared key access, with records that are immutable for their time", async () => {
  const { resources, result } = await deploy(
    () =>
      new AuditLog("audit", {
        resourceGroupName: "rg-terminals-dev",
        location: "westeurope",
        accountName: "stauditdev",
        retentionDays: 400,
        tags,
      }),
  );
  expect(countTypes(resources)).toEqual({
    "terminal-fleet:components:AuditLog": 1,
    "azure-native:storage:StorageAccount": 1,
    "azure-native:storage:BlobServiceProperties": 1,
    "azure-native:storage:BlobContainer": 1,
    "azure-native:storage:BlobContainerImmutabilityPolicy": 1,
    "azure-native:storage:ManagementPolicy": 1,
  });
  const inAccount = { resourceGroupName: "rg-terminals-dev", accountName: "stauditdev" };
  expect(find(resources, "audit-account").inputs).toEqual({
    ...commonInputs,
    ...inAccount,
    location: "westeurope",
    sku: { name: "Standard_ZRS" },
    allowSharedKeyAccess: false,
    sasPolicy: { sasExpirationPeriod: "1.00:00:00", expirationAction: "Block" },
    tags: { ...tags, holds: "audit" },
  });
  expect(find(resources, "audit-container").inputs).toEqual({
    ...inAccount,
    containerName: "audit",
    publicAccess: "None",
  });
  expect(find(resources, "audit-immutability").inputs).toEqual({
    ...inAccount,
    containerName: "audit",
    immutabilityPolicyName: "default",
    immutabilityPeriodSinceCreationInDays: 400,
    allowProtectedAppendWrites: true,
  });
  expect(find(resources, "audit-lifecycle").inputs).toMatchObject({
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
  expect(await outputValue(result.containerUrl)).toBe("https://stauditdev.blob.core.windows.net/audit");
  expect(await outputValue(result.containerId)).toMatch(/\/blobServices\/default\/containers\/audit$/);
});
