import policy from "@pulumi/policy";
import type { Rule } from "./engine/rule.ts";
import { toPolicies } from "./engine/to-policies.ts";
import { isProviderType } from "./engine/type-tokens.ts";
import { withAzureRules } from "./rules.ts";

/*
 * What a pack of one program uses to put its own rules on top of this package's.
 */
export type { Adaptation } from "./engine/adapt-rule.ts";
export { allOf, requireProperty, requireValue } from "./engine/checks.ts";
export type { Check, DeclaredResource, ResourceRule, Rule, StackRule, Violation } from "./engine/rule.ts";
export { types } from "./engine/type-tokens.ts";
export { unknownValue, type Value, valueAt } from "./engine/value.ts";
export { type Adaptations, withAzureRules } from "./rules.ts";

/**
 * Starts a policy pack in this process, which Pulumi has started for it. Call it once.
 * @param name Name of the pack in Pulumi's messages.
 * @param rules Default: the rules of this package. For rules of your own see `withAzureRules`.
 */
export function startPolicyPack(name: string, rules: Rule[] = withAzureRules()): void {
  new policy.PolicyPack(name, {
    description: "What resources on Azure must be, before they are deployed.",
    enforcementLevel: "mandatory",
    policies: toPolicies(rules, isProviderType),
  });
}
