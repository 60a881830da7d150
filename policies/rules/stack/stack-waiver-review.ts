import type { StackRule } from "../../azure/engine/rule.ts";
import { microsoftLearn } from "../../azure/engine/sources.ts";
import { isComponentType } from "../../azure/engine/type-tokens.ts";
import { expiredWaivers } from "../../waivers.ts";

export const stackWaiverReview: StackRule = {
  id: "stack-waiver-review",
  severity: "low",
  description: "The review date of a waiver is not over.",
  reason: "A waiver was agreed for a time. Afterwards its reason may no longer be true.",
  remedy: "Review the waiver, and change its date or remove it in policies/waivers.ts.",
  sources: [
    microsoftLearn(
      "Azure Policy exemption structure",
      "azure/governance/policy/concepts/exemption-structure",
    ),
  ],
  isAdvisory: true,
  checkStack: (resources) =>
    expiredWaivers(new Date()).flatMap((waiver) =>
      resources
        .filter(({ name, type }) => waiver.resources.includes(name) && !isComponentType(type))
        .map((resource) => ({
          resource,
          problem: `the waiver of ${[...waiver.rules, ...(waiver.references ?? [])].join(", ")} expired on ${waiver.until}.`,
        })),
    ),
};
