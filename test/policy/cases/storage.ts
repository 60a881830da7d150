import { add, both, drop, madeFrom, type Refused, set } from "../changes.ts";

const lifecycle = "policy.rules.0.definition";

/** Who gets at stored data, with what, for how long, and how long it stays. */
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
  ["no-public-access", "audit-container", set("audit-container", "publicAccess", "Blob")],
  [
    "no-web-pages-at-the-files",
    "files-blobs",
    set("files-blobs", "cors", { corsRules: [{ allowedOrigins: ["*"] }] }),
  ],
  ["no-other-ways-into-storage", "files-account", set("files-account", "isLocalUserEnabled", true)],
  [
    "no-other-ways-into-storage",
    "files-account",
    set("files-account", "allowCrossTenantReplication", undefined),
  ],
  ["no-other-ways-into-storage", "files-account", set("files-account", "isSftpEnabled", true)],
  ["no-other-ways-into-storage", "files-account", set("files-account", "enableNfsV3", true)],
  ["no-other-ways-into-storage", "files-account", set("files-account", "allowedCopyScope", undefined)],
  ["no-other-ways-into-storage", "files-account", set("files-account", "networkRuleSet.bypass", "None")],
  [
    "infrastructure-encryption",
    "files-account",
    set("files-account", "encryption.requireInfrastructureEncryption", undefined),
  ],
  [
    "table-opens-to-entra-id-only",
    "flow-keys-table",
    set("flow-keys-table", "signedIdentifiers", [{ id: "all" }]),
  ],

  ["account-keys-only-where-needed", "files-account", set("files-account", "allowSharedKeyAccess", false)],
  [
    "account-keys-only-where-needed",
    "files-account",
    set("files-account", "allowSharedKeyAccess", undefined),
  ],
  ["account-keys-only-where-needed", "audit-account", set("audit-account", "allowSharedKeyAccess", true)],
  [
    "account-keys-only-where-needed",
    "flow-keys-account",
    set("flow-keys-account", "allowSharedKeyAccess", true),
  ],
  ["accounts-in-their-region", "files-account", set("files-account", "location", "Norway East")],
  [
    "accounts-in-their-region",
    "files-account",
    both(set("files-account", "allowSharedKeyAccess", false), set("files-account", "location", "norwayeast")),
  ],
  ["accounts-in-their-region", "audit-account", set("audit-account", "location", "norwayeast")],
  ["accounts-in-their-region", "flow-keys-account", set("flow-keys-account", "location", "westeurope")],
  ["one-account-for-each-purpose", "added", add("azure-native:storage:StorageAccount")],
  ["one-account-for-each-purpose", "terminal-fleet-dev", drop("files-account")],
  ["one-account-for-each-purpose", "files-account", set("files-account", "tags.holds", "audit")],
  ["one-account-for-each-purpose", "files-account", set("files-account", "tags.holds", "letters")],
  ["one-account-for-each-purpose", "audit-account", set("audit-account", "tags.holds", "files")],
  ["one-account-for-each-purpose", "files-lifecycle", madeFrom("files-lifecycle", "accountName")],
  [
    "one-account-for-each-purpose",
    "added",
    add("azure-native:storage:BlobContainer", { accountName: "stelsewhere", publicAccess: "None" }),
  ],

  // Made with one account's name among others, and in another one.
  ["files-are-deleted", "files-account", set("files-lifecycle", "accountName", "stauditdevabc123")],
  ["soft-delete", "files-account", set("files-blobs", "accountName", "stelsewhere")],
  ["soft-delete", "files-account", drop("files-blobs")],
  ["soft-delete", "files-blobs", set("files-blobs", "deleteRetentionPolicy.enabled", false)],
  ["soft-delete", "files-blobs", set("files-blobs", "deleteRetentionPolicy.days", 365)],
  ["soft-delete", "files-blobs", set("files-blobs", "containerDeleteRetentionPolicy", undefined)],
  ["soft-delete", "files-blobs", set("files-blobs", "isVersioningEnabled", true)],
  ["soft-delete", "audit-blobs", set("audit-blobs", "deleteRetentionPolicy.enabled", undefined)],
  // Whether account keys are on says nothing of what is in the account.
  [
    "soft-delete",
    "files-account",
    both(set("files-account", "allowSharedKeyAccess", false), drop("files-blobs")),
  ],
  ["files-are-deleted", "files-account", drop("files-lifecycle")],
  [
    "files-are-deleted",
    "files-account",
    both(set("files-account", "allowSharedKeyAccess", false), drop("files-lifecycle")),
  ],
  ["files-are-deleted", "files-account", set("files-lifecycle", "policy.rules.0.enabled", false)],
  [
    "files-are-deleted",
    "files-account",
    set("files-lifecycle", `${lifecycle}.actions.baseBlob.delete.daysAfterModificationGreaterThan`, 31),
  ],
  ["files-are-deleted", "files-account", set("files-lifecycle", `${lifecycle}.actions.snapshot`, undefined)],
  [
    "files-are-deleted",
    "files-account",
    set("files-lifecycle", `${lifecycle}.filters.blobTypes`, ["blockBlob"]),
  ],
  // While their keys are valid.
  [
    "files-are-deleted",
    "files-account",
    set("files-lifecycle", `${lifecycle}.actions.baseBlob.delete.daysAfterModificationGreaterThan`, 1),
  ],
  [
    "files-are-deleted",
    "files-account",
    set("files-lifecycle", "policy.rules.1", {
      definition: {
        filters: { blobTypes: ["blockBlob"], prefixMatch: ["one/"] },
        actions: { baseBlob: { delete: { daysAfterCreationGreaterThan: 0 } } },
      },
    }),
  ],
  // When a second condition holds too.
  ...["daysAfterCreationGreaterThan", "daysAfterLastTierChangeGreaterThan"].map(
    (condition): Refused => [
      "files-are-deleted",
      "files-account",
      set("files-lifecycle", `${lifecycle}.actions.baseBlob.delete.${condition}`, 3650),
    ],
  ),
  [
    "files-are-deleted",
    "files-account",
    set("files-lifecycle", `${lifecycle}.filters.prefixMatch`, ["one/"]),
  ],
  [
    "files-are-deleted",
    "files-account",
    set("files-lifecycle", `${lifecycle}.filters.blobIndexMatch`, [{ name: "a", op: "==", value: "b" }]),
  ],
];
