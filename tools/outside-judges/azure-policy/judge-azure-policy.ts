import type { DeclaredResource, DeclaredResources } from "../../export-arm/declared-resources.ts";
import type { OutsideResult } from "../result.ts";
import type { PolicyDefinition, RelatedResource } from "./definition.ts";
import { type Condition, evaluateCondition } from "./language/evaluate.ts";
import { type Context, evaluateValue } from "./language/evaluate-expression.ts";
import type { PolicyResource } from "./language/fields.ts";
import { NotSupportedError } from "./language/not-supported.ts";

/** The type of a resource group in policy rules differs from that in templates. */
const groupTypes = {
  template: "Microsoft.Resources/resourceGroups",
  policy: "Microsoft.Resources/subscriptions/resourceGroups",
};

/** Identifier of a definition as waivers and the pack's sources name it: the first group of its GUID. */
export const policyId = (guid: string): string => `Azure Policy ${guid.split("-")[0]}`;

/**
 * Evaluates definitions over the declared resources, as Azure would when they are deployed.
 * @throws NotSupportedError when a definition uses what the evaluator does not know.
 */
export function judgeByAzurePolicy(
  definitions: PolicyDefinition[],
  declared: DeclaredResources,
  nowMs: number,
): OutsideResult[] {
  return definitions.flatMap((definition) =>
    declared.resources.flatMap((resource) => judgeResource(definition, resource, declared, nowMs)),
  );
}

function judgeResource(
  definition: PolicyDefinition,
  resource: DeclaredResource,
  declared: DeclaredResources,
  nowMs: number,
): OutsideResult[] {
  const subject = toPolicyResource(resource);
  if (definition.mode === "Indexed" && !resource.isIndexed) return [];
  const types = namedTypes(definition.if);
  if (types.length > 0 && !types.includes(subject.type.toLowerCase())) return [];
  const isPassed = isCompliant(definition, subject, resource, declared, nowMs);
  if (isPassed === undefined) return [];
  return [
    {
      judge: "Azure Policy",
      rule: policyId(definition.id),
      demands: definition.demands,
      url: `https://www.azadvertizer.net/azpolicyadvertizer/${definition.id}.html`,
      resource,
      isPassed,
      severity: definition.effect === "Deny" ? "high" : "medium",
    },
  ];
}

/** Whether a resource complies; undefined when a definition about related resources does not select it. */
function isCompliant(
  definition: PolicyDefinition,
  subject: PolicyResource,
  resource: DeclaredResource,
  declared: DeclaredResources,
  nowMs: number,
): boolean | undefined {
  const context: Context = {
    resource: subject,
    subject,
    parameters: definition.parameters ?? {},
    resourceGroup: findGroup(resource, declared),
    apiVersion: resource.apiVersion,
    nowMs,
    current: [],
  };
  try {
    const isSelected = evaluateCondition(definition.if, context);
    if (!definition.details) return !isSelected;
    return isSelected ? hasRelated(definition.details, resource, declared, context) : undefined;
  } catch (error) {
    // "A failed evaluation is an implicit deny" (definition-structure-policy-rule, Value).
    if (error instanceof NotSupportedError) throw error;
    return false;
  }
}

/**
 * Whether a related resource exists: below the resource when its type is, as an extension of it when the type is one,
 * and else in the same resource group. Source: "Azure Policy definitions auditIfNotExists effect"
 * (governance/policy/concepts/effect-audit-if-not-exists).
 */
function hasRelated(
  { type, name, existenceCondition }: RelatedResource,
  resource: DeclaredResource,
  { resources }: DeclaredResources,
  context: Context,
): boolean {
  const wantedName = name === undefined ? undefined : String(evaluateValue(name, context)).toLowerCase();
  return resources
    .filter((each) => each.type.toLowerCase() === type.toLowerCase())
    .filter((each) => {
      if (each.scope !== undefined) return each.scope.toLowerCase() === resource.id.toLowerCase();
      const parent = type.toLowerCase().startsWith(`${resource.type.toLowerCase()}/`)
        ? resource.id
        : groupIdOf(resource);
      return each.id.toLowerCase().startsWith(`${parent.toLowerCase()}/`);
    })
    .map(toPolicyResource)
    .filter((each) => wantedName === undefined || each.name.toLowerCase() === wantedName)
    .some(
      (each) => !existenceCondition || evaluateCondition(existenceCondition, { ...context, subject: each }),
    );
}

function toPolicyResource({
  id,
  type,
  name,
  location,
  kind,
  tags,
  identity,
  sku,
  zones,
  properties,
}: DeclaredResource): PolicyResource {
  return {
    id,
    type: type === groupTypes.template ? groupTypes.policy : type,
    name: name.split("/").at(-1)!,
    fullName: name,
    location,
    kind,
    tags,
    identity,
    sku,
    zones,
    properties,
  };
}

const groupIdOf = ({ id }: DeclaredResource): string => id.split("/").slice(0, 5).join("/");

const findGroup = (resource: DeclaredResource, { resources }: DeclaredResources) =>
  resources.find(({ id }) => id.toLowerCase() === groupIdOf(resource).toLowerCase());

/** The types that a rule names, in lower case: it is about resources of these types. */
function namedTypes(condition: Condition): string[] {
  return Object.values(condition)
    .flatMap((value) => {
      const inner = Array.isArray(value) ? value : [value];
      return inner.flatMap((each) =>
        typeof each === "object" && each !== null ? namedTypes(each as Condition) : [],
      );
    })
    .concat(
      String(condition.field).toLowerCase() === "type"
        ? [condition.equals ?? [], condition.in ?? []].flat().map((each) => String(each).toLowerCase())
        : [],
    );
}
