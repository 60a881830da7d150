import { expect, test } from "vitest";
import { Observability, type ObservabilityArgs } from "../../components/observability.ts";
import { type Asked, counts, deploy, find } from "./deployment.ts";

const group = "/subscriptions/s/resourceGroups/g/providers";
const args: ObservabilityArgs = {
  resourceGroupName: "rg-terminals-dev",
  location: "westeurope",
  workspaceName: "log-terminals-dev",
  actionGroupName: "ag-terminals-dev",
  alertName: (purpose) => `alert-${purpose}-dev`,
  retentionDays: 45,
  alertEmails: ["one@example.com", "two@example.com"],
  hub: { id: `${group}/Microsoft.Devices/IotHubs/hub`, sku: "S2", units: 2 },
  filesAccountId: `${group}/Microsoft.Storage/storageAccounts/files`,
  importsAccountId: `${group}/Microsoft.Storage/storageAccounts/imports`,
  auditAccountId: `${group}/Microsoft.Storage/storageAccounts/audit`,
  keysAccountId: `${group}/Microsoft.Storage/storageAccounts/keys`,
  flowServiceId: `${group}/Microsoft.ApiManagement/service/flow`,
  tags: { owner: "example" },
};
const deployed = () => deploy(() => new Observability("logs", args));
const settings = (asked: Asked[]) => asked.filter(({ type }) => type.endsWith(":DiagnosticSetting"));

test("one workspace, a diagnostic setting for each thing that takes one, and the alerts", async () => {
  const { asked } = await deployed();
  expect(counts(asked)).toEqual({
    "terminal-fleet:components:Observability": 1,
    "terminal-fleet:components:Alerts": 1,
    "azure-native:operationalinsights:Workspace": 1,
    "azure-native:monitor:DiagnosticSetting": 11,
    "azure-native:monitor:ActionGroup": 1,
    "azure-native:monitor:MetricAlert": 2,
    "azure-native:monitor:ScheduledQueryRule": 6,
  });
  expect(find(asked, "logs-workspace").inputs).toEqual({
    resourceGroupName: "rg-terminals-dev",
    workspaceName: "log-terminals-dev",
    location: "westeurope",
    sku: { name: "PerGB2018" },
    retentionInDays: 45,
    features: { disableLocalAuth: true, enableLogAccessUsingOnlyResourcePermissions: true },
    publicNetworkAccessForIngestion: "Enabled",
    publicNetworkAccessForQuery: "Enabled",
    tags: { owner: "example" },
  });
});

test("all logs and metrics go to the workspace", async () => {
  const { asked } = await deployed();
  const workspaceId = find(asked, "logs-workspace").id;
  const allLogs = [{ categoryGroup: "allLogs", enabled: true }];
  const allMetrics = [{ category: "AllMetrics", enabled: true }];
  const storageMetrics = ["Transaction", "Capacity"].map((category) => ({ category, enabled: true }));
  const setting = { name: "terminal-fleet", workspaceId };
  expect(settings(asked).map(({ inputs }) => inputs)).toEqual(
    expect.arrayContaining([
      { ...setting, resourceUri: args.hub.id, logs: allLogs, metrics: allMetrics },
      { ...setting, resourceUri: args.filesAccountId, metrics: storageMetrics },
      {
        ...setting,
        resourceUri: `${args.filesAccountId}/blobServices/default`,
        logs: allLogs,
        metrics: storageMetrics,
      },
      { ...setting, resourceUri: args.importsAccountId, metrics: storageMetrics },
      {
        ...setting,
        resourceUri: `${args.importsAccountId}/blobServices/default`,
        logs: allLogs,
        metrics: storageMetrics,
      },
      { ...setting, resourceUri: args.auditAccountId, metrics: storageMetrics },
      {
        ...setting,
        resourceUri: `${args.auditAccountId}/blobServices/default`,
        logs: allLogs,
        metrics: storageMetrics,
      },
      { ...setting, resourceUri: args.keysAccountId, metrics: storageMetrics },
      {
        ...setting,
        resourceUri: `${args.keysAccountId}/tableServices/default`,
        logs: allLogs,
        metrics: storageMetrics,
      },
      {
        ...setting,
        resourceUri: args.flowServiceId,
        logAnalyticsDestinationType: "Dedicated",
        logs: allLogs,
        metrics: allMetrics,
      },
      { ...setting, resourceUri: workspaceId, logs: allLogs, metrics: allMetrics },
    ]),
  );
});

