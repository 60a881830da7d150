import type { Policy, PolicyResource, ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import { at, type Properties, plain, show, unknown, type Value } from "./value.ts";

/** A resource as a rule sees it. */
export interface Declared {
  /** Type token without the API version, such as azure-native:storage:StorageAccount. */
  type: string;
  name: string;
  urn: string;
  properties: Properties;
  /** Resources that a property is made from; known in a preview too. Empty for rules on single resources. */
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

/** A rule on single resources: for each type it judges, what is wrong with one. */
export interface ResourceRule extends About {
  check: Record<string, (resource: Declared) => string[]>;
}

/** A rule on what a stack holds as a whole. */
export interface StackRule extends About {
  checkStack(resources: Declared[]): Finding[];
}

/** Something wrong, and the resource it is wrong with; a stack as a whole is its Stack resource. */
export interface Finding {
  resource: Declared | undefined;
  problem: string;
}

export type Rule = ResourceRule | StackRule;

/** Finds fault with a property that is known and does not pass `ok`. A property that is not set is known. */
export function property(
  path: string,
  wanted: string,
  ok: (value: Value) => boolean,
): (resource: Declared) => string[] {
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
  (...checks: ((resource: Declared) => string[])[]) =>
  (resource: Declared): string[] =>
    checks.flatMap((check) => check(resource));

/** The rule in the form that the policy SDK runs. */
export function toPolicy(rule: Rule): ResourceValidationPolicy | StackValidationPolicy {
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
        for (const { resource, problem } of rule.checkStack(resources.map(inStack))) {
          report(message(rule, resource?.name, problem), resource?.urn);
        }
      },
    };
  }
  return {
    ...about,
    validateResource: ({ type, name, urn, props }, report) => {
      const declared = { type: unversioned(type), name, urn, properties: plain(props), madeFrom: () => [] };
      for (const problem of rule.check[declared.type]?.(declared) ?? []) {
        report(message(rule, name, problem));
      }
    },
  };
}

function inStack(resource: PolicyResource): Declared {
  return {
    type: unversioned(resource.type),
    name: resource.name,
    urn: resource.urn,
    properties: plain(resource.props),
    madeFrom: (name) => (resource.propertyDependencies[name] ?? []).map((source) => source.urn),
  };
}

function message(rule: Rule, name: string | undefined, problem: string): string {
  return `${name ?? "the stack"}: ${problem} Remedy: ${rule.remedy} Source: ${rule.sources.join("; ")}.`;
}

/** azure-native has each type under its API versions too. */
function unversioned(type: string): string {
  return type.replace(/\/v\d{8}(preview)?:/, ":");
}
