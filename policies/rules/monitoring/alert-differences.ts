import type { RequiredLogAlert, RequiredMetricAlert } from "../../allowlists/alerts.ts";
import { accountsHolding, dependsOn, resourcesOfType } from "../../azure/engine/resource-queries.ts";
import type { DeclaredResource } from "../../azure/engine/rule.ts";
import { idPaths, isIdOf } from "../../azure/engine/stack-values.ts";
import { types } from "../../azure/engine/type-tokens.ts";
import {
  formatValue,
  isEmpty,
  listItems,
  unknownValue,
  type Value,
  valueAt,
} from "../../azure/engine/value.ts";

/** Describes how an alert on a metric differs from what the list demands. */
export function describeMetricAlert(
  resources: DeclaredResource[],
  alert: DeclaredResource,
  required: RequiredMetricAlert,
): string[] {
  const scopes = resourcesOfType(resources, required.scope.type);
  const limit =
    typeof required.threshold === "function" ? scopes.map(required.threshold)[0] : required.threshold;
  const { dimension } = required;
  return [
    ...describeCommon(alert, required, limit),
    ...describeScope(alert, scopes, required.scope.idPath),
    ...expect(alert, "criteria.odataType", "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria"),
    ...expect(alert, "criteria.allOf.0.criterionType", "StaticThresholdCriterion"),
    ...expect(alert, "criteria.allOf.0.metricNamespace", required.namespace),
    ...expect(alert, "criteria.allOf.0.metricName", required.metric),
    ...expect(alert, "criteria.allOf.0.timeAggregation", required.aggregation),
    ...(dimension
      ? [
          ...expect(alert, "criteria.allOf.0.dimensions.0.name", dimension.name),
          ...expect(alert, "criteria.allOf.0.dimensions.0.operator", "Include"),
          ...expect(alert, "criteria.allOf.0.dimensions.0.values", dimension.values),
        ]
      : []),
    ...expectLength(alert, "criteria.allOf.0.dimensions", dimension ? 1 : 0),
  ];
}

/** Describes how an alert on logs differs from what the list demands. */
export function describeLogAlert(
  resources: DeclaredResource[],
  alert: DeclaredResource,
  required: RequiredLogAlert,
): string[] {
  return [
    ...describeCommon(alert, required, required.threshold),
    ...describeScope(alert, resourcesOfType(resources, types.workspace), idPaths.workspace),
    ...expect(alert, "kind", "LogAlert"),
    ...expect(alert, "criteria.allOf.0.timeAggregation", "Count"),
    ...expect(alert, "criteria.allOf.0.failingPeriods.numberOfEvaluationPeriods", 1),
    ...expect(alert, "criteria.allOf.0.failingPeriods.minFailingPeriodsToAlert", 1),
    ...describeQuery(resources, alert, required.query),
    ...["overrideQueryTimeRange", "muteActionsDuration", "criteria.allOf.0.dimensions"]
      .filter((path) => !isEmpty(valueAt(alert.properties, path)))
      .map((path) => `${path} is set; it must be absent.`),
  ];
}

/** Describes how the alert on the availability test differs from what the list demands. */
export function describeAvailabilityAlert(
  resources: DeclaredResource[],
  alert: DeclaredResource,
  required: { severity: number; failedLocationCount: number },
): string[] {
  const belongsToStack = (path: string, type: string, idPath: string) => {
    const id = valueAt(alert.properties, path);
    const own = resourcesOfType(resources, type);
    const isOwn =
      typeof id === "string"
        ? own.some((candidate) => isIdOf(candidate, idPath, id))
        : id === unknownValue && dependsOn(alert, "criteria", own);
    return isOwn ? [] : [`${path} is not that of the stack's own resource.`];
  };
  const scopes = valueAt(alert.properties, "scopes");
  const ids = ["criteria.webTestId", "criteria.componentId"].map((path) => valueAt(alert.properties, path));
  const areScopesOwn =
    [scopes, ...ids, ...(Array.isArray(scopes) ? scopes : [])].includes(unknownValue) ||
    JSON.stringify(scopes) === JSON.stringify(ids);
  return [
    ...describeEvaluation(alert, required),
    ...expect(alert, "criteria.odataType", "Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria"),
    ...belongsToStack("criteria.webTestId", types.availabilityTest, idPaths.availabilityTest),
    ...belongsToStack("criteria.componentId", types.insightsComponent, idPaths.insightsComponent),
    ...(areScopesOwn ? [] : ["scopes are not the test and its component."]),
    ...expectAtMost(alert, "criteria.failedLocationCount", required.failedLocationCount, 1),
  ];
}

