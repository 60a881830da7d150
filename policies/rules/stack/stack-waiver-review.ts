import type { DeclaredResource, StackRule, Violation } from "../../azure/engine/rule.ts";
import { microsoftLearn } from "../../azure/engine/sources.ts";
import { isComponentType } from "../../azure/engine/type-tokens.ts";
import { isOver, type Waiver, type WaiverUse } from "../../azure/engine/waivers.ts";

/** Names the rules of a waiver, ours and those of others. */
const rulesOf = ({ rules, references = [] }: Waiver): string => [...rules, ...references].join(", ");

/**
 * Reports waivers that are over, and those of rules of the pack that the stack does not need.
 * @param rules IDs of the pack's rules. It must come after them.
 */
export const stackWaiverReview = (waivers: Waiver[], rules: string[]): StackRule => ({
  id: "stack-waiver-review",
  severity: "medium",
  description: "The last day of a waiver is not over, and a waiver of a rule of the pack is needed.",
  reason:
    "A waiver was agreed for a time and a violation. Afterwards its reason may no longer be true, and it would accept what was not reviewed.",
  remedy: "Review the waiver, and change its date or remove it in policies/waivers.ts.",
  sources: [
    microsoftLearn(
      "Azure Policy exemption structure",
      "azure/governance/policy/concepts/exemption-structure",
    ),
  ],
  checkStack: (resources, _takeUnknownReads, waiverUse) => {
    const declared = resources.filter(({ type }) => !isComponentType(type));
    return [...expired(declared, waivers), ...unused(declared, rules, waiverUse)];
  },
});

const expired = (resources: DeclaredResource[], waivers: Waiver[]): Violation[] =>
  waivers
    .filter((waiver) => isOver(waiver, new Date()))
    .flatMap((waiver) =>
      resources
        .filter(({ name }) => waiver.resources.includes(name))
        .map((resource) => ({
          resource,
          problem: `the waiver of ${rulesOf(waiver)} expired on ${waiver.until}. Its owner is ${waiver.owner}.`,
        })),
    );

function unused(resources: DeclaredResource[], rules: string[], waiverUse: WaiverUse): Violation[] {
  const urns = resources.map(({ urn }) => urn);
  return waiverUse.findUnused(rules, urns).map(({ rule, urn, waiver }) => ({
    resource: resources.find((resource) => resource.urn === urn),
    problem: `the waiver of ${rule} is not used: the resource meets the rule. Its owner is ${waiver.owner}.`,
  }));
}
