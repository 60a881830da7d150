import type { PolicyDefinition } from "../definition.ts";
import type { Condition } from "../language/evaluate.ts";
import { allOf, anyOf, countOf, fieldsOf, not, typeIs } from "./conditions.ts";

const type = "Microsoft.Storage/storageAccounts";
const isAccount = typeIs(type);
const field = fieldsOf(type);

/** Both definitions accept an older request without the property only when its API version has another default. */
const isOlderThan = (apiVersion: string): Condition => ({
  value: "[requestContext().apiVersion]",
  less: apiVersion,
});
const isNotOfDatabricks: Condition = {
  value: "[resourcegroup().managedBy]",
  notContains: "/providers/Microsoft.Databricks/",
};

const publicNetwork: PolicyDefinition[] = [
  {
    id: "34c877ad-507e-4c82-993e-3452a6e0ad3c",
    version: "1.1.1",
    mode: "Indexed",
    effect: "Audit",
    demands: "A storage account refuses networks that its rules do not name.",
    if: allOf(isAccount, field("networkAcls.defaultAction", { notEquals: "Deny" })),
  },
  {
    id: "b2982f36-99f2-4db5-8eff-283140c09693",
    version: "1.0.1",
    mode: "All",
    effect: "Audit",
    demands: "A storage account has no public network access.",
    if: allOf(isAccount, field("publicNetworkAccess", { notEquals: "Disabled" })),
  },
  {
    id: "2a1a9cdf-e04d-429a-8416-3bfb72a1b26f",
    version: "1.0.1",
    mode: "Indexed",
    effect: "Audit",
    demands: "A storage account accepts virtual networks only, and no IP address.",
    if: allOf(isAccount, acceptsAddresses()),
  },
  {
    id: "db4f9b05-5ffd-4b34-b714-3c710dbb3fd6",
    version: "1.0.0",
    mode: "Indexed",
    effect: "Audit",
    demands:
      "A storage account that Databricks did not create accepts virtual networks only, and no IP address.",
    if: allOf(isAccount, isNotOfDatabricks, acceptsAddresses()),
  },
  {
    id: "7809fda1-ba27-48c1-9c63-1f5aee46ba89",
    version: "1.0.0",
    mode: "Indexed",
    effect: "Audit",
    demands: "A storage account accepts trusted Azure services only: no network, address or resource.",
    parameters: { bypassConfiguration: "AzureServices" },
    if: allOf(
      isAccount,
      anyOf(
        field("networkAcls.defaultAction", { notEquals: "Deny" }),
        ...["ipRules", "resourceAccessRules", "virtualNetworkRules"].map((rules) =>
          countOf(`${type}/networkAcls.${rules}[*]`, undefined, { greaterOrEquals: 1 }),
        ),
        field("networkAcls.bypass", { notEquals: "[parameters('bypassConfiguration')]" }),
      ),
    ),
  },
  {
    id: "60d21c4f-21a3-4d94-85f4-b924e6aeeda4",
    version: "1.0.0",
    mode: "Indexed",
    effect: "Audit",
    demands: "A storage account has a service endpoint in a virtual network.",
    if: allOf(
      isAccount,
      anyOf(
        field("networkAcls.defaultAction", { notEquals: "Deny" }),
        field("networkAcls.virtualNetworkRules[*].id", { exists: "false" }),
      ),
    ),
  },
  {
    id: "c9d007d0-c057-4772-b18c-01e546713bcd",
    version: "1.0.0",
    mode: "Indexed",
    effect: "Audit",
    demands: "The network rules of a storage account let trusted Azure services through.",
    if: allOf(
      isAccount,
      field("networkAcls.bypass", { exists: "true" }),
      field("networkAcls.bypass", { notContains: "AzureServices" }),
    ),
  },
  ...[
    {
      id: "6edd7eda-6dd8-40f7-810d-67160c639cd9",
      version: "2.0.0",
      condition: isAccount,
      which: "A storage account",
    },
    {
      id: "1604f626-4d8d-4124-8bb8-b1e5f95562de",
      version: "1.0.0",
      condition: allOf(isAccount, isNotOfDatabricks),
      which: "A storage account that Databricks did not create",
    },
  ].map(
    ({ id, version, condition, which }): PolicyDefinition => ({
      id,
      version,
      mode: "Indexed",
      effect: "AuditIfNotExists",
      demands: `${which} has an approved private endpoint.`,
      if: condition,
      details: {
        type: `${type}/privateEndpointConnections`,
        existenceCondition: {
          field: `${type}/privateEndpointConnections/privateLinkServiceConnectionState.status`,
          equals: "Approved",
        },
      },
    }),
  ),
];

