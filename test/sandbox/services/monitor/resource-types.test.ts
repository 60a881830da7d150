import { afterAll, beforeAll, expect, test } from "vitest";
import type { Properties } from "../../../../sandbox/pulumi-providers/provider.ts";
import { startEngine } from "../../pulumi-providers/provider-client.ts";

let engine: Awaited<ReturnType<typeof startEngine>>;
let hubId: string;
let accountId: string;
let workspaceId: string;
let groupId: string;
let count = 0;

const create = (token: string, inputs: Properties) =>
  engine.native.create(`azure-native:${token}`, "example", inputs);
const inGroup = { resourceGroupName: "example" };

beforeAll(async () => {
  engine = await startEngine();
  await create("resources:ResourceGroup", { ...inGroup, location: "westeurope" });
  hubId = (
    await create("iothub:IotHubResource", { ...inGroup, resourceName: "example", sku: { name: "S1" } })
  ).id;
  accountId = (
    await create("storage:StorageAccount", {
      ...inGroup,
      accountName: "example",
      kind: "StorageV2",
      sku: { name: "Standard_LRS" },
    })
  ).id;
  workspaceId = (await create("operationalinsights:Workspace", { ...inGroup, workspaceName: "logs" })).id;
  groupId = (
    await create("monitor:ActionGroup", {
      ...inGroup,
      actionGroupName: "people",
      location: "global",
      enabled: true,
      groupShortName: "people",
    })
  ).id;
});

afterAll(() => engine.close());

const allLogs = { logs: [{ categoryGroup: "allLogs", enabled: true }] };

const setting = (changes: Properties) => ({
  name: `setting-${count++}`,
  resourceUri: hubId,
  workspaceId,
  ...changes,
});

test.each([
  ["no destination", () => ({ ...allLogs, workspaceId: "" }), /ResourceNotFound/],
  [
    "a workspace that does not exist",
    () => ({ ...allLogs, workspaceId: `${workspaceId}x` }),
    /ResourceNotFound/,
  ],
  [
    "a resource that does not exist",
    () => ({ ...allLogs, resourceUri: `${hubId}x` }),
    /ParentResourceNotFound/,
  ],
  [
    "a category that the type does not have",
    () => ({ logs: [{ category: "StorageRead", enabled: true }] }),
    /Connections/,
  ],
  [
    "a category group that the type does not have",
    () => ({ logs: [{ categoryGroup: "most", enabled: true }] }),
    /'most'/,
  ],
  [
    "a category and a group",
    () => ({ logs: [{ category: "Connections", categoryGroup: "audit", enabled: true }] }),
    /either a category or a categoryGroup/,
  ],
  [
    "categories beside groups",
    () => ({ logs: [{ category: "Connections", enabled: true }, ...allLogs.logs] }),
    /not both/,
  ],
  [
    "a metric category that the type does not have",
    () => ({ metrics: [{ category: "Capacity", enabled: true }] }),
    /AllMetrics/,
  ],
  [
    "nothing enabled",
    () => ({ logs: [{ category: "Connections", enabled: false }] }),
    /No category is enabled/,
  ],
  [
    "retention",
    () => ({ logs: [{ ...allLogs.logs[0], retentionPolicy: { enabled: true, days: 7 } }] }),
    /does not support retention/,
  ],
  ["logs of a storage account itself", () => ({ ...allLogs, resourceUri: accountId }), /not supported by/],
  ["a resource without logs", () => ({ ...allLogs, resourceUri: groupId }), /ResourceNotSupported/],
])("a diagnostic setting with %s is refused", async (_, changes, message) => {
  const inputs = setting(changes() as Properties);
  await expect(create("monitor:DiagnosticSetting", inputs)).rejects.toThrow(message);
});

test("a diagnostic setting without a destination is refused", async () => {
  const { workspaceId: _, ...without } = setting(allLogs);
  await expect(create("monitor:DiagnosticSetting", without)).rejects.toThrow(/At least one data sink/);
});

test("a second setting with the same category and destination is refused, and so is a sixth setting", async () => {
  const resourceUri = `${accountId}/blobServices/default`;
  await create("monitor:DiagnosticSetting", setting({ ...allLogs, resourceUri }));
  await expect(create("monitor:DiagnosticSetting", setting({ ...allLogs, resourceUri }))).rejects.toThrow(
    /Code="Conflict".*already used/,
  );
  for (const category of ["StorageRead", "StorageWrite", "StorageDelete"]) {
    await create("monitor:DiagnosticSetting", setting({ resourceUri, logs: [{ category, enabled: true }] }));
  }
  const metrics = [{ category: "Transaction", enabled: true }];
  await create("monitor:DiagnosticSetting", setting({ resourceUri, metrics }));
  const capacity = [{ category: "Capacity", enabled: true }];
  await expect(
    create("monitor:DiagnosticSetting", setting({ resourceUri, metrics: capacity })),
  ).rejects.toThrow(/at most five/);
});

const criterion = {
  criterionType: "StaticThresholdCriterion",
  name: "quota",
  metricName: "dailyMessageQuotaUsed",
  operator: "GreaterThan",
  threshold: 1,
  timeAggregation: "Maximum",
};

