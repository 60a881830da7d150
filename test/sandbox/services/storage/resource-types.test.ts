import { afterAll, beforeAll, expect, test } from "vitest";
import type { Properties } from "../../../../sandbox/pulumi-providers/provider.ts";
import { everywhere, startTypes, type Types } from "../../resource-manager/arm-harness.ts";

const accountToken = "azure-native:storage:StorageAccount";
let engine: Types;
let count = 0;
const storage = (changes: Properties = {}) => ({
  accountName: `account${count++}`,
  kind: "StorageV2",
  sku: { name: "Standard_LRS" },
  ...changes,
});

const create: Types["create"] = (token, inputs) => engine.create(token, inputs);

beforeAll(async () => {
  engine = await startTypes();
  await create(accountToken, storage({ accountName: "takenname" }));
});
afterAll(() => engine.close());

test.each([
  [
    "a group that does not exist",
    { resourceGroupName: "nothing", location: "westeurope" },
    "ResourceGroupNotFound",
  ],
  ["upper case", { accountName: "MyAccount" }, "AccountNameInvalid"],
  ["a hyphen", { accountName: "my-account" }, "AccountNameInvalid"],
  ["a name of 25 letters", { accountName: "a".repeat(25) }, "AccountNameInvalid"],
  ["a taken name", { resourceGroupName: "other", accountName: "takenname" }, "StorageAccountAlreadyTaken"],
  ["an unknown region", { location: "atlantis" }, "InvalidLocation"],
  [
    "zone redundancy in a region without zones",
    { location: "northcentralus", sku: { name: "Standard_ZRS" } },
    "SkuNotAvailable",
  ],
  [
    "geo-redundancy in a region without a pair",
    { location: "italynorth", sku: { name: "Standard_GRS" } },
    "SkuNotAvailable",
  ],
  [
    "a SAS period in days",
    { sasPolicy: { expirationAction: "Block", sasExpirationPeriod: "30" } },
    "InvalidValuesFor",
  ],
  [
    "a SAS period of ISO 8601",
    { sasPolicy: { expirationAction: "Block", sasExpirationPeriod: "P30D" } },
    "InvalidValuesFor",
  ],
  ["a key period of 0 days", { keyPolicy: { keyExpirationPeriodInDays: 0 } }, "InvalidValuesFor"],
  ["the premium access tier", { accessTier: "Premium" }, "AccountPropertyIsInvalid"],
  ["customer-managed keys", { encryption: { keySource: "Microsoft.Keyvault" } }, "NotInSandbox"],
  ["SFTP", { isSftpEnabled: true }, "NotInSandbox"],
  ["network rules", { networkRuleSet: { defaultAction: "Deny" } }, "NotInSandbox"],
  [
    "a SAS period of 0",
    { sasPolicy: { expirationAction: "Block", sasExpirationPeriod: "0.00:00:00" } },
    "InvalidValuesFor",
  ],
  ["the kind FileStorage with a standard SKU", { kind: "FileStorage" }, "InvalidValuesFor"],
  ["the kind BlockBlobStorage with a standard SKU", { kind: "BlockBlobStorage" }, "InvalidValuesFor"],
  ["a premium SKU with zones for StorageV2", { sku: { name: "Premium_ZRS" } }, "InvalidValuesFor"],
  ["the kind Storage with zones", { kind: "Storage", sku: { name: "Standard_GZRS" } }, "InvalidValuesFor"],
  ["the kind BlobStorage without a tier", { kind: "BlobStorage" }, "InvalidValuesFor"],
  [
    "the kind Storage with an access tier",
    { kind: "Storage", accessTier: "Hot" },
    "AccountPropertyIsInvalid",
  ],
  ["a network security perimeter", { publicNetworkAccess: "SecuredByPerimeter" }, "NotInSandbox"],
  ["a DNS zone", { dnsEndpointType: "AzureDnsZone" }, "NotInSandbox"],
  ["routing endpoints", { routingPreference: { publishInternetEndpoints: true } }, "NotInSandbox"],
  ["a tag with a slash", { tags: { "a/b": "c" } }, "InvalidTagNameCharacters"],
  [
    "51 tags",
    { tags: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`t${n}`, "x"])) },
    "TagsExceedLimit",
  ],
])("rejects a storage account with %s", async (_, changes, code) => {
  await expect(create(accountToken, storage(changes as Properties))).rejects.toThrow(`Code="${code}`);
});

test.each([
  ["another kind of redundancy", { sku: { name: "Standard_ZRS" } }],
  ["infrastructure encryption", { encryption: { requireInfrastructureEncryption: true } }],
  ["another kind", { kind: "BlobStorage" }],
])("rejects an update of a storage account to %s", async (_, changes) => {
  const inputs = storage();
  const created = await create(accountToken, inputs);
  const news = { ...everywhere, ...inputs, ...changes };
  await expect(engine.native.update(created, news as Properties)).rejects.toThrow(
    "AccountPropertyCannotBeUpdated",
  );
});