function acceptsAddresses(): Condition {
  return anyOf(
    field("networkAcls.defaultAction", { notEquals: "Deny" }),
    countOf(`${type}/networkAcls.ipRules[*]`, undefined, { greaterOrEquals: 1 }),
  );
}

const transport: PolicyDefinition[] = [
  {
    id: "404c3081-a854-4457-ae30-26a93ef643f9",
    version: "2.0.0",
    mode: "Indexed",
    effect: "Audit",
    demands: "A storage account accepts HTTPS only.",
    if: allOf(
      isAccount,
      anyOf(
        allOf(isOlderThan("2019-04-01"), field("supportsHttpsTrafficOnly", { exists: "false" })),
        field("supportsHttpsTrafficOnly", { equals: "false" }),
      ),
    ),
  },
  {
    id: "fe83a0eb-a853-422d-aac2-1bffd182c5d0",
    version: "1.0.0",
    mode: "Indexed",
    effect: "Audit",
    demands: "A storage account accepts TLS 1.2 or newer.",
    parameters: { minimumTlsVersion: "TLS1_2" },
    if: allOf(
      isAccount,
      anyOf(
        field("minimumTlsVersion", { notEquals: "[parameters('minimumTlsVersion')]" }),
        field("minimumTlsVersion", { exists: "false" }),
      ),
    ),
  },
];

const access: PolicyDefinition[] = [
  {
    id: "4fa4b6c0-31ca-4c0d-b10d-24b96f62a751",
    version: "3.1.1",
    mode: "Indexed",
    effect: "Audit",
    demands: "A storage account refuses anonymous access to blobs.",
    if: allOf(
      isAccount,
      not(
        allOf(
          { field: "id", contains: "/resourceGroups/aro-" },
          anyOf({ field: "name", like: "cluster*" }, { field: "name", like: "imageregistry*" }),
        ),
      ),
      not(field("allowBlobPublicAccess", { equals: "false" })),
    ),
  },
  {
    id: "8c6a50c6-9ffd-4ae7-986f-5fa6111f9a54",
    version: "2.0.0",
    mode: "Indexed",
    effect: "Audit",
    demands: "A storage account refuses its account keys.",
    if: allOf(isAccount, acceptsKeys()),
  },
  {
    id: "fd9903f1-38c2-4d36-8e44-5c1c20c561e8",
    version: "1.0.0",
    mode: "Indexed",
    effect: "Audit",
    demands: "A storage account that Databricks did not create refuses its account keys.",
    if: allOf(isAccount, isNotOfDatabricks, acceptsKeys()),
  },
  {
    id: "bc1b984e-ddae-40cc-801a-050a030e4fbe",
    version: "1.0.0",
    mode: "Indexed",
    effect: "Audit",
    demands: "A storage account limits the validity of shared access signatures.",
    if: allOf(isAccount, field("sasPolicy", { exists: "false" })),
  },
  {
    id: "7aa1c9d5-3d7e-4579-8117-d85e99211757",
    version: "1.0.0",
    mode: "Indexed",
    effect: "Deny",
    demands: "A storage account blocks shared access signatures that are valid for more than 7 days.",
    if: allOf(
      isAccount,
      anyOf(
        field("sasPolicy", { exists: "false" }),
        field("sasPolicy.sasExpirationPeriod", { exists: "false" }),
        { value: sasPart(0, 99), greater: 7 },
        allOf(
          { value: sasPart(0, 0), equals: 7 },
          anyOf(...[1, 2, 3].map((index) => ({ value: sasPart(index, 0), notEquals: 0 }))),
        ),
        field("sasPolicy.expirationAction", { exists: "false" }),
        field("sasPolicy.expirationAction", { notEquals: "Block" }),
      ),
    ),
  },
  {
    id: "044985bb-afe1-42cd-8a36-9d5d42424537",
    version: "3.0.0",
    mode: "Indexed",
    effect: "Audit",
    demands: "No account key is older than the account's key policy allows.",
    if: allOf(
      isAccount,
      anyOf(...["key1", "key2"].map((key) => ({ value: "[utcNow()]", greater: keyExpiry(key) }))),
    ),
  },
  {
    id: "92a89a79-6c52-4a7e-a03f-61306fc49312",
    version: "1.0.0",
    mode: "Indexed",
    effect: "Audit",
    demands: "A storage account is not replicated to another tenant.",
    if: allOf(isAccount, field("allowCrossTenantReplication", { notEquals: "false" })),
  },
];

