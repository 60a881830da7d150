import { drop, type Refused, set } from "../changes.ts";

/** The audit log, and what Azure logs itself. */
export const recordCases: Refused[] = [
  ["diagnostics-present", "terminals-hub", drop("observability-hub-diagnostics")],
  ["diagnostics-present", "flow-service", drop("observability-flow-diagnostics")],
  ["diagnostics-present", "observability-workspace", drop("observability-workspace-diagnostics")],
  ["diagnostics-present", "files-account", drop("observability-files-blobs-diagnostics")],
  ["diagnostics-present", "files-account", drop("observability-files-account-diagnostics")],
  ["diagnostics-present", "flow-keys-account", drop("observability-keys-tables-diagnostics")],
  [
    "diagnostics-present",
    "terminals-hub",
    set("observability-hub-diagnostics", "logs", [{ categoryGroup: "allLogs", enabled: false }]),
  ],
  ["diagnostics-present", "terminals-hub", set("observability-hub-diagnostics", "workspaceId", undefined)],
  [
    "audit-is-append-only",
    "audit-immutability",
    set("audit-immutability", "allowProtectedAppendWrites", false),
  ],
  [
    "audit-is-append-only",
    "audit-immutability",
    set("audit-immutability", "allowProtectedAppendWritesAll", true),
  ],
  [
    "audit-is-append-only",
    "audit-immutability",
    set("audit-immutability", "immutabilityPeriodSinceCreationInDays", 29),
  ],
  ["audit-log-is-kept", "terminals-hub", drop("audit-immutability")],
  ["audit-log-is-kept", "terminals-hub", drop("audit-container")],
  ["audit-log-is-kept", "audit-account", set("audit-account", "allowSharedKeyAccess", true)],
  [
    "audit-log-is-kept",
    "audit-account",
    set(
      "audit-lifecycle",
      "policy.rules.0.definition.actions.baseBlob.delete.daysAfterModificationGreaterThan",
      29,
    ),
  ],
  ["diagnostics-present", "audit-account", drop("observability-audit-blobs-diagnostics")],
];
