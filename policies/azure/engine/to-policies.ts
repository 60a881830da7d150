import type { Policy, ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import { Evaluation } from "./evaluation.ts";
import { printable } from "./printable.ts";
import { recordViolation } from "./record-violation.ts";
import {
  describeProblem,
  isStackRule,
  type Problem,
  type ResourceRule,
  type Rule,
  type StackRule,
} from "./rule.ts";
import { type Waiver, WaiverUse } from "./waivers.ts";

/**
 * Converts rules to policies of Pulumi's policy SDK, in their order.
 * @param isAllowedType Whether the program may declare a type, which is given without its API version.
 * @param waivers Accept violations of their rules by their resources. Default: none.
 */
export function toPolicies(
  rules: Rule[],
  isAllowedType: (type: string) => boolean,
  waivers: Waiver[] = [],
): (ResourceValidationPolicy | StackValidationPolicy)[] {
  const evaluation = new Evaluation(isAllowedType);
  const waiverUse = new WaiverUse(waivers, (name) => evaluation.hasUnknownReads(name));
  return rules.map((rule) =>
    isStackRule(rule)
      ? toStackPolicy(rule, evaluation, waiverUse)
      : toResourcePolicy(rule, evaluation, waiverUse),
  );
}

function toResourcePolicy(
  rule: ResourceRule,
  evaluation: Evaluation,
  waiverUse: WaiverUse,
): ResourceValidationPolicy {
  const { check, settings } = rule;
  return {
    ...toPolicy(rule),
    ...(settings ? { configSchema: { properties: settings } } : {}),
    validateResource: (args, report) => {
      const resource = evaluation.readResource(args);
      if (resource.isExcluded !== (rule.checksExcluded ?? false)) return;
      const applicable = typeof check === "function" ? check : check[resource.type];
      for (const problem of applicable?.(resource, settings ? args.getConfig() : {}) ?? []) {
        const waiver = waiverUse.find(rule.id, args.urn);
        recordViolation(rule, args.urn, problem, waiver);
        if (!waiver) report(formatMessage(rule, args.name, problem));
      }
    },
  };
}

function toStackPolicy(rule: StackRule, evaluation: Evaluation, waiverUse: WaiverUse): StackValidationPolicy {
  return {
    ...toPolicy(rule),
    validateStack: ({ resources }, report) => {
      if (evaluation.isPartial) return;
      const declared = evaluation.readStack(rule.id, resources);
      const violations = rule.checkStack(declared, () => evaluation.takeUnknownReads(), waiverUse);
      for (const { resource, problem } of violations) {
        const waiver = resource && waiverUse.find(rule.id, resource.urn);
        recordViolation(rule, resource?.urn, problem, waiver);
        if (waiver) continue;
        report(formatMessage(rule, resource?.name, problem), resource?.urn);
      }
    },
  };
}

function toPolicy(rule: Rule): Policy {
  return {
    name: rule.id,
    description: rule.description,
    enforcementLevel: rule.isAdvisory ? "advisory" : "mandatory",
    severity: rule.severity,
    remediationSteps: rule.remedy,
    tags: rule.sources.map(({ id }) => id),
    url: rule.sources[0].url,
  };
}

/** The policy SDK adds the rule's description as the first line. */
function formatMessage(rule: Rule, resourceName: string | undefined, problem: Problem): string {
  const sources = rule.sources.map(({ id }) => id).join(", ");
  return [
    `${resourceName ?? "the stack"}: ${describeProblem(problem)}`,
    `Reason: ${rule.reason}`,
    `Remedy: ${rule.remedy}`,
    `Source: ${sources} (${rule.sources[0].url})`,
  ]
    .map(printable)
    .join("\n");
}
