import { ArmError } from "./arm-error.ts";
import { matchPath } from "./resource-ids.ts";
import type { ResourceType } from "./resource-type.ts";
import { resourceTypes } from "./resource-type-registry.ts";

/** The type of a resource ID, and the names in it. */
export interface MatchedResource {
  type: ResourceType;
  names: Record<string, string>;
}

/**
 * Finds the type of a resource ID.
 * @throws ArmError NotInSandbox (400) for an unknown type; a 404 would tell the client that the resource does not exist.
 */
export function matchResource(id: string): MatchedResource {
  for (const type of resourceTypes) {
    const match = matchPath(type.path, id);
    if (match) return { type, names: match.names };
  }
  throw new ArmError(400, "NotInSandbox", `The sandbox knows no resource type with the ID '${id}'.`);
}

/**
 * The IDs of the resources that must exist before a resource can be created: each prefix of its ID that is the ID of a
 * known type. Subscriptions and resource groups are not among them: they are checked with their own errors.
 */
export function parentIds(id: string, { type, names }: MatchedResource): string[] {
  const scope = names.scope ?? names.resourceUri;
  if (scope !== undefined) return isContainer(scope) ? [] : [`/${scope.replace(/^\//, "")}`];
  const parents: string[] = [];
  for (let end = id.lastIndexOf("/"); end > 0; end = id.lastIndexOf("/", end - 1)) {
    const prefix = id.slice(0, end);
    if (isContainer(prefix)) continue;
    if (resourceTypes.some((each) => each !== type && matchPath(each.path, prefix))) parents.unshift(prefix);
  }
  return parents;
}

/** Whether an ID is that of a subscription or a resource group. */
function isContainer(id: string): boolean {
  return /^\/?subscriptions\/[^/]+(\/resourceGroups\/[^/]+)?$/i.test(id);
}