test("a hub near its quota: 80 % of what its tier and units allow in a day", async () => {
  const { asked } = await deployed();
  expect(find(asked, "logs-alerts-hub-near-quota").inputs).toEqual({
    resourceGroupName: "rg-terminals-dev",
    ruleName: "alert-hub-near-quota-dev",
    location: "global",
    description: "The hub has used 80 % of today's messages: add units before it refuses terminals.",
    enabled: true,
    severity: 2,
    scopes: [args.hub.id],
    evaluationFrequency: "PT5M",
    windowSize: "PT15M",
    autoMitigate: true,
    criteria: {
      odataType: "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
      allOf: [
        {
          criterionType: "StaticThresholdCriterion",
          name: "hub-near-quota",
          metricNamespace: "Microsoft.Devices/IotHubs",
          metricName: "dailyMessageQuotaUsed",
          timeAggregation: "Maximum",
          operator: "GreaterThan",
          threshold: 9_600_000,
        },
      ],
    },
    actions: [{ actionGroupId: find(asked, "logs-alerts-people").id }],
    tags: { owner: "example" },
  });
});

test("throttling, refused keys and failing lookups are watched in the logs", async () => {
  const { asked } = await deployed();
  const queries = asked.filter(({ type }) => type.endsWith(":ScheduledQueryRule"));
  expect(queries.map(({ name }) => name).sort()).toEqual([
    "logs-alerts-file-keys-refused",
    "logs-alerts-flow-keys-refused",
    "logs-alerts-flow-lookups-fail",
    "logs-alerts-hub-connections-refused",
    "logs-alerts-hub-throttles-operators",
    "logs-alerts-import-keys-refused",
  ]);
  expect(find(asked, "logs-alerts-flow-lookups-fail").inputs).toEqual({
    resourceGroupName: "rg-terminals-dev",
    ruleName: "alert-flow-lookups-fail-dev",
    location: "westeurope",
    kind: "LogAlert",
    description: "The gateway cannot look terminals up, so it lets no call through.",
    enabled: true,
    severity: 1,
    scopes: [find(asked, "logs-workspace").id],
    evaluationFrequency: "PT5M",
    windowSize: "PT15M",
    autoMitigate: true,
    skipQueryValidation: true,
    criteria: {
      allOf: [
        {
          query: 'ApiManagementGatewayLogs | where ApiId == "flow" and ResponseCode == 503',
          timeAggregation: "Count",
          operator: "GreaterThan",
          threshold: 5,
          failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 },
        },
      ],
    },
    actions: { actionGroups: [find(asked, "logs-alerts-people").id] },
    tags: { owner: "example" },
  });
});

test.each([
  ["file-keys-refused", "files", 20],
  ["import-keys-refused", "imports", 5],
])(
  "%s counts what the %s account refuses, and no other account, by a status that is text",
  async (purpose, account, threshold) => {
    const { asked } = await deployed();
    expect(find(asked, `logs-alerts-${purpose}`).inputs.criteria).toMatchObject({
      allOf: [
        { query: `StorageBlobLogs | where AccountName == "${account}" and StatusCode == "403"`, threshold },
      ],
    });
  },
);

test("everybody in the settings is told", async () => {
  const { asked } = await deployed();
  expect(find(asked, "logs-alerts-people").inputs).toEqual({
    resourceGroupName: "rg-terminals-dev",
    actionGroupName: "ag-terminals-dev",
    location: "global",
    groupShortName: "terminals",
    enabled: true,
    emailReceivers: args.alertEmails.map((emailAddress) => ({
      name: emailAddress,
      emailAddress,
      useCommonAlertSchema: true,
    })),
    tags: { owner: "example" },
  });
});
