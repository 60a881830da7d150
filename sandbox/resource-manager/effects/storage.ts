import { actedOnIn, type Effects, identity, inert, location, tags } from "./effect.ts";

const checks = "services/storage/resource-types/storage-account-checks.ts";
const rules = "services/storage/authentication/account-settings.ts";
const lifecycle = "services/storage/lifecycle.ts";
const services = "services/storage/resource-types/storage-services.ts";
const rule = "policy.rules.definition";

const account: Effects = {
  ...location,
  ...tags,
  ...identity,
  ...actedOnIn(checks, "sku.name", "kind"),
  ...actedOnIn(
    rules,
    "allowBlobPublicAccess",
    "allowSharedKeyAccess",
    "enableHttpsTrafficOnly",
    "minimumTlsVersion",
    "networkRuleSet.defaultAction",
    "publicNetworkAccess",
    "sasPolicy.expirationAction",
    "sasPolicy.sasExpirationPeriod",
  ),
  ...actedOnIn(
    checks,
    "dnsEndpointType",
    "enableNfsV3",
    "encryption.keySource",
    "isHnsEnabled",
    "isSftpEnabled",
    "routingPreference.publishInternetEndpoints",
    "routingPreference.publishMicrosoftEndpoints",
  ),
  ...inert("a price, not a behaviour: all tiers but Archive answer alike", "accessTier"),
  ...inert("there is no object replication", "allowCrossTenantReplication"),
  ...inert("copying from a URL is refused by name", "allowedCopyScope"),
  ...inert("what the portal offers first; there is no portal", "defaultToOAuthAuthentication"),
  ...inert(
    "encryption at rest is nothing that a caller sees",
    "encryption.requireInfrastructureEncryption",
    "encryption.services",
  ),
  ...inert("local users belong to SFTP, which is refused", "isLocalUserEnabled"),
  ...inert("advice that Azure Policy reads; no key stops working by it", "keyPolicy"),
  ...inert("there are no file shares", "largeFileSharesState"),
  ...inert(
    "which of Azure's own services pass network rules; rules that deny are refused",
    "networkRuleSet.bypass",
  ),
  ...inert("only empty lists are taken", "networkRuleSet.ipRules", "networkRuleSet.virtualNetworkRules"),
  ...inert("the way through the network to the same endpoints", "routingPreference.routingChoice"),
};

export const storageEffects: Record<string, Effects> = {
  "azure-native:storage:StorageAccount": account,
  "azure-native:storage:BlobServiceProperties": {
    ...actedOnIn(
      services,
      "automaticSnapshotPolicyEnabled",
      "changeFeed.enabled",
      "cors.corsRules",
      "defaultServiceVersion",
      "isVersioningEnabled",
      "lastAccessTimeTrackingPolicy.enable",
      "restorePolicy.enabled",
      "restorePolicy.days",
    ),
    ...inert("belongs to the change feed, which is refused", "changeFeed.retentionInDays"),
    ...inert(
      "belongs to tracking of reads, which is refused",
      "lastAccessTimeTrackingPolicy.blobType",
      "lastAccessTimeTrackingPolicy.name",
      "lastAccessTimeTrackingPolicy.trackingGranularityInDays",
    ),
    ...inert(
      "nothing deleted comes back here, as the page on fidelity says",
      "deleteRetentionPolicy",
      "containerDeleteRetentionPolicy",
    ),
  },
  "azure-native:storage:BlobContainer": {
    ...actedOnIn("services/storage/resource-sync.ts", "publicAccess"),
    ...actedOnIn(
      "services/storage/resource-types/storage-data.ts",
      "defaultEncryptionScope",
      "denyEncryptionScopeOverride",
      "metadata",
    ),
  },
  "azure-native:storage:BlobContainerImmutabilityPolicy": actedOnIn(
    "services/storage/immutability.ts",
    "allowProtectedAppendWrites",
    "allowProtectedAppendWritesAll",
    "immutabilityPeriodSinceCreationInDays",
  ),
  "azure-native:storage:ManagementPolicy": {
    ...actedOnIn(
      lifecycle,
      "policy.rules.name",
      "policy.rules.enabled",
      `${rule}.actions.baseBlob.delete.daysAfterCreationGreaterThan`,
      `${rule}.actions.baseBlob.delete.daysAfterModificationGreaterThan`,
      `${rule}.filters.blobTypes`,
      `${rule}.filters.prefixMatch`,
    ),
    ...inert("there is one type, Lifecycle", "policy.rules.type"),
    ...inert(
      "refused in arm/types/management-policy.ts: every action but delete, and conditions on reads and tiers",
      `${rule}.actions`,
    ),
    ...inert(
      "only base blobs are deleted by rule here, as the page on fidelity says",
      `${rule}.actions.snapshot.delete`,
      `${rule}.actions.version.delete`,
    ),
    ...inert("any index tag is refused", `${rule}.filters.blobIndexMatch`),
  },
  "azure-native:storage:TableServiceProperties": actedOnIn(services, "cors.corsRules"),
  "azure-native:storage:Table": actedOnIn(
    "services/storage/resource-types/storage-data.ts",
    "signedIdentifiers",
  ),
};
