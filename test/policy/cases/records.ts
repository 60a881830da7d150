import { add, both, drop, madeFrom, type Refused, read, set } from "../changes.ts";
import { unknownText } from "../fleet.ts";

/** The audit log, and what Azure logs itself. */
export const recordCases: Refused[] = [
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
  [
    "audit-log-is-kept",
    "audit-account",
    set(
      "audit-lifecycle",
      "policy.rules.0.definition.actions.baseBlob.delete.daysAfterModificationGreaterThan",
      29,
    ),
  ],
  [
    "audit-log-is-kept",
    "audit-account",
    set("audit-lifecycle", "policy.rules.0.definition.actions.baseBlob.delete", {
      daysAfterCreationGreaterThan: 30,
    }),
  ],

  ...[false, undefined].map(
    (off): Refused => [
      "logs-open-to-entra-id-only",
      "observability-workspace",
      set("observability-workspace", "features.disableLocalAuth", off),
    ],
  ),
  ...[7, 731, undefined].map(
    (days): Refused => [
      "logs-are-kept",
      "observability-workspace",
      set("observability-workspace", "retentionInDays", days),
    ],
  ),
  ["diagnostics-present", "terminals-hub", drop("observability-hub-diagnostics")],
  ["diagnostics-present", "flow-service", drop("observability-flow-diagnostics")],
  ["diagnostics-present", "observability-workspace", drop("observability-workspace-diagnostics")],
  ["diagnostics-present", "files-account", drop("observability-files-blobs-diagnostics")],
  ["diagnostics-present", "files-account", drop("observability-files-account-diagnostics")],
  ["diagnostics-present", "audit-account", drop("observability-audit-blobs-diagnostics")],
  ["diagnostics-present", "flow-keys-account", drop("observability-keys-tables-diagnostics")],
  [
    "diagnostics-present",
    "terminals-hub",
    set("observability-hub-diagnostics", "logs", [{ categoryGroup: "allLogs", enabled: false }]),
  ],
  [
    "diagnostics-present",
    "terminals-hub",
    set("observability-hub-diagnostics", "logs", [{ category: "Connections", enabled: true }]),
  ],
  [
    "diagnostics-present",
    "files-account",
    set("observability-files-blobs-diagnostics", "logs", [{ category: "StorageWrite", enabled: true }]),
  ],
  ["diagnostics-present", "terminals-hub", set("observability-hub-diagnostics", "metrics", [])],
  ["diagnostics-present", "terminals-hub", set("observability-hub-diagnostics", "workspaceId", undefined)],
  [
    "diagnostics-present",
    "terminals-hub",
    both(
      set("observability-hub-diagnostics", "workspaceId", "/subscriptions/s/resourceGroups/elsewhere"),
      madeFrom("observability-hub-diagnostics", "workspaceId"),
    ),
  ],
  [
    "diagnostics-present",
    "files-account",
    set("observability-files-blobs-diagnostics", "resourceUri", "/…/storageAccounts/a/queueServices/default"),
  ],
  [
    "logs-go-to-the-stack-alone",
    "observability-hub-diagnostics",
    set("observability-hub-diagnostics", "storageAccountId", "/subscriptions/s/resourceGroups/elsewhere"),
  ],
  [
    "logs-go-to-the-stack-alone",
    "observability-flow-diagnostics",
    set("observability-flow-diagnostics", "eventHubAuthorizationRuleId", unknownText),
  ],
  [
    "logs-go-to-the-stack-alone",
    "observability-hub-diagnostics",
    both(
      read("azure-native:operationalinsights:Workspace"),
      madeFrom("observability-hub-diagnostics", "workspaceId", "read"),
    ),
  ],
  [
    "logs-go-to-the-stack-alone",
    "added",
    add(
      "azure-native:monitor:DiagnosticSetting",
      { workspaceId: "/subscriptions/s/resourceGroups/elsewhere" },
      { resourceUri: "terminals-hub" },
    ),
  ],
  ["diagnostics-present", "added", add("azure-native:operationalinsights:Workspace")],
];
