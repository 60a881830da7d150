import { type Effects, identity, inert, location, tags } from "./effect.ts";

const noLogs = "checked as Azure does, but no log is sent or kept, as the page on fidelity says";
const noAlerts = "checked as Azure does, but no alert is fired, as the page on fidelity says";
const nobodyTold = "checked as Azure does, but nobody is notified, as the page on fidelity says";

export const monitoringEffects: Record<string, Effects> = {
  "azure-native:operationalinsights:Workspace": {
    ...location,
    ...tags,
    ...identity,
    ...inert(
      noLogs,
      "features",
      "forceCmkForQuery",
      "publicNetworkAccessForIngestion",
      "publicNetworkAccessForQuery",
      "retentionInDays",
      "sku",
      "workspaceCapping",
    ),
  },
  "azure-native:monitor:DiagnosticSetting": inert(
    noLogs,
    "eventHubAuthorizationRuleId",
    "eventHubName",
    "logAnalyticsDestinationType",
    "logs",
    "metrics",
    "storageAccountId",
    "workspaceId",
  ),
  "azure-native:monitor:MetricAlert": {
    ...location,
    ...tags,
    ...inert(
      noAlerts,
      "actions",
      "autoMitigate",
      "criteria",
      "description",
      "enabled",
      "evaluationFrequency",
      "scopes",
      "severity",
      "targetResourceRegion",
      "targetResourceType",
      "windowSize",
    ),
  },
  "azure-native:monitor:ScheduledQueryRule": {
    ...location,
    ...tags,
    ...identity,
    ...inert(
      noAlerts,
      "actions",
      "autoMitigate",
      "checkWorkspaceAlertsStorageConfigured",
      "criteria",
      "description",
      "displayName",
      "enabled",
      "evaluationFrequency",
      "kind",
      "muteActionsDuration",
      "overrideQueryTimeRange",
      "resolveConfiguration",
      "scopes",
      "severity",
      "skipQueryValidation",
      "targetResourceTypes",
      "windowSize",
    ),
  },
  "azure-native:monitor:ActionGroup": {
    ...location,
    ...tags,
    ...inert(
      nobodyTold,
      "armRoleReceivers",
      "emailReceivers",
      "enabled",
      "groupShortName",
      "smsReceivers",
      "webhookReceivers",
    ),
  },
};
