import { expect, test } from "vitest";
import { Observability, type ObservabilityArgs } from "../../components/observability.ts";
import { countTypes, type DeclaredResource, deploy, find } from "./deployment.ts";

const group = "/subscriptions/s/resourceGroups/g/providers";
const args: ObservabilityArgs = {
  resourceGroupName: "rg-terminals-dev",
  location: "westeurope",
  workspaceName: "log-terminals-dev",
  actionGroupName: "ag-terminals-dev",
  availabilityResultsName: "appi-terminals-dev",
  availabilityTestName: "webtest-flow-dev",
  alertName: (purpose) => `alert-${purpose}-dev`,
  retentionDays: 45,
  alertEmails: ["one@example.com", "two@example.com"],
  hub: { id: `${group}/Microsoft.Devices/IotHubs/hub`, sku: "S2", units: 2 },
  filesAccountId: `${group}/Microsoft.Storage/storageAccounts/files`,
  importsAccountId: `${group}/Microsoft.Storage/storageAccounts/imports`,
  auditAccountId: `${group}/Microsoft.Storage/storageAccounts/audit`,
  keysAccountId: `${group}/Microsoft.Storage/storageAccounts/keys`,
  flowServiceId: `${group}/Microsoft.ApiManagement/service/flow`,
  flowUrl: "https://apim-flow-dev.azure-api.net/flow",
  tags: { owner: "example" },
};
const deployLogs = () => deploy(() => new Observability("logs", args));
const settings = (resources: DeclaredResource[]) =>
  resources.filter(({ type }) => type.endsWith(":DiagnosticSetting"));

