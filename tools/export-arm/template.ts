import { type DeclaredResource, type DeclaredResources, parameterReference } from "./declared-resources.ts";

const subscriptionSchema =
  "https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#";
const groupSchema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#";
const deploymentType = "Microsoft.Resources/deployments";
const deploymentApiVersion = "2022-09-01";
const groupType = "Microsoft.Resources/resourceGroups";

/** A resource in a template. `comments` holds its name in the Pulumi program. */
export interface TemplateResource {
  type: string;
  apiVersion: string;
  name: string;
  comments?: string;
  [element: string]: unknown;
}

/** A deployment template of Azure Resource Manager. */
export interface Template {
  $schema: string;
  contentVersion: string;
  parameters: Record<string, { type: string }>;
  resources: TemplateResource[];
}

/** Resources of one group that can be deployed together. */
interface Stage {
  group: DeclaredResource;
  name: string;
  resources: DeclaredResource[];
}

/**
 * The template that deploys the whole stack into a subscription: its resource groups, and nested deployments into them.
 * A group has several nested deployments where its resources depend on another group's that depend on it.
 */
export function subscriptionTemplate(declared: DeclaredResources): Template {
  const groups = declared.resources.filter(({ type }) => type === groupType);
  const stages = toStages(groups, declared.resources);
  const stageOf = new Map(stages.flatMap((stage) => stage.resources.map(({ id }) => [id, stage] as const)));
  const nested = stages.map((stage) => {
    const earlier = stage.resources.flatMap(({ dependsOn }) =>
      dependsOn.flatMap((id) => stageOf.get(id) ?? []),
    );
    const others = [...new Set(earlier)].filter((other) => other !== stage);
    return {
      type: deploymentType,
      apiVersion: deploymentApiVersion,
      name: stage.name,
      resourceGroup: stage.group.name,
      dependsOn: [stage.group.id, ...others.map((other) => deploymentId(other))].sort(),
      properties: {
        mode: "Incremental",
        template: stageTemplate(stage, declared),
        ...(declared.secretParameters.length > 0 && { parameters: passedParameters(declared) }),
      },
    };
  });
  return {
    $schema: subscriptionSchema,
    contentVersion: "1.0.0.0",
    parameters: declaredParameters(declared),
    resources: [...groups.map((group) => toTemplateResource(group, [], declared)), ...nested],
  };
}

/**
 * Divides the resources of each group into stages. A resource comes one stage after a resource of another group on which
 * it depends, and not before one of its own group, so stages never wait for each other.
 */
function toStages(groups: DeclaredResource[], resources: DeclaredResource[]): Stage[] {
  const groupOf = (id: string): string => id.split("/").slice(0, 5).join("/").toLowerCase();
  const byId = new Map(resources.map((resource) => [resource.id, resource]));
  const numbers = new Map<string, number>();
  const numberOf = (resource: DeclaredResource): number => {
    const known = numbers.get(resource.id);
    if (known !== undefined) return known;
    const earliest = resource.dependsOn.map((id) => {
      const other = byId.get(id);
      if (!other || other.type === groupType) return 1;
      return numberOf(other) + (groupOf(id) === groupOf(resource.id) ? 0 : 1);
    });
    const number = Math.max(1, ...earliest);
    numbers.set(resource.id, number);
    return number;
  };
  return groups.flatMap((group) => {
    const inGroup = resources.filter(
      ({ id, type }) => type !== groupType && groupOf(id) === group.id.toLowerCase(),
    );
    const byNumber = Map.groupBy(inGroup, numberOf);
    return [...byNumber]
      .sort(([one], [other]) => one - other)
      .map(([number, members]) => ({ group, name: `${group.logicalName}-${number}`, resources: members }));
  });
}

function stageTemplate({ resources }: Stage, declared: DeclaredResources): Template {
  const ids = new Set(resources.map(({ id }) => id));
  return {
    $schema: groupSchema,
    contentVersion: "1.0.0.0",
    parameters: declaredParameters(declared),
    resources: resources.map((resource) =>
      toTemplateResource(
        resource,
        resource.dependsOn.filter((id) => ids.has(id)),
        declared,
      ),
    ),
  };
}

const deploymentId = ({ group, name }: Stage): string => `${group.id}/providers/${deploymentType}/${name}`;

function toTemplateResource(
  {
    type,
    apiVersion,
    name,
    scope,
    location,
    tags,
    sku,
    kind,
    identity,
    zones,
    properties,
    ...rest
  }: DeclaredResource,
  dependsOn: string[],
  { secretParameters }: DeclaredResources,
): TemplateResource {
  const literals = escapeLiterals(
    sortKeys({ location, tags, sku, kind, identity, zones, properties }),
    new Set(secretParameters.map(parameterReference)),
  );
  return {
    type,
    apiVersion,
    name,
    comments: rest.logicalName,
    ...(scope !== undefined && { scope }),
    ...(literals as Record<string, unknown>),
    ...(dependsOn.length > 0 && { dependsOn }),
  };
}

/** Secret values are parameters without a default, so that no template holds one. */
const declaredParameters = ({ secretParameters }: DeclaredResources): Template["parameters"] =>
  Object.fromEntries(secretParameters.map((name) => [name, { type: "securestring" }]));

const passedParameters = ({ secretParameters }: DeclaredResources) =>
  Object.fromEntries(secretParameters.map((name) => [name, { value: parameterReference(name) }]));

/** A template reads a text in brackets as an expression. A second bracket at the start makes it a plain text. */
function escapeLiterals(value: unknown, expressions: Set<string>): unknown {
  if (typeof value === "string") {
    return value.startsWith("[") && value.endsWith("]") && !expressions.has(value) ? `[${value}` : value;
  }
  if (Array.isArray(value)) return value.map((each) => escapeLiterals(each, expressions));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, escapeLiterals(each, expressions)]),
  );
}

/** Sorts the keys of every object by their names, and removes absent values. Top-level elements keep their order. */
function sortKeys(elements: Record<string, unknown>): Record<string, unknown> {
  const visit = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(visit);
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).filter(([, each]) => each !== undefined);
    return Object.fromEntries(
      entries.sort(([one], [other]) => (one < other ? -1 : 1)).map(([key, each]) => [key, visit(each)]),
    );
  };
  const present = Object.entries(elements).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present.map(([name, value]) => [name, visit(value)]));
}
