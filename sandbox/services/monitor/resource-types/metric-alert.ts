import { z } from "zod";
import { ArmError, NotInSandboxError } from "../../../resource-manager/arm-error.ts";
import { enforced, noEffect } from "../../../resource-manager/input-effect.ts";
import type { ResourceType } from "../../../resource-manager/resource-type.ts";
import type { Resource } from "../../../resource-manager/resources.ts";
import { flag, location, optional, tags, text, whole } from "../../../resource-manager/shared-inputs.ts";
import { metricDimensions, monitoredTypes } from "../monitor-catalog.ts";
import { checkActionGroups, checkWindow, findScopes } from "./alert-checks.ts";

const dimension = z.strictObject({
  name: text,
  operator: z.enum(["Include", "Exclude"]),
  values: z.array(text),
});

const measurement = {
  name: text,
  metricName: text,
  metricNamespace: text.optional(),
  dimensions: z.array(dimension).optional(),
  skipMetricValidation: flag.optional(),
  timeAggregation: z.enum(["Average", "Count", "Minimum", "Maximum", "Total"]),
};

const criterion = z.discriminatedUnion("criterionType", [
  z.strictObject({
    ...measurement,
    criterionType: z.literal("StaticThresholdCriterion"),
    operator: z.enum(["Equals", "GreaterThan", "GreaterThanOrEqual", "LessThan", "LessThanOrEqual"]),
    threshold: z.number(),
  }),
  z.strictObject({
    ...measurement,
    criterionType: z.literal("DynamicThresholdCriterion"),
    alertSensitivity: z.enum(["Low", "Medium", "High"]),
    failingPeriods: z.strictObject({
      minFailingPeriodsToAlert: whole.min(1),
      numberOfEvaluationPeriods: whole.min(1),
    }),
    ignoreDataBefore: text.optional(),
    operator: z.enum(["GreaterThan", "LessThan", "GreaterOrLessThan"]),
  }),
]);

const webTest = "Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria";
const singleResource = "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria";

const noNotices = "the sandbox notifies no receiver";
const evaluated = "`azure-sandbox alerts` evaluates the rule, over the metrics that the sandbox has";
const checkedOnly = "checked as in Azure; it has no effect in the sandbox";

interface Criterion {
  name: string;
  metricName: string;
  skipMetricValidation?: boolean;
  criterionType: string;
  dimensions?: { name: string }[];
}

interface Criteria {
  "odata.type": string;
  allOf?: Criterion[];
  webTestId?: string;
  componentId?: string;
  failedLocationCount?: number;
}

/** Microsoft.Insights/metricAlerts: checked as in Azure. ../alerts.ts evaluates them. */
export const metricAlert: ResourceType = {
  type: "Microsoft.Insights/metricAlerts",
  token: "azure-native:monitor:MetricAlert",
  apiVersion: "2018-03-01",
  path: "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Insights/metricAlerts/{ruleName}",
  autoName: "random",
  inputs: z.strictObject({
    location,
    criteria: enforced(
      z.strictObject({
        odataType: z.enum([
          singleResource,
          "Microsoft.Azure.Monitor.MultipleResourceMultipleMetricCriteria",
          webTest,
        ]),
        allOf: z.array(criterion).optional(),
        webTestId: text.optional(),
        componentId: text.optional(),
        failedLocationCount: z.number().optional(),
      }),
      evaluated,
    ),
    enabled: enforced(flag, evaluated),
    evaluationFrequency: noEffect(z.enum(["PT1M", "PT5M", "PT15M", "PT30M", "PT1H"]), checkedOnly),
    scopes: enforced(z.array(text).min(1), evaluated),
    severity: noEffect(whole.min(0).max(4), checkedOnly),
    windowSize: enforced(
      z.enum(["PT1M", "PT5M", "PT15M", "PT30M", "PT1H", "PT6H", "PT12H", "P1D"]),
      evaluated,
    ),
    tags: tags.optional(),
    ...optional({
      actions: noEffect(
        z.array(optional({ actionGroupId: text, webHookProperties: z.record(text, text) })),
        noNotices,
      ),
      autoMitigate: noEffect(flag, checkedOnly),
      description: noEffect(text, "a text for people"),
      targetResourceRegion: noEffect(text, checkedOnly),
      targetResourceType: noEffect(text, checkedOnly),
    }).shape,
  }),
  topLevel: ["location", "tags"],
  renames: { odataType: "odata.type" },
  replaceOn: ["location"],
  computed: ["isMigrated", "lastUpdatedTime"],
  regions: ["global"],

  check({ resource }, azure) {
    const { properties } = resource;
    const targets = findScopes(properties.scopes as string[], azure);
    checkWindow(properties.evaluationFrequency as string, properties.windowSize as string);
    const groups = ((properties.actions ?? []) as { actionGroupId?: string }[]).map(
      (each) => each.actionGroupId,
    );
    checkActionGroups(
      groups.filter((id) => id !== undefined),
      azure,
    );
    const criteria = properties.criteria as Criteria;
    if (criteria["odata.type"] === webTest) return checkWebTest(criteria, targets);
    const single = criteria["odata.type"] === singleResource;
    if (single && targets.length > 1) throw bad(`${singleResource} can have one scope only.`);
    const all = criteria.allOf ?? [];
    if (all.length === 0) throw bad("criteria.allOf must hold at least one criterion.");
    if (new Set(all.map(({ name }) => name)).size < all.length)
      throw bad("The names of criteria must differ.");
    for (const target of targets) {
      const supported = monitoredTypes[target.type];
      if (!supported || supported.metrics.length === 0)
        throw new NotInSandboxError(`metrics of ${target.type}`);
      for (const each of all) {
        if (single && each.criterionType !== "StaticThresholdCriterion") {
          throw bad(`${singleResource} can have static thresholds only.`);
        }
        checkDimensions(target.type, each);
        if (each.skipMetricValidation || supported.metrics.includes(each.metricName)) continue;
        throw bad(
          `Couldn't find a metric named ${each.metricName} of ${target.type}. Make sure the name is correct.`,
        );
      }
    }
  },

  complete({ resource }) {
    resource.properties = { autoMitigate: true, ...resource.properties };
  },
};

/** An alert on an availability test has two scopes: the test and its component. */
function checkWebTest(criteria: Criteria, targets: Resource[]): void {
  const { webTestId, componentId, failedLocationCount = 0 } = criteria;
  for (const [id, type] of [
    [webTestId, "Microsoft.Insights/webtests"],
    [componentId, "Microsoft.Insights/components"],
  ]) {
    const isScope = targets.some(
      (target) => target.type === type && target.id.toLowerCase() === id?.toLowerCase(),
    );
    if (!isScope) throw bad(`The scopes of ${webTest} must be its web test and component.`);
  }
  if (failedLocationCount < 1) throw bad("failedLocationCount must be at least 1.");
  if (criteria.allOf) throw bad(`${webTest} has no allOf.`);
}

function checkDimensions(type: string, { metricName, dimensions = [] }: Criterion): void {
  const known = metricDimensions[type]?.[metricName] ?? [];
  for (const { name } of dimensions) {
    if (!known.includes(name)) throw bad(`The metric ${metricName} of ${type} has no dimension ${name}.`);
  }
}

function bad(message: string): ArmError {
  return new ArmError(400, "BadRequest", message);
}
