import { z } from "zod";
import { ArmError } from "../../../resource-manager/arm-error.ts";
import { enforced, noEffect } from "../../../resource-manager/input-effect.ts";
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
import { parseQuery } from "../kusto/query.ts";
import { KustoError } from "../kusto/tokens.ts";
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

const noNotices = "the sandbox notifies no receiver";
const evaluated = "`azure-sandbox alerts` evaluates the rule";
const checkedOnly = "checked as in Azure; it has no effect in the sandbox";

interface Condition {
  query?: string;
  operator?: string;
  threshold?: number;
  timeAggregation?: string;
  metricMeasureColumn?: string;
  failingPeriods?: { minFailingPeriodsToAlert?: number; numberOfEvaluationPeriods?: number };
}

/** Microsoft.Insights/scheduledQueryRules: checked as in Azure. ../alerts.ts evaluates them. */
export const scheduledQueryRule: ResourceType = {
  type: "Microsoft.Insights/scheduledQueryRules",
  token: "azure-native:monitor:ScheduledQueryRule",
  apiVersion: "2025-01-01-preview",
  path: "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Insights/scheduledQueryRules/{ruleName}",
  autoName: "random",
  inputs: z.strictObject({
    location,
    criteria: enforced(optional({ allOf: z.array(condition).min(1) }), evaluated),
    scopes: enforced(z.array(text).length(1), evaluated),
    tags: tags.optional(),
    identity: identity.optional(),
    ...optional({
      actions: noEffect(
        optional({
          actionGroups: z.array(text).max(5),
          actionProperties: z.record(text, text),
          customProperties: z.record(text, text),
        }),
        noNotices,
      ),
      autoMitigate: noEffect(flag, checkedOnly),
      checkWorkspaceAlertsStorageConfigured: noEffect(flag, checkedOnly),
      description: noEffect(text, "a text for people"),
      displayName: noEffect(text, "a text for people"),
      enabled: enforced(flag, evaluated),
      evaluationFrequency: noEffect(duration, checkedOnly),
      kind: noEffect(z.literal("LogAlert"), checkedOnly),
      muteActionsDuration: noEffect(duration, checkedOnly),
      overrideQueryTimeRange: noEffect(duration, checkedOnly),
      resolveConfiguration: noEffect(optional({ autoResolved: flag, timeToResolve: duration }), checkedOnly),
      severity: noEffect(whole.min(0).max(4), checkedOnly),
      skipQueryValidation: noEffect(flag, checkedOnly),
      targetResourceTypes: noEffect(z.array(text), checkedOnly),
      windowSize: enforced(duration, evaluated),
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
      checkQuery(each.query);
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

/** Refuses `union` and `search`, as Azure does, and what the sandbox does not know, by name. */
function checkQuery(query: string): void {
  try {
    parseQuery(query);
  } catch (error) {
    if (error instanceof KustoError) throw bad(`The query is refused: ${error.message}.`);
    throw error;
  }
}

function bad(message: string): ArmError {
  return new ArmError(400, "BadRequest", message);
}
