import {
  added,
  addRead,
  edit,
  inOrder,
  type Refusal,
  refusals,
  remove,
  set,
  setSources,
} from "../changes.ts";
import { unknownText } from "../pack.ts";

const otherWorkspace = "/subscriptions/s/resourceGroups/elsewhere";

const workspaceRefusals: Refusal[] = [
  ...refusals("log-analytics-no-local-auth", {
    "a workspace that accepts its keys": edit("observability-workspace", "features.disableLocalAuth", false),
    "a workspace that leaves its keys to Azure's default": edit(
      "observability-workspace",
      "features.disableLocalAuth",
      undefined,
    ),
  }),
  ...refusals("log-analytics-retention", {
    "a workspace that keeps logs for 7 days": edit("observability-workspace", "retentionInDays", 7),
    "a workspace that keeps logs for 731 days": edit("observability-workspace", "retentionInDays", 731),
    "a workspace that leaves the retention to Azure's default": edit(
      "observability-workspace",
      "retentionInDays",
      undefined,
    ),
  }),
  ...refusals("log-analytics-no-replication", {
    "a workspace with a replica in North Europe": edit("observability-workspace", "replication", {
      enabled: true,
      location: "northeurope",
    }),
  }),
];

const settingRefusals: Refusal[] = [
  ...refusals("diagnostic-setting-present", {
    "an IoT Hub without a diagnostic setting": ["terminals-hub", remove("observability-hub-diagnostics")],
    "an API Management service without a diagnostic setting": [
      "flow-service",
      remove("observability-flow-diagnostics"),
    ],
    "a workspace without a diagnostic setting": [
      "observability-workspace",
      remove("observability-workspace-diagnostics"),
    ],
    "a files account without logs of its blobs": [
      "files-account",
      remove("observability-files-blobs-diagnostics"),
    ],
    "a files account without metrics": ["files-account", remove("observability-files-account-diagnostics")],
    "an audit account without logs of its blobs": [
      "audit-account",
      remove("observability-audit-blobs-diagnostics"),
    ],
    "a key table account without logs of its tables": [
      "flow-keys-account",
      remove("observability-keys-tables-diagnostics"),
    ],
    "logs that are off": [
      "terminals-hub",
      set("observability-hub-diagnostics", "logs", [{ categoryGroup: "allLogs", enabled: false }]),
    ],
    "logs of one category only": [
      "terminals-hub",
      set("observability-hub-diagnostics", "logs", [{ category: "Connections", enabled: true }]),
    ],
    "logs of writes to blobs only": [
      "files-account",
      set("observability-files-blobs-diagnostics", "logs", [{ category: "StorageWrite", enabled: true }]),
    ],
    "a diagnostic setting without metrics": [
      "terminals-hub",
      set("observability-hub-diagnostics", "metrics", []),
    ],
    "a diagnostic setting without a workspace": [
      "terminals-hub",
      set("observability-hub-diagnostics", "workspaceId", undefined),
    ],
    "a diagnostic setting with a workspace outside the stack": [
      "terminals-hub",
      inOrder(
        set("observability-hub-diagnostics", "workspaceId", otherWorkspace),
        setSources("observability-hub-diagnostics", "workspaceId"),
      ),
    ],
    "a diagnostic setting for queues in place of blobs": [
      "files-account",
      set(
        "observability-files-blobs-diagnostics",
        "resourceUri",
        "/…/storageAccounts/a/queueServices/default",
      ),
    ],
    "a second workspace without a diagnostic setting": added("azure-native:operationalinsights:Workspace"),
  }),
  ...refusals("diagnostic-setting-destination", {
    "logs that also go to a storage account": edit(
      "observability-hub-diagnostics",
      "storageAccountId",
      otherWorkspace,
    ),
    "logs that also go to an event hub that is not known yet": edit(
      "observability-flow-diagnostics",
      "eventHubAuthorizationRuleId",
      unknownText,
    ),
    "logs that go to a workspace that the program only reads": [
      "observability-hub-diagnostics",
      inOrder(
        addRead("azure-native:operationalinsights:Workspace"),
        set("observability-hub-diagnostics", "workspaceId", `${otherWorkspace}/read`),
        setSources("observability-hub-diagnostics", "workspaceId", "read"),
      ),
    ],
    "a diagnostic setting that sends to a workspace outside the stack": added(
      "azure-native:monitor:DiagnosticSetting",
      { workspaceId: otherWorkspace },
      { resourceUri: "terminals-hub" },
    ),
  }),
];

export const monitoringRefusals: Refusal[] = [...workspaceRefusals, ...settingRefusals];
