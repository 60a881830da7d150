import { requiredValues } from "../../allowlists/property-values.ts";
import { requireProperty } from "../../azure/engine/checks.ts";
import type { ResourceRule } from "../../azure/engine/rule.ts";
import { microsoftLearn } from "../../azure/engine/sources.ts";

export const resourcePropertyValue: ResourceRule = {
  id: "resource-property-value",
  severity: "medium",
  description:
    "Properties have the values of policies/allowlists/property-values.ts, which says why for each.",
  reason: "Another value makes the fleet unreachable, changes a name that terminals know, or costs more.",
  remedy: "Set the value, or change policies/allowlists/property-values.ts with the reason.",
  sources: [microsoftLearn("Azure Resource Manager: resource reference", "azure/templates")],
  check: Object.fromEntries(
    Object.entries(requiredValues).map(([type, values]) => [
      type,
      (resource) =>
        values.flatMap(({ path, requirement, isAllowed, why }) =>
          requireProperty(path, `${requirement} (${why.replace(/\.$/, "")})`, isAllowed)(resource),
        ),
    ]),
  ),
};
