import type { StackRule } from "../../azure/engine/rule.ts";
import { microsoftLearn } from "../../azure/engine/sources.ts";

/** Must come after the rules whose violations it reports. */
export const stackWaivedViolations: StackRule = {
  id: "stack-waived-violations",
  severity: "low",
  description: "A reviewer sees each violation that a waiver accepts.",
  reason: "A waived violation does not stop a deployment, and would otherwise not be visible.",
  remedy: "Check that the reason of the waiver in policies/waivers.ts is still true.",
  sources: [
    microsoftLearn(
      "Azure Policy exemption structure",
      "azure/governance/policy/concepts/exemption-structure",
    ),
  ],
  isAdvisory: true,
  checkStack: (resources, _takeUnknownReads, waiverUse) =>
    waiverUse.violations.map(({ rule, resource, waiver }) => ({
      resource: resources.find(({ name }) => name === resource),
      problem: `${rule} is waived until ${waiver.until} by ${waiver.owner}: ${waiver.reason}`,
    })),
};
