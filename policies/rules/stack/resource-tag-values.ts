import type { ResourceRule } from "../../azure/engine/rule.ts";
import { psRule } from "../../azure/engine/sources.ts";
import { stackOf } from "../../azure/engine/stack-name.ts";
import { formatValue, type Value, valueAt } from "../../azure/engine/value.ts";

export const resourceTagValues: ResourceRule = {
  id: "resource-tag-values",
  severity: "low",
  description: "The tags environment and application name the stack and the project.",
  reason: "Costs, alerts and clean-ups in Azure select resources by these two tags.",
  remedy: "Pass the component the tags that index.ts builds from the stack's settings.",
  sources: [psRule("AZR-000166", "Azure.Resource.UseTags")],
  check: ({ urn, properties }) => {
    const [, application] = urn.split("::");
    return [
      ...describeOther("environment", valueAt(properties, "tags.environment"), stackOf(urn)),
      ...describeOther("application", valueAt(properties, "tags.application"), application!),
    ];
  },
};

const describeOther = (name: string, value: Value, wanted: string): string[] =>
  typeof value !== "string" || value === wanted
    ? []
    : [`tags.${name} is ${formatValue(value)}; it must be "${wanted}".`];