/** What the alerts on metrics and on logs have. */
function describeCommon(alert: DeclaredResource, required: { severity: number }, limit: Value): string[] {
  return [
    ...describeEvaluation(alert, required),
    ...expectLength(alert, "criteria.allOf", 1),
    ...expect(alert, "criteria.allOf.0.operator", "GreaterThan"),
    ...expectAtMost(alert, "criteria.allOf.0.threshold", limit, 0),
  ];
}

/** What all kinds of alerts have. */
function describeEvaluation(alert: DeclaredResource, { severity }: { severity: number }): string[] {
  return [
    ...expect(alert, "enabled", true),
    ...expect(alert, "evaluationFrequency", "PT5M"),
    ...expect(alert, "windowSize", "PT15M"),
    ...expect(alert, "autoMitigate", true),
    ...expectAtMost(alert, "severity", severity, 0),
  ];
}

function describeScope(alert: DeclaredResource, scopes: DeclaredResource[], idPath: string): string[] {
  const items = listItems(valueAt(alert.properties, "scopes"));
  const [scope] = items;
  const isOwn =
    typeof scope === "string"
      ? items.length === 1 && scopes.some((candidate) => isIdOf(candidate, idPath, scope))
      : scope === unknownValue && dependsOn(alert, "scopes", scopes);
  const isUnknown = valueAt(alert.properties, "scopes") === unknownValue;
  return isOwn || (isUnknown && dependsOn(alert, "scopes", scopes))
    ? []
    : ["scopes does not name the stack's own resource alone."];
}

function describeQuery(resources: DeclaredResource[], alert: DeclaredResource, query: string): string[] {
  const nameOf = (purpose: "files" | "device-imports") =>
    accountsHolding(resources, purpose).map(({ properties }) => valueAt(properties, "accountName"))[0];
  const names = { "{files}": nameOf("files"), "{imports}": nameOf("device-imports") };
  const wanted = Object.entries(names).reduce(
    (text, [placeholder, name]) => (typeof name === "string" ? text.replaceAll(placeholder, name) : text),
    query,
  );
  const isKnown = !/\{(files|imports)\}/.test(wanted);
  return isKnown ? expect(alert, "criteria.allOf.0.query", wanted) : [];
}

function expect({ properties }: DeclaredResource, path: string, wanted: Value): string[] {
  const value = valueAt(properties, path);
  if (value === unknownValue || JSON.stringify(value) === JSON.stringify(wanted)) return [];
  return [`${path} is ${formatValue(value)}; it must be ${formatValue(wanted)}.`];
}

function expectLength({ properties }: DeclaredResource, path: string, length: number): string[] {
  const value = valueAt(properties, path);
  if (value === unknownValue || listItems(value).length === length) return [];
  return [`${path} has ${listItems(value).length} items; it must have ${length}.`];
}

function expectAtMost({ properties }: DeclaredResource, path: string, limit: Value, least: number): string[] {
  const value = valueAt(properties, path);
  if (value === unknownValue || typeof limit !== "number") return [];
  if (typeof value === "number" && value <= limit && value >= least) return [];
  return [`${path} is ${formatValue(value)}; it must be ${least} to ${limit}.`];
}
