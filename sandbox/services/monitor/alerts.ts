import type { AzureEnvironment } from "../../core/azure-environment.ts";
import { durationMs } from "../../resource-manager/duration.ts";
import type { Resource } from "../../resource-manager/resources.ts";
import { parseQuery } from "./kusto/query.ts";
import type { MetricValue, MonitorData } from "./monitor-data.ts";

/** What an alert rule finds at the moment. */
export interface AlertState {
  /** Name of the rule. */
  name: string;
  severity: number;
  /** The value that is compared with the threshold: the largest one of several conditions or series. */
  value: number;
  isFiring: boolean;
}

/**
 * Evaluates all enabled alert rules over their windows, which end now. The sandbox notifies no receiver. It runs no
 * availability tests, so it leaves the alerts on them out.
 */
export function evaluateAlerts(azure: AzureEnvironment, data: MonitorData): AlertState[] {
  const rules = (type: string) =>
    azure.resources
      .list(`Microsoft.Insights/${type}`)
      .filter(({ properties }) => properties.enabled === true);
  return [
    ...rules("metricAlerts")
      .filter(({ properties }) => (properties.criteria as { allOf?: unknown }).allOf !== undefined)
      .map((rule) => evaluateMetricRule(rule, azure, data)),
    ...rules("scheduledQueryRules").map((rule) => evaluateQueryRule(rule, azure, data)),
  ];
}

interface Condition {
  operator: string;
  threshold: number;
  timeAggregation: string;
  query?: string;
  metricMeasureColumn?: string;
  metricName?: string;
  dimensions?: { name: string; operator: "Include" | "Exclude"; values: string[] }[];
}

function evaluateQueryRule(
  { name, properties }: Resource,
  azure: AzureEnvironment,
  data: MonitorData,
): AlertState {
  const nowMs = azure.clock.now();
  const sinceMs = nowMs - durationMs(properties.windowSize as string);
  const [scope] = properties.scopes as string[];
  const workspace = String(azure.resources.get(scope ?? "")?.properties.customerId);
  const conditions = (properties.criteria as { allOf: Condition[] }).allOf;
  const values = conditions.map(({ query = "", timeAggregation, metricMeasureColumn }) => {
    const { table, run } = parseQuery(query);
    const lines = run(data.readLog(table, { sinceMs, workspace }), nowMs);
    if (timeAggregation === "Count") return lines.length;
    return aggregate(
      timeAggregation,
      lines.map((line) => Number(line[metricMeasureColumn ?? ""])),
    );
  });
  return toState(name, properties, conditions, values);
}

function evaluateMetricRule(
  { name, properties }: Resource,
  azure: AzureEnvironment,
  data: MonitorData,
): AlertState {
  const sinceMs = azure.clock.now() - durationMs(properties.windowSize as string);
  const conditions = (properties.criteria as { allOf: Condition[] }).allOf;
  const values = conditions.map(({ metricName = "", timeAggregation, dimensions = [] }) => {
    const [scope] = properties.scopes as string[];
    const found = data
      .readMetric(scope ?? "", metricName, sinceMs)
      .filter((value) => matches(value, dimensions));
    // Each combination of the rule's dimensions is a series of its own.
    const series = Map.groupBy(found, (value) =>
      JSON.stringify(dimensions.map(({ name }) => value.dimensions[name])),
    );
    const results = [...series.values()].map((each) =>
      aggregate(
        timeAggregation,
        each.map(({ value }) => value),
      ),
    );
    return Math.max(0, ...results);
  });
  return toState(name, properties, conditions, values);
}

function matches({ dimensions }: MetricValue, wanted: NonNullable<Condition["dimensions"]>): boolean {
  return wanted.every(({ name, operator, values }) => {
    const isListed = values.includes("*") || values.includes(dimensions[name] ?? "");
    return operator === "Include" ? isListed : !isListed;
  });
}

function aggregate(kind: string, values: number[]): number {
  if (values.length === 0) return 0;
  const total = values.reduce((sum, value) => sum + value, 0);
  if (kind === "Total") return total;
  if (kind === "Count") return values.length;
  if (kind === "Average") return total / values.length;
  return kind === "Minimum" ? Math.min(...values) : Math.max(...values);
}

const comparisons: Record<string, (value: number, threshold: number) => boolean> = {
  Equals: (value, threshold) => value === threshold,
  GreaterThan: (value, threshold) => value > threshold,
  GreaterThanOrEqual: (value, threshold) => value >= threshold,
  LessThan: (value, threshold) => value < threshold,
  LessThanOrEqual: (value, threshold) => value <= threshold,
};

/** An alert fires when all its conditions are met. */
function toState(
  name: string,
  properties: Resource["properties"],
  conditions: Condition[],
  values: number[],
): AlertState {
  const isMet = ({ operator, threshold }: Condition, index: number) =>
    comparisons[operator]?.(values[index] ?? 0, threshold) ?? false;
  return {
    name,
    severity: properties.severity as number,
    value: Math.max(...values),
    isFiring: conditions.every(isMet),
  };
}