test("an update adds and removes the secondary region of a storage account", async () => {
  const inputs = { ...everywhere, ...storage({ sku: { name: "Standard_ZRS" } }) };
  const created = await create(accountToken, inputs);
  expect(created.outputs.secondaryLocation).toBeUndefined();
  const more = await engine.native.update(created, { ...inputs, sku: { name: "Standard_RAGZRS" } });
  expect(more.outputs).toMatchObject({
    secondaryLocation: "northeurope",
    secondaryEndpoints: { blob: `https://${inputs.accountName}-secondary.blob.core.windows.net/` },
  });
  const less = await engine.native.update(more, inputs);
  expect(less.outputs.secondaryEndpoints).toBeUndefined();
  expect(less.outputs.secondaryLocation).toBeUndefined();
});

test("a storage account without minimumTlsVersion accepts TLS 1.0, as documented", async () => {
  const { outputs } = await create(accountToken, storage());
  expect(outputs).toMatchObject({ minimumTlsVersion: "TLS1_0", enableHttpsTrafficOnly: true });
});

const inAccount = { accountName: "takenname" };
const rule = (actions: Properties, name = "r", filters?: Properties) => ({
  ...inAccount,
  managementPolicyName: "default",
  policy: {
    rules: [{ name, type: "Lifecycle", definition: filters ? { actions, filters } : { actions } }],
  },
});
const blobService = (changes: Properties) => ({ ...inAccount, blobServicesName: "default", ...changes });
const cors = {
  ...{ allowedHeaders: ["*"], allowedMethods: ["GET"], allowedOrigins: ["*"], exposedHeaders: [] },
  maxAgeInSeconds: 1,
};

test.each([
  ["BlobContainer", { ...inAccount, containerName: "A" }, /ContainerOperationFailure/],
  ["BlobContainer", { ...inAccount, containerName: "a--b" }, /ContainerOperationFailure/],
  ["BlobContainer", { ...inAccount, containerName: "abc", publicAccess: "Blob" }, /PublicAccessNotPermitted/],
  ["BlobContainer", { accountName: "nothing", containerName: "abc" }, /ParentResourceNotFound/],
  ["Table", { ...inAccount, tableName: "a-b" }, /TableOperationFailure/],
  ["Table", { ...inAccount, tableName: "tables" }, /TableOperationFailure/],
  ["BlobServiceProperties", { ...inAccount, blobServicesName: "mine" }, /must be 'default'/],
  [
    "BlobServiceProperties",
    { ...inAccount, blobServicesName: "default", deleteRetentionPolicy: { enabled: true } },
    /deleteRetentionPolicy.days/,
  ],
  [
    "BlobServiceProperties",
    { ...inAccount, blobServicesName: "default", restorePolicy: { enabled: true, days: 5 } },
    /restorePolicy/,
  ],
  ["BlobContainer", { ...inAccount, containerName: "abc", metadata: { a: "b" } }, /NotInSandbox/],
  ["BlobContainer", { ...inAccount, containerName: "abc", defaultEncryptionScope: "mine" }, /NotInSandbox/],
  ["Table", { ...inAccount, tableName: "abc", signedIdentifiers: [{ id: "x" }] }, /NotInSandbox/],
  ["BlobServiceProperties", blobService({ isVersioningEnabled: true }), /NotInSandbox.*versions/],
  ["BlobServiceProperties", blobService({ changeFeed: { enabled: true } }), /NotInSandbox.*change feed/],
  ["BlobServiceProperties", blobService({ defaultServiceVersion: "2020-10-02" }), /NotInSandbox/],
  ["BlobServiceProperties", blobService({ cors: { corsRules: [cors] } }), /NotInSandbox.*CORS/],
  [
    "ManagementPolicy",
    rule({ baseBlob: { tierToCool: { daysAfterModificationGreaterThan: 1 } } }),
    /NotInSandbox.*tierToCool/,
  ],
  [
    "ManagementPolicy",
    rule({ baseBlob: { delete: { daysAfterLastAccessTimeGreaterThan: 1 } } }),
    /NotInSandbox.*LastAccessTime/,
  ],
  [
    "ManagementPolicy",
    rule({ baseBlob: { delete: { daysAfterCreationGreaterThan: 1 } } }, "r", {
      blobTypes: ["blockBlob"],
      blobIndexMatch: [{ name: "a", op: "==", value: "b" }],
    }),
    /NotInSandbox.*index tags/,
  ],
  ["ManagementPolicy", { ...rule({}), managementPolicyName: "mine" }, /must be 'default'/],
  ["ManagementPolicy", rule({}), /has no action/],
  ["ManagementPolicy", rule({ baseBlob: { delete: {} } }), /has no condition/],
  [
    "ManagementPolicy",
    rule({ baseBlob: { delete: { daysAfterCreationGreaterThan: 1 } } }, "a b"),
    /rule name/,
  ],
])("rejects storage:%s with %o", async (type, inputs, message) => {
  await expect(create(`azure-native:storage:${type}`, inputs as Properties)).rejects.toThrow(message);
});