test("declares one workspace, a diagnostic setting for each source of logs, and the alerts", async () => {
  const { resources } = await deployLogs();
  expect(countTypes(resources)).toEqual({
    "terminal-fleet:components:Observability": 1,
    "terminal-fleet:components:Alerts": 1,
    "azure-native:operationalinsights:Workspace": 1,
    "azure-native:monitor:DiagnosticSetting": 11,
    "azure-native:monitor:ActionGroup": 1,
    "terminal-fleet:components:AvailabilityTest": 1,
    "azure-native:applicationinsights:Component": 1,
    "azure-native:applicationinsights:WebTest": 1,
    "azure-native:monitor:MetricAlert": 5,
    "azure-native:monitor:ScheduledQueryRule": 5,
  });
  expect(find(resources, "logs-workspace").inputs).toEqual({
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

test("sends all logs and metrics to the workspace", async () => {
  const { resources } = await deployLogs();
  const workspaceId = find(resources, "logs-workspace").id;
  const allLogs = [{ categoryGroup: "allLogs", enabled: true }];
  const allMetrics = [{ category: "AllMetrics", enabled: true }];
  const storageMetrics = ["Transaction", "Capacity"].map((category) => ({ category, enabled: true }));
  const setting = { name: "terminal-fleet", workspaceId };
  expect(settings(resources).map(({ inputs }) => inputs)).toEqual(
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

test("an alert fires at 80 % of the messages a day that tier and units allow", async () => {
  const { resources } = await deployLogs();
  expect(find(resources, "logs-alerts-hub-near-quota").inputs).toEqual({
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
    actions: [{ actionGroupId: find(resources, "logs-alerts-people").id }],
    tags: { owner: "example" },
  });
});

test("alerts on logs cover throttling, rejected keys and two machines with one key, each with a query on one table", async () => {
  const { resources } = await deployLogs();
  const queries = resources.filter(({ type }) => type.endsWith(":ScheduledQueryRule"));
  expect(queries.map(({ name }) => name).sort()).toEqual([
    "logs-alerts-file-keys-refused",
    "logs-alerts-hub-connections-refused",
    "logs-alerts-hub-throttles-operators",
    "logs-alerts-hub-two-machines-one-key",
    "logs-alerts-import-keys-refused",
  ]);
  // azure-monitor/alerts/alerts-log-query: rules with `search` or `union` are not supported.
  for (const { inputs } of queries) expect(JSON.stringify(inputs.criteria)).not.toMatch(/\b(union|search)\b/);
  expect(find(resources, "logs-alerts-hub-two-machines-one-key").inputs).toEqual({
    resourceGroupName: "rg-terminals-dev",
    ruleName: "alert-hub-two-machines-one-key-dev",
    location: "westeurope",
    kind: "LogAlert",
    description: expect.stringContaining("400027"),
    enabled: true,
    severity: 2,
    scopes: [find(resources, "logs-workspace").id],
    evaluationFrequency: "PT5M",
    windowSize: "PT15M",
    autoMitigate: true,
    skipQueryValidation: true,
    criteria: {
      allOf: [
        {
          query:
            'AzureDiagnostics | where ResourceProvider == "MICROSOFT.DEVICES" and Category == "Connections" and OperationName == "deviceDisconnect" | where ResultType in ("400027") | extend terminal = tostring(parse_json(properties_s).deviceId) | summarize takeovers = count() by terminal | where takeovers > 3',
          timeAggregation: "Count",
          operator: "GreaterThan",
          threshold: 0,
          failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 },
        },
      ],
    },
    actions: { actionGroups: [find(resources, "logs-alerts-people").id] },
    tags: { owner: "example" },
  });
});

test("the alert on refused connections counts distinct terminals that connect", async () => {
  const { resources } = await deployLogs();
  expect(find(resources, "logs-alerts-hub-connections-refused").inputs.criteria).toMatchObject({
    allOf: [
      {
        query:
          'AzureDiagnostics | where ResourceProvider == "MICROSOFT.DEVICES" and Category == "Connections" and OperationName == "deviceConnect" | where ResultType in ("401003", "403012") | extend terminal = tostring(parse_json(properties_s).deviceId) | distinct terminal',
        threshold: 5,
      },
    ],
  });
});

// supported-metrics/microsoft-apimanagement-service-metrics: the metric exists without a line in any table.
test.each([
  ["flow-keys-refused", ["401"], 40, 2],
  ["flow-lookups-fail", ["503", "504"], 5, 1],
])(
  "%s is an alert on the gateway's number of answers with %j",
  async (purpose, values, threshold, severity) => {
    const { resources } = await deployLogs();
    expect(find(resources, `logs-alerts-${purpose}`).inputs).toMatchObject({
      location: "global",
      severity,
      scopes: [args.flowServiceId],
      criteria: {
        odataType: "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
        allOf: [
          {
            criterionType: "StaticThresholdCriterion",
            name: purpose,
            metricNamespace: "Microsoft.ApiManagement/service",
            metricName: "Requests",
            dimensions: [{ name: "GatewayResponseCode", operator: "Include", values }],
            timeAggregation: "Total",
            operator: "GreaterThan",
            threshold,
          },
        ],
      },
    });
  },
);

test.each([
  ["file-keys-refused", "files", 20],
  ["import-keys-refused", "imports", 5],
])(
  "%s counts the rejected requests of the %s account only, with the status as text",
  async (purpose, account, threshold) => {
    const { resources } = await deployLogs();
    expect(find(resources, `logs-alerts-${purpose}`).inputs.criteria).toMatchObject({
      allOf: [
        { query: `StorageBlobLogs | where AccountName == "${account}" and StatusCode == "403"`, threshold },
      ],
    });
  },
);

test("alerts are sent to every e-mail address of the settings", async () => {
  const { resources } = await deployLogs();
  expect(find(resources, "logs-alerts-people").inputs).toEqual({
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

test("an availability test calls the gateway without keys from five places, and expects a refusal", async () => {
  const { resources } = await deployLogs();
  const component = find(resources, "logs-availability-results");
  expect(component.inputs).toMatchObject({
    resourceName: "appi-terminals-dev",
    location: "westeurope",
    workspaceResourceId: find(resources, "logs-workspace").id,
    tags: { owner: "example" },
  });
  expect(find(resources, "logs-availability-test").inputs).toMatchObject({
    webTestName: "webtest-flow-dev",
    syntheticMonitorId: "webtest-flow-dev",
    webTestKind: "standard",
    enabled: true,
    frequency: 300,
    locations: expect.objectContaining({ length: 5 }),
    request: {
      requestUrl: "https://apim-flow-dev.azure-api.net/flow/health",
      httpVerb: "GET",
      followRedirects: false,
      parseDependentRequests: false,
    },
    validationRules: {
      expectedHttpStatusCode: 401,
      ignoreHttpStatusCode: false,
      contentValidation: {
        contentMatch: "unknown terminal or key",
        ignoreCase: false,
        passIfTextFound: true,
      },
      sSLCheck: true,
      sSLCertRemainingLifetimeCheck: 7,
    },
    tags: { owner: "example", [`hidden-link:${component.id}`]: "Resource" },
  });
});

test("an alert fires when two places cannot call the gateway", async () => {
  const { resources } = await deployLogs();
  const [testId, componentId] = ["logs-availability-test", "logs-availability-results"].map(
    (name) => find(resources, name).id,
  );
  expect(find(resources, "logs-alerts-flow-unavailable").inputs).toMatchObject({
    ruleName: "alert-flow-unavailable-dev",
    location: "global",
    enabled: true,
    severity: 1,
    scopes: [testId, componentId],
    criteria: {
      odataType: "Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria",
      webTestId: testId,
      componentId,
      failedLocationCount: 2,
    },
    actions: [{ actionGroupId: find(resources, "logs-alerts-people").id }],
  });
});