const alert = (changes: Properties = {}) => ({
  ...inGroup,
  ruleName: `alert-${count++}`,
  location: "global",
  enabled: true,
  severity: 2,
  evaluationFrequency: "PT5M",
  windowSize: "PT5M",
  scopes: [hubId],
  criteria: { odataType: "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria", allOf: [criterion] },
  ...changes,
});

const criteria = (...allOf: Properties[]) => ({
  criteria: { odataType: "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria", allOf },
});

test.each([
  ["a metric the type has not", () => criteria({ ...criterion, metricName: "moonPhase" }), /moonPhase/],
  ["two criteria of one name", () => criteria(criterion, criterion), /must differ/],
  ["no criterion", () => criteria(), /at least one criterion/],
  ["a scope that does not exist", () => ({ scopes: [`${hubId}x`] }), /scope .* was not found/],
  ["two scopes in single-resource criteria", () => ({ scopes: [hubId, hubId] }), /can have one scope only/],
  ["a window shorter than its frequency", () => ({ windowSize: "PT1M" }), /must not be longer/],
  [
    "an action group that does not exist",
    () => ({ actions: [{ actionGroupId: `${groupId}x` }] }),
    /action group/,
  ],
  ["a region", () => ({ location: "westeurope" }), /LocationNotAvailableForResourceType/],
  ["a severity of 5", () => ({ severity: 5 }), /'severity' is not valid/],
  [
    "a frequency of two minutes",
    () => ({ evaluationFrequency: "PT2M" }),
    /'evaluationFrequency' must be one of/,
  ],
  ["metrics of a type without", () => ({ scopes: [groupId] }), /NotInSandbox/],
])("a metric alert with %s is refused", async (_, changes, message) => {
  await expect(create("monitor:MetricAlert", alert(changes() as Properties))).rejects.toThrow(message);
});

test("a metric alert is stored with the REST API's names", async () => {
  const created = await create("monitor:MetricAlert", alert({ actions: [{ actionGroupId: groupId }] }));
  expect(engine.azure.resources.get(created.id)?.properties.criteria).toEqual({
    "odata.type": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
    allOf: [criterion],
  });
  expect(created.outputs.criteria).toEqual(alert().criteria);
});

const condition = {
  query: "AzureDiagnostics",
  operator: "GreaterThan",
  threshold: 0,
  timeAggregation: "Count",
};

const query = (changes: Properties = {}) => ({
  ...inGroup,
  ruleName: `query-${count++}`,
  scopes: [workspaceId],
  severity: 2,
  evaluationFrequency: "PT5M",
  windowSize: "PT10M",
  criteria: { allOf: [condition] },
  ...changes,
});

test.each([
  ["no query", () => ({ criteria: { allOf: [{ ...condition, query: " " }] } }), /needs a query/],
  ["no threshold", () => ({ criteria: { allOf: [{ query: "x" }] } }), /needs operator, threshold/],
  [
    "an average of nothing",
    () => ({ criteria: { allOf: [{ ...condition, timeAggregation: "Average" }] } }),
    /metricMeasureColumn/,
  ],
  [
    "more failing periods than there are",
    () => ({ criteria: { allOf: [{ ...condition, failingPeriods: { minFailingPeriodsToAlert: 2 } }] } }),
    /minFailingPeriodsToAlert/,
  ],
  ["a window shorter than its frequency", () => ({ windowSize: "PT1M" }), /must not be longer/],
  ["muting and resolving", () => ({ autoMitigate: true, muteActionsDuration: "PT1H" }), /exclude each other/],
  ["a workspace that does not exist", () => ({ scopes: [`${workspaceId}x`] }), /was not found/],
  ["an action group that does not exist", () => ({ actions: { actionGroups: ["/x"] } }), /action group/],
  ["a duration in words", () => ({ windowSize: "ten minutes" }), /'windowSize' is not valid/],
])("a query alert with %s is refused", async (_, changes, message) => {
  await expect(create("monitor:ScheduledQueryRule", query(changes() as Properties))).rejects.toThrow(message);
});

test.each([
  ["a short name of 13 letters", { groupShortName: "a".repeat(13) }, /'groupShortName' is not valid/],
  [
    "an address that is none",
    { emailReceivers: [{ name: "a", emailAddress: "a" }] },
    /emailAddress' is not valid/,
  ],
  [
    "two receivers of one name",
    {
      emailReceivers: [{ name: "A", emailAddress: "a@example.com" }],
      smsReceivers: [{ name: "a", countryCode: "47", phoneNumber: "12345678" }],
    },
    /DuplicateReceiverName/,
  ],
  ["a region that does not process it", { location: "westeurope" }, /LocationNotAvailableForResourceType/],
])("an action group with %s is refused", async (_, changes, message) => {
  const inputs = { ...inGroup, location: "global", enabled: true, groupShortName: "x", ...changes };
  await expect(create("monitor:ActionGroup", inputs as Properties)).rejects.toThrow(message);
});