function acceptsKeys(): Condition {
  return anyOf(
    anyOf(field("allowSharedKeyAccess", { exists: "false" }), field("allowSharedKeyAccess", { equals: "" })),
    field("allowSharedKeyAccess", { equals: "true" }),
  );
}

/** One part of the period DD.HH:MM:SS as a number: 0 for the days. */
function sasPart(index: number, whenAbsent: number): string {
  const period = `field('${type}/sasPolicy.sasExpirationPeriod')`;
  return `[if(empty(${period}), ${whenAbsent}, int(split(${period}, createArray(':', '.'))[${index}]))]`;
}

/** The time at which a key expires; the present when the account has no key policy. */
function keyExpiry(key: "key1" | "key2" | string): string {
  const created = `field('${type}/keyCreationTime.${key}')`;
  const days = `field('${type}/keyPolicy.keyExpirationPeriodInDays')`;
  const areKnown = `and(not(empty(coalesce(${created}, ''))), not(empty(string(coalesce(${days}, '')))))`;
  return `[if(${areKnown}, addDays(${created}, ${days}), utcNow())]`;
}

const encryption: PolicyDefinition[] = [
  {
    id: "4733ea7b-a883-42fe-8cac-97454c2a9e4a",
    version: "1.0.0",
    mode: "Indexed",
    effect: "Audit",
    demands: "A storage account encrypts twice.",
    if: allOf(isAccount, field("encryption.requireInfrastructureEncryption", { notEquals: "true" })),
  },
  {
    id: "6fac406b-40ca-413b-bf8e-0bf964659c25",
    version: "1.0.3",
    mode: "Indexed",
    effect: "Audit",
    demands: "A storage account is encrypted with a key of the customer.",
    if: allOf(isAccount, not(field("encryption.keySource", { equals: "Microsoft.Keyvault" }))),
  },
  ...[
    { id: "f0e5abd0-2554-4736-b7c0-4ffef23475ef", service: "queue" },
    { id: "7c322315-e26d-4174-a99e-f49d351b4688", service: "table" },
  ].map(
    ({ id, service }): PolicyDefinition => ({
      id,
      version: "1.0.0",
      mode: "Indexed",
      effect: "Audit",
      demands: `An account with a key of the customer uses it for its ${service}s too.`,
      if: allOf(
        isAccount,
        field("encryption.keySource", { equals: "Microsoft.Keyvault" }),
        field(`encryption.services.${service}.keyType`, { notEquals: "Account" }),
      ),
    }),
  ),
  {
    id: "bfecdea6-31c4-4045-ad42-71b9dc87247d",
    version: "1.0.0",
    mode: "All",
    effect: "Audit",
    demands: "An encryption scope encrypts twice.",
    if: allOf(typeIs(`${type}/encryptionScopes`), {
      field: `${type}/encryptionScopes/requireInfrastructureEncryption`,
      notEquals: "true",
    }),
  },
  {
    id: "b5ec538c-daa0-4006-8596-35468b9148e8",
    version: "1.0.0",
    mode: "All",
    effect: "Audit",
    demands: "An encryption scope has a key of the customer.",
    if: allOf(typeIs(`${type}/encryptionScopes`), {
      field: `${type}/encryptionScopes/source`,
      notEquals: "Microsoft.Keyvault",
    }),
  },
];

