import type { PolicyDefinition } from "../definition.ts";
import type { Condition } from "../language/evaluate.ts";
import { allOf, anyOf, countOf, fieldsOf, not, typeIs } from "./conditions.ts";

const workspace = "Microsoft.OperationalInsights/workspaces";
const field = fieldsOf(workspace);
const settings = "Microsoft.Insights/diagnosticSettings";

/** The name of the program's diagnostic settings, and the workspace they send to: parameters without a default. */
export interface LogDestination {
  settingName: string;
  workspaceId: string;
}

const workspaces: PolicyDefinition[] = [
  {
    id: "e15effd4-2278-4c65-a0da-4d6f6d1890e2",
    version: "1.0.0",
    mode: "Indexed",
    effect: "Audit",
    demands: "A log workspace accepts logs from callers with Entra ID only.",
    if: allOf(typeIs(workspace), field("features.disableLocalAuth", { notEquals: "true" })),
  },
  {
    id: "6c53d030-cc64-46f0-906d-2bc061cd1334",
    version: "1.1.0",
    mode: "Indexed",
    effect: "Audit",
    demands: "A log workspace can be written and queried from private networks only.",
    if: allOf(
      typeIs(workspace),
      anyOf(
        ...["Ingestion", "Query"].map((use) =>
          field(`publicNetworkAccessFor${use}`, { notEquals: "disabled" }),
        ),
      ),
    ),
  },
  {
    id: "fa298e57-9444-42ba-bf04-86e8470e32c7",
    version: "1.1.0",
    mode: "Indexed",
    effect: "Audit",
    demands: "Saved queries of a log workspace are encrypted with a key of the customer.",
    if: allOf(typeIs(workspace), not(field("forceCmkForQuery", { equals: "true" }))),
  },
  {
    id: "94c1f94d-33b0-4062-bd04-1cdc3e7eece2",
    version: "1.0.0",
    mode: "Indexed",
    effect: "Audit",
    demands: "The query of a log alert is encrypted with a key of the customer.",
    if: allOf(typeIs("Microsoft.Insights/scheduledqueryrules"), {
      field: "Microsoft.Insights/scheduledqueryrules/checkWorkspaceAlertsStorageConfigured",
      notEquals: "true",
    }),
  },
];

/** Definitions that send logs by category group to a workspace, for each type with logs. */
function categoryGroupLogs({ workspaceId }: LogDestination): PolicyDefinition[] {
  const isEnabled = (group: string): Condition =>
    countOf(
      `${settings}/logs[*]`,
      allOf(
        { field: `${settings}/logs[*].enabled`, equals: `[equals(parameters('categoryGroup'), '${group}')]` },
        { field: `${settings}/logs[*].categoryGroup`, equals: group },
      ),
      { equals: 1 },
    );
  return [
    {
      id: "567c93f7-3661-494f-a30f-0a94d9bfebf8",
      type: "microsoft.apimanagement/service",
      what: "An API Management service",
    },
    { id: "614d9fbd-68cd-4832-96db-3362069661b2", type: "microsoft.devices/iothubs", what: "An IoT Hub" },
    {
      id: "818719e5-1338-4776-9a9d-3c31e4df5986",
      type: "microsoft.operationalinsights/workspaces",
      what: "A log workspace",
    },
  ].map(({ id, type, what }) => ({
    id,
    version: "1.1.0",
    mode: "Indexed",
    effect: "DeployIfNotExists",
    demands: `${what} sends its audit logs to the workspace, and names both category groups in the setting.`,
    parameters: { categoryGroup: "audit", resourceLocationList: ["*"], logAnalytics: workspaceId },
    if: allOf(
      typeIs(type),
      anyOf(
        { value: "[first(parameters('resourceLocationList'))]", equals: "*" },
        { field: "location", in: "[parameters('resourceLocationList')]" },
      ),
    ),
    details: {
      type: settings,
      existenceCondition: allOf(isEnabled("audit"), isEnabled("allLogs"), {
        field: `${settings}/workspaceId`,
        equals: "[parameters('logAnalytics')]",
      }),
    },
  }));
}

/** Definitions that send logs and metrics of storage accounts and their services to a workspace. */
function storageLogs({ settingName, workspaceId }: LogDestination): PolicyDefinition[] {
  const account = "Microsoft.Storage/storageAccounts";
  return [
    {
      id: "59759c62-9a22-4cdf-ae64-074495983fef",
      version: "4.0.0",
      type: account,
      mode: "Indexed" as const,
      what: "A storage account",
      hasLogs: false,
      metrics: true,
    },
    {
      id: "b4fe1a3b-0715-4c6c-a5ea-ffc33cf823cb",
      version: "4.0.0",
      type: `${account}/blobServices`,
      mode: "All" as const,
      what: "A blob service",
      hasLogs: true,
      metrics: true,
    },
    {
      id: "2fb86bf3-d221-43d1-96d1-2434af34eaa0",
      version: "4.0.1",
      type: `${account}/tableServices`,
      mode: "All" as const,
      what: "A table service",
      hasLogs: true,
      metrics: false,
    },
    {
      id: "25a70cc8-2bd4-47f1-90b6-1478e4662c96",
      version: "4.0.0",
      type: `${account}/fileServices`,
      mode: "All" as const,
      what: "A file service",
      hasLogs: true,
      metrics: true,
    },
    {
      id: "7bd000e3-37c7-4928-9f31-86c4b77c5c45",
      version: "4.0.1",
      type: `${account}/queueServices`,
      mode: "All" as const,
      what: "A queue service",
      hasLogs: true,
      metrics: false,
    },
  ].map(({ id, version, type, mode, what, hasLogs, metrics }) => ({
    id,
    version,
    mode,
    effect: "DeployIfNotExists",
    demands: `${what} sends its ${hasLogs ? "logs and metrics" : "metrics"} to the workspace.`,
    parameters: {
      profileName: settingName,
      logAnalytics: workspaceId,
      metricsEnabled: metrics,
      logsEnabled: true,
    },
    if: typeIs(type),
    details: {
      type: settings,
      name: "[parameters('profileName')]",
      existenceCondition: allOf(
        ...(hasLogs ? [{ field: `${settings}/logs.enabled`, equals: "[parameters('logsEnabled')]" }] : []),
        { field: `${settings}/metrics.enabled`, equals: "[parameters('metricsEnabled')]" },
        { field: `${settings}/workspaceId`, equals: "[parameters('logAnalytics')]" },
      ),
    },
  }));
}

/** Built-in definitions of the category Monitoring, and those of other categories that send logs to a workspace. */
export const monitoringDefinitions = (destination: LogDestination): PolicyDefinition[] => [
  ...workspaces,
  ...categoryGroupLogs(destination),
  ...storageLogs(destination),
];
