import { edit, inOrder, type Refusal, refusals, remove, set } from "../changes.ts";

const definition = "policy.rules.0.definition";
const deleteDays = `${definition}.actions.baseBlob.delete.daysAfterModificationGreaterThan`;

const fileRefusals: Refusal[] = [
  ...refusals("blob-service-soft-delete", {
    "a blob service that depends on the files account and names another one": [
      "files-account",
      set("files-blobs", "accountName", "stelsewhere"),
    ],
    "a files account without a blob service": ["files-account", remove("files-blobs")],
    "a files account without soft delete of blobs": edit(
      "files-blobs",
      "deleteRetentionPolicy.enabled",
      false,
    ),
    "soft delete of blobs for 365 days": edit("files-blobs", "deleteRetentionPolicy.days", 365),
    "a files account without soft delete of containers": edit(
      "files-blobs",
      "containerDeleteRetentionPolicy",
      undefined,
    ),
    "a files account with versions": edit("files-blobs", "isVersioningEnabled", true),
    "an audit account that leaves soft delete to Azure's default": edit(
      "audit-blobs",
      "deleteRetentionPolicy.enabled",
      undefined,
    ),
    "a files account without a blob service, also when its account keys are off": [
      "files-account",
      inOrder(set("files-account", "allowSharedKeyAccess", false), remove("files-blobs")),
    ],
  }),
  ...refusals("files-account-deletion", {
    "a lifecycle policy that depends on the files account and names another one": [
      "files-account",
      set("files-lifecycle", "accountName", "stauditdevabc123"),
    ],
    "a files account without a lifecycle policy": ["files-account", remove("files-lifecycle")],
    "a files account without a lifecycle policy, also when its account keys are off": [
      "files-account",
      inOrder(set("files-account", "allowSharedKeyAccess", false), remove("files-lifecycle")),
    ],
    "a lifecycle rule that is off": [
      "files-account",
      set("files-lifecycle", "policy.rules.0.enabled", false),
    ],
    "a lifecycle rule that deletes after 31 days": ["files-account", set("files-lifecycle", deleteDays, 31)],
    "a lifecycle rule that keeps snapshots": [
      "files-account",
      set("files-lifecycle", `${definition}.actions.snapshot`, undefined),
    ],
    "a lifecycle rule that keeps append blobs": [
      "files-account",
      set("files-lifecycle", `${definition}.filters.blobTypes`, ["blockBlob"]),
    ],
    "a lifecycle rule that deletes files while their links are valid": [
      "files-account",
      set("files-lifecycle", deleteDays, 1),
    ],
    "a second lifecycle rule that deletes some files on the day of their creation": [
      "files-account",
      set("files-lifecycle", "policy.rules.1", {
        definition: {
          filters: { blobTypes: ["blockBlob"], prefixMatch: ["one/"] },
          actions: { baseBlob: { delete: { daysAfterCreationGreaterThan: 0 } } },
        },
      }),
    ],
    "a lifecycle rule that waits also for 3650 days since creation": [
      "files-account",
      set("files-lifecycle", `${definition}.actions.baseBlob.delete.daysAfterCreationGreaterThan`, 3650),
    ],
    "a lifecycle rule that waits also for a change of the tier": [
      "files-account",
      set(
        "files-lifecycle",
        `${definition}.actions.baseBlob.delete.daysAfterLastTierChangeGreaterThan`,
        3650,
      ),
    ],
    "a lifecycle rule for one folder only": [
      "files-account",
      set("files-lifecycle", `${definition}.filters.prefixMatch`, ["one/"]),
    ],
    "a lifecycle rule for blobs with one tag only": [
      "files-account",
      set("files-lifecycle", `${definition}.filters.blobIndexMatch`, [{ name: "a", op: "==", value: "b" }]),
    ],
  }),
];

const auditRefusals: Refusal[] = [
  ...refusals("audit-container-append-only", {
    "an audit container without protected appends": edit(
      "audit-immutability",
      "allowProtectedAppendWrites",
      false,
    ),
    "an audit container that also appends to block blobs": edit(
      "audit-immutability",
      "allowProtectedAppendWritesAll",
      true,
    ),
    "an audit container that is immutable for 29 days": edit(
      "audit-immutability",
      "immutabilityPeriodSinceCreationInDays",
      29,
    ),
  }),
  ...refusals("audit-log-retention", {
    "an audit container without an immutability policy": ["terminals-hub", remove("audit-immutability")],
    "a stack without an audit container": ["terminals-hub", remove("audit-container")],
    "a lifecycle rule that deletes audit records after 29 days": [
      "audit-account",
      set("audit-lifecycle", deleteDays, 29),
    ],
    "a lifecycle rule that counts the days since the first record of a month": [
      "audit-account",
      set("audit-lifecycle", `${definition}.actions.baseBlob.delete`, { daysAfterCreationGreaterThan: 30 }),
    ],
  }),
];

/** Rules on how long files and audit records are kept. */
export const retentionRefusals: Refusal[] = [...fileRefusals, ...auditRefusals];