const redundancy: PolicyDefinition[] = [
  {
    id: "bf045164-79ba-4215-8f95-f8048dc1780b",
    version: "1.0.0",
    mode: "Indexed",
    effect: "Audit",
    demands: "A storage account has a copy in a second region.",
    if: allOf(
      isAccount,
      not(field("sku.name", { in: ["Standard_GRS", "Standard_RAGRS", "Standard_GZRS", "Standard_RAGZRS"] })),
    ),
  },
  {
    id: "85b005b2-95fc-4953-b9cb-f9ee6427c754",
    version: "1.0.0-preview",
    mode: "Indexed",
    effect: "Audit",
    demands: "A storage account is stored in several zones.",
    if: allOf(isAccount, anyOf(field("sku.name", { notLike: "*ZRS" }), { field: "kind", equals: "Storage" })),
  },
  {
    id: "7433c107-6db4-4ad1-b57a-a76dce0154a1",
    version: "1.1.0",
    mode: "Indexed",
    effect: "Deny",
    demands:
      "A storage account has one of the SKUs of the design: zone-redundant, and with a copy for files.",
    parameters: { listOfAllowedSKUs: ["Standard_ZRS", "Standard_GZRS"] },
    if: allOf(isAccount, not(field("sku.name", { in: "[parameters('listOfAllowedSKUs')]" }))),
  },
  {
    id: "4510daf9-5abc-4d7d-a11d-d84416b814f6",
    version: "1.0.0-preview",
    mode: "Indexed",
    effect: "AuditIfNotExists",
    demands: "Azure Backup protects the blobs of a storage account.",
    if: isAccount,
    details: { type: "Microsoft.DataProtection/backupInstances" },
  },
  {
    id: "37e0d2fe-28a5-43d6-a273-67d37d1f5606",
    version: "1.0.0",
    mode: "All",
    effect: "Audit",
    demands: "No storage account is a classic one.",
    if: allOf(
      { field: "type", in: ["Microsoft.ClassicStorage/storageAccounts", type] },
      { value: "[field('type')]", equals: "Microsoft.ClassicStorage/storageAccounts" },
    ),
  },
];

const recovery: PolicyDefinition[] = [
  {
    id: "c36a325b-ae04-4863-ad4f-19c6678f8e08",
    version: "1.0.0",
    mode: "All",
    effect: "Audit",
    demands: "A blob service keeps versions.",
    if: allOf(
      typeIs(`${type}/blobServices`),
      anyOf(
        allOf(isOlderThan("2019-10-10"), {
          field: `${type}/blobServices/isVersioningEnabled`,
          exists: "true",
        }),
        { field: `${type}/blobServices/isVersioningEnabled`, equals: "false" },
      ),
    ),
  },
  {
    id: "9fbd64e3-67b8-489b-98e5-fa0007d17e76",
    version: "1.0.0",
    mode: "Indexed",
    effect: "DeployIfNotExists",
    demands: "A storage account keeps deleted blobs and containers for a time.",
    if: isAccount,
    details: {
      type: `${type}/blobServices`,
      name: "default",
      existenceCondition: allOf(
        ...["deleteRetentionPolicy", "containerDeleteRetentionPolicy"].map((policy) => ({
          field: `${type}/blobServices/${policy}.enabled`,
          equals: true,
        })),
      ),
    },
  },
];

/** Built-in definitions of the category Storage, and of other categories for storage accounts. */
export const storageDefinitions: PolicyDefinition[] = [
  ...transport,
  ...access,
  ...publicNetwork,
  ...encryption,
  ...redundancy,
  ...recovery,
];
