import type { Policy, ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import { Evaluation, type Unjudged } from "./evaluation.ts";
import { at, type Properties, show, unknown, type Value } from "./value.ts";

/** A resource as a rule sees it: what the program asks for. */
export interface Declared {
  /** Type token without the API version, such as azure-native:storage:StorageAccount. */
  type: string;
  name: string;
  urn: string;
  /** As they are asked for; of the stack and of the program's components, what they hand out. */
  properties: Properties;
  /** Whether --target leaves it out and it is not made yet: then the engine shows it without any property. */
  isLeftOut: boolean;
  /**
   * URNs of the resources that a property is made from; known in a preview too. Empty for rules on single
   * resources, which the engine does not tell.
   */
  madeFrom(property: string): string[];
}

interface About {
  /** Lower-case words with dashes; unique in the pack. */
  name: string;
  /** Why it matters, in a sentence. */
  reason: string;
  /** What to change, in a sentence. */
  remedy: string;
  /** Where the rule comes from: ids of Azure Policy, PSRule (AZR-…), checkov (CKV…), or this project's design. */
  sources: string[];
  /** A reminder that stops nothing. Default: false, a violation stops the deployment. */
  advisory?: boolean;
}

/** What is wrong with one resource: a sentence for each fault. */
export type Check = (resource: Declared) => string[];

/** A rule on single resources. An update judges each before it is made. */
export interface ResourceRule extends About {
  /** The check of each type, or one for resources of every type. */
  check: Record<string, Check> | Check;
  /** Whether it is about what --target leaves out, of which no other rule can say anything. Default: false. */
  ofLeftOut?: boolean;
}

/** A rule on what a stack holds as a whole. A preview judges it before anything is made, an update at its end. */
export interface StackRule extends About {
  /** @param takeUnjudged Gives what no rule could read so far, once. */
  checkStack(resources: Declared[], takeUnjudged: () => Unjudged): Finding[];
}

/** Something wrong, and the resource it is wrong with; a stack as a whole is its Stack resource. */
export interface Finding {
  resource: Declared | undefined;
  problem: string;
}

export type Rule = ResourceRule | StackRule;

/** Finds fault with a property that is known and does not pass `ok`. A property that is not set is known. */
export function property(path: string, wanted: string, ok: (value: Value) => boolean): Check {
  return ({ properties }) => {
    const value = at(properties, path);
    return value === unknown || ok(value) ? [] : [`${path} is ${show(value)}, and must be ${wanted}.`];
  };
}

/** Finds fault with a property that is not exactly this. */
export const mustBe = (path: string, expected: string | number | boolean) =>
  property(path, JSON.stringify(expected), (value) => value === expected);

/** Several checks of one resource as one. */
export const all =
  (...checks: Check[]): Check =>
  (resource) =>
    checks.flatMap((check) => check(resource));

/** A check of the given types, for a rule on single resources. */
export const each = (affected: readonly string[], check: Check): Record<string, Check> =>
  Object.fromEntries(affected.map((type) => [type, check]));

/** The rules in the form that the policy SDK runs, in their order. */
export function toPolicies(rules: Rule[]): (ResourceValidationPolicy | StackValidationPolicy)[] {
  const run = new Evaluation();
  return rules.map((rule) => {
    const about: Policy = {
      name: rule.name,
      description: rule.reason,
      enforcementLevel: rule.advisory ? "advisory" : "mandatory",
      remediationSteps: rule.remedy,
      tags: rule.sources,
    };
    if ("checkStack" in rule) {
      return {
        ...about,
        validateStack: ({ resources }, report) => {
          if (run.isOfAPart) return;
          const declared = resources
            .filter(({ urn }) => run.isAskedFor(urn))
            .map((resource) => run.together(resource));
          for (const { resource, problem } of rule.checkStack(declared, () => run.takeUnjudged())) {
            report(message(rule, resource?.name, problem), resource?.urn);
          }
        },
      };
    }
    const { check } = rule;
    return {
      ...about,
      validateResource: (args, report) => {
        const declared = run.single(args);
        if (declared.isLeftOut !== (rule.ofLeftOut ?? false)) return;
        const judge = typeof check === "function" ? check : check[declared.type];
        for (const problem of judge?.(declared) ?? []) report(message(rule, args.name, problem));
      },
    };
  });
}

function message(rule: Rule, name: string | undefined, problem: string): string {
  return `${name ?? "the stack"}: ${problem} Remedy: ${rule.remedy} Source: ${rule.sources.join("; ")}.`;
}
