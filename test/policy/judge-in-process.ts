import {
  type DeclaredResource,
  describeProblem,
  isStackRule,
  type ResourceRule,
} from "../../policies/azure/engine/rule.ts";
import { withoutVersion } from "../../policies/azure/engine/type-tokens.ts";
import type { Properties } from "../../policies/azure/engine/value.ts";
import { WaiverUse } from "../../policies/azure/engine/waivers.ts";
import { rules } from "../../policies/rules.ts";
import type { EngineResource } from "./pack.ts";

/** A violation of a mandatory rule. */
export interface JudgedViolation {
  rule: string;
  /** Name of the resource; undefined for the stack. */
  resource: string | undefined;
  problem: string;
}

const mandatoryRules = rules.filter(({ isAdvisory }) => !isAdvisory);
const resourceRules = mandatoryRules.filter((rule): rule is ResourceRule => !isStackRule(rule));
const stackRules = mandatoryRules.filter(isStackRule);

const declaredResources = new WeakMap<EngineResource, DeclaredResource>();
const resourceViolations = new WeakMap<EngineResource, JudgedViolation[]>();

/**
 * Runs the pack's mandatory rules on a fleet of known values, without the engine and without a process of its own: fast
 * enough for thousands of fleets. Fleets that share resources share the work on them. `rules.test.ts` runs the same
 * rules as the engine does.
 */
export function judgeInProcess(resources: EngineResource[]): JudgedViolation[] {
  const declared = resources.filter(({ isRead }) => !isRead);
  return [
    ...declared.flatMap(judgeResource),
    ...stackRules.flatMap((rule) =>
      rule
        .checkStack(declared.map(toDeclared), () => new Map(), new WaiverUse([], () => false))
        .map(({ resource, problem }) => ({
          rule: rule.id,
          resource: resource?.name,
          problem: describeProblem(problem),
        })),
    ),
  ];
}

/** Whether a mandatory rule refuses the fleet. Stops at the first violation. */
export function isRefused(resources: EngineResource[]): boolean {
  const declared = resources.filter(({ isRead }) => !isRead);
  if (declared.some((resource) => judgeResource(resource).length > 0)) return true;
  const all = declared.map(toDeclared);
  return stackRules.some(
    (rule) => rule.checkStack(all, () => new Map(), new WaiverUse([], () => false)).length > 0,
  );
}

function judgeResource(resource: EngineResource): JudgedViolation[] {
  const known = resourceViolations.get(resource);
  if (known) return known;
  // As the engine sends them: without outputs and without dependencies.
  const declared = { ...toDeclared(resource), outputs: {}, dependenciesOf: () => [] };
  const violations = resourceRules
    .filter(({ checksExcluded }) => !checksExcluded)
    .flatMap(({ id, check }) => {
      const applicable = typeof check === "function" ? check : check[declared.type];
      return (applicable?.(declared) ?? []).map((problem) => ({
        rule: id,
        resource: declared.name,
        problem: describeProblem(problem),
      }));
    });
  resourceViolations.set(resource, violations);
  return violations;
}

function toDeclared(resource: EngineResource): DeclaredResource {
  const known = declaredResources.get(resource);
  if (known) return known;
  const { type, name, urn, properties, outputs = properties, dependencies, provider } = resource;
  const declared: DeclaredResource = {
    type: withoutVersion(type),
    name,
    urn,
    properties: properties as Properties,
    outputs: outputs as Properties,
    options: {
      protect: resource.protect ?? false,
      ignoreChanges: resource.ignoreChanges ?? [],
      aliases: resource.aliases ?? [],
    },
    provider: provider && { ...provider, properties: provider.properties as Properties },
    isExcluded: false,
    dependenciesOf: (property) => dependencies[property] ?? [],
  };
  declaredResources.set(resource, declared);
  return declared;
}
