import { z } from "zod";
import { ArmError } from "../../../resource-manager/arm-error.ts";
import { noEffect } from "../../../resource-manager/input-effect.ts";
import { allRegions } from "../../../resource-manager/regions.ts";
import type { ResourceType } from "../../../resource-manager/resource-type.ts";
import {
  duration,
  flag,
  identity,
  location,
  optional,
  tags,
  text,
  whole,
} from "../../../resource-manager/shared-inputs.ts";
import { checkActionGroups, checkWindow, findScopes } from "./alert-checks.ts";

const condition = optional({
  criterionType: z.literal("StaticThresholdCriterion"),
  dimensions: z.array(
    z.strictObject({ name: text, operator: z.enum(["Include", "Exclude"]), values: z.array(text) }),
  ),
  failingPeriods: optional({
    minFailingPeriodsToAlert: whole.min(1),
    numberOfEvaluationPeriods: whole.min(1).max(6),
  }),
  metricMeasureColumn: text,
  operator: z.enum(["Equals", "GreaterThan", "GreaterThanOrEqual", "LessThan", "LessThanOrEqual"]),
  query: text,
  resourceIdColumn: text,
  threshold: z.number(),
  timeAggregation: z.enum(["Count", "Average", "Minimum", "Maximum", "Total"]),
});

const noAlerts = "checked as in Azure, except the query itself; the sandbox fires no alert";

interface Condition {
  query?: string;
  operator?: string;
  threshold?: number;
  timeAggregation?: string;
  metricMeasureColumn?: string;
  failingPeriods?: { minFailingPeriodsToAlert?: number; numberOfEvaluationPeriods?: number };
}

/** Microsoft.Insights/scheduledQueryRules: checked as in Azure, except the query's text. The sandbox fires no alerts. */
export const scheduledQueryRule: ResourceType = {
  type: "Microsoft.Insights/scheduledQueryRules",
  token: "azure-native:monitor:ScheduledQueryRule",
  apiVersion: "2025-01-01-preview",
  path: "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Insights/scheduledQueryRules/{ruleName}",
  autoName: "random",
  inputs: z.strictObject({
    location,
    criteria: noEffect(optional({ allOf: z.array(condition).min(1) }), noAlerts),
    scopes: noEffect(z.array(text).length(1), noAlerts),
    tags: tags.optional(),
    identity: identity.optional(),
    ...optional({
      actions: noEffect(
        optional({
          actionGroups: z.array(text).max(5),
          actionProperties: z.record(text, text),
          customProperties: z.record(text, text),
        }),
        noAlerts,
      ),
      autoMitigate: noEffect(flag, noAlerts),
      checkWorkspaceAlertsStorageConfigured: noEffect(flag, noAlerts),
      description: noEffect(text, "a text for people"),
      displayName: noEffect(text, "a text for people"),
      enabled: noEffect(flag, noAlerts),
      evaluationFrequency: noEffect(duration, noAlerts),
      kind: noEffect(z.literal("LogAlert"), noAlerts),
      muteActionsDuration: noEffect(duration, noAlerts),
      overrideQueryTimeRange: noEffect(duration, noAlerts),
      resolveConfiguration: noEffect(optional({ autoResolved: flag, timeToResolve: duration }), noAlerts),
      severity: noEffect(whole.min(0).max(4), noAlerts),
      skipQueryValidation: noEffect(flag, noAlerts),
      targetResourceTypes: noEffect(z.array(text), noAlerts),
      windowSize: noEffect(duration, noAlerts),
    }).shape,
  }),
  topLevel: ["location", "tags", "identity", "kind"],
  replaceOn: ["location"],
  computed: [
    "createdWithApiVersion",
    "etag",
    "identity.principalId",
    "identity.tenantId",
    "isLegacyLogAnalyticsRule",
    "isWorkspaceAlertsStorageConfigured",
    "systemData",
  ],
  regions: allRegions,

  check({ resource: { properties } }, azure) {
    findScopes(properties.scopes as string[], azure);
    const { actionGroups } = (properties.actions ?? {}) as { actionGroups?: string[] };
    checkActionGroups(actionGroups ?? [], azure);
    // A LogAlert, the only kind in the sandbox, needs these. Other kinds do not.
    for (const name of ["severity", "evaluationFrequency", "windowSize"]) {
      if (properties[name] === undefined) throw bad(`The property '${name}' is required.`);
    }
    checkWindow(properties.evaluationFrequency as string, properties.windowSize as string);
    if (properties.autoMitigate === true && properties.muteActionsDuration !== undefined) {
      throw bad("autoMitigate and muteActionsDuration exclude each other.");
    }
    for (const each of ((properties.criteria as { allOf?: Condition[] }).allOf ?? []) as Condition[]) {
      if (!each.query?.trim()) throw bad("A condition needs a query.");
      if (!each.operator || each.threshold === undefined || !each.timeAggregation) {
        throw bad("A condition needs operator, threshold and timeAggregation.");
      }
      if (each.timeAggregation !== "Count" && !each.metricMeasureColumn) {
        throw bad(`The aggregation ${each.timeAggregation} needs metricMeasureColumn.`);
      }
      const { minFailingPeriodsToAlert = 1, numberOfEvaluationPeriods = 1 } = each.failingPeriods ?? {};
      if (minFailingPeriodsToAlert > numberOfEvaluationPeriods) {
        throw bad("minFailingPeriodsToAlert must not exceed numberOfEvaluationPeriods.");
      }
    }
  },

  complete({ resource }) {
    resource.kind ??= "LogAlert";
    resource.properties = { enabled: true, autoMitigate: true, ...resource.properties };
  },
};

function bad(message: string): ArmError {
  return new ArmError(400, "BadRequest", message);
}
