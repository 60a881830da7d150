import { add, drop, type Refused, set } from "../changes.ts";

/** Who gets at stored data, with what, and for how long. */
export const storageCases: Refused[] = [
  ["tls-1-2", "files-account", set("files-account", "minimumTlsVersion", "TLS1_0")],
  ["tls-1-2", "flow-keys-account", set("flow-keys-account", "minimumTlsVersion", undefined)],
  ["https-only", "files-account", set("files-account", "enableHttpsTrafficOnly", false)],
  ["sas-lifetime", "files-account", set("files-account", "sasPolicy.sasExpirationPeriod", "30.00:00:01")],
  ["sas-lifetime", "files-account", set("files-account", "sasPolicy.sasExpirationPeriod", "a while")],
  ["sas-lifetime", "files-account", set("files-account", "sasPolicy.expirationAction", "Log")],
  ["sas-lifetime", "flow-keys-account", set("flow-keys-account", "sasPolicy", undefined)],
  ["key-expiry", "files-account", set("files-account", "keyPolicy", undefined)],
  ["key-expiry", "files-account", set("files-account", "keyPolicy.keyExpirationPeriodInDays", 365)],
  ["no-public-access", "files-account", set("files-account", "allowBlobPublicAccess", true)],
  ["no-public-access", "files-account", set("files-account", "allowBlobPublicAccess", undefined)],
  ["no-public-access", "added", add("azure-native:storage:BlobContainer", { publicAccess: "Blob" })],
  [
    "account-keys-for-files-only",
    "flow-keys-account",
    set("flow-keys-account", "allowSharedKeyAccess", true),
  ],
  ["account-keys-for-files-only", "files-account", set("files-account", "allowSharedKeyAccess", undefined)],
  ["no-other-ways-into-storage", "files-account", set("files-account", "isLocalUserEnabled", true)],
  [
    "no-other-ways-into-storage",
    "files-account",
    set("files-account", "allowCrossTenantReplication", undefined),
  ],
  ["no-other-ways-into-storage", "files-account", set("files-account", "isSftpEnabled", true)],
  ["no-other-ways-into-storage", "files-account", set("files-account", "networkRuleSet.bypass", "None")],
  ["infrastructure-encryption", "files-account", set("files-account", "encryption", undefined)],
  ["soft-delete", "files-blobs", set("files-blobs", "deleteRetentionPolicy.enabled", false)],
  ["soft-delete", "files-blobs", set("files-blobs", "containerDeleteRetentionPolicy", undefined)],
  ["soft-delete", "files-blobs", set("files-blobs", "deleteRetentionPolicy.days", 90)],
  ["soft-delete", "files-blobs", set("files-blobs", "isVersioningEnabled", true)],
  [
    "table-opens-to-entra-id-only",
    "flow-keys-table",
    set("flow-keys-table", "signedIdentifiers", [{ id: "all" }]),
  ],
  ["files-are-deleted", "files-account", drop("files-lifecycle")],
  ["files-are-deleted", "files-account", set("files-lifecycle", "policy.rules.0.enabled", false)],
  [
    "files-are-deleted",
    "files-account",
    set(
      "files-lifecycle",
      "policy.rules.0.definition.actions.baseBlob.delete.daysAfterModificationGreaterThan",
      31,
    ),
  ],
  [
    "files-are-deleted",
    "files-account",
    set("files-lifecycle", "policy.rules.0.definition.filters.prefixMatch", ["one/"]),
  ],
  ["files-can-be-recovered", "files-account", drop("files-blobs")],
];
