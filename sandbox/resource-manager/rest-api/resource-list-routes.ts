import { NotInSandboxError } from "../arm-error.ts";
import { resourceTypes } from "../resource-type-registry.ts";
import type { Resource } from "../resources.ts";
import { type ManagementApp, type ManagementContext, type ManagementParts, writtenPath } from "./routes.ts";

/** Resources with a place of their own in a group. Their children and what extends them are not in these lists. */
const listedTypes = new Set(
  resourceTypes
    .filter(({ type, path }) => type.split("/").length === 2 && !path.startsWith("/{"))
    .filter(({ type }) => type !== "Microsoft.Resources/resourceGroups")
    .map(({ type }) => type),
);

type Predicate = (resource: Resource) => boolean;

/**
 * Adds the lists of resources of all types, and the list of resource groups by tag. Sources: REST reference, "Resources -
 * List", "Resources - List By Resource Group" and "Resource Groups - List".
 */
export function addResourceListRoutes(app: ManagementApp, { azure }: ManagementParts): void {
  const list = (context: ManagementContext) => {
    const path = writtenPath(context);
    const scope = path.slice(0, path.lastIndexOf("/"));
    if (/\/resourcegroups\//i.test(scope)) context.get("manager").stored(scope);
    const matches = parseFilter(context.req.query("$filter"));
    const value = azure.resources
      .below(scope)
      .filter(({ type }) => listedTypes.has(type))
      .filter(({ id, type }) => azure.access.allows(context.get("objectId"), `${type}/read`, id, "action"))
      .filter(matches)
      .map(({ id, name, type, location, tags, kind, sku, identity }) => ({
        id,
        name,
        type,
        location,
        tags,
        kind,
        sku,
        identity,
      }));
    return context.json({ value });
  };
  app.get("/subscriptions/:s/resources", list);
  app.get("/subscriptions/:s/resourcegroups/:g/resources", list);

  app.get("/subscriptions/:s/resourcegroups", async (context, next) => {
    const filter = context.req.query("$filter");
    if (!filter) return next();
    const type = "Microsoft.Resources/resourceGroups";
    const value = azure.resources
      .list(type)
      .filter(({ id }) => azure.access.allows(context.get("objectId"), `${type}/read`, id, "action"))
      .filter(parseFilter(filter));
    return context.json({ value });
  });
}

/** Parses the comparisons with eq of a filter, joined by "and". @throws NotInSandboxError for any other filter. */
function parseFilter(filter: string | undefined): Predicate {
  if (!filter) return () => true;
  const wanted = new Map<string, string>();
  for (const part of filter.split(/\s+and\s+/i)) {
    const match =
      /^\(?\s*(resourceType|name|location|resourceGroup|tagName|tagValue)\s+eq\s+'((?:[^']|'')*)'\s*\)?$/i.exec(
        part,
      );
    if (!match) throw new NotInSandboxError(`the filter ${part}`);
    wanted.set(match[1]!.toLowerCase(), match[2]!.replaceAll("''", "'"));
  }
  const isSame = (key: string, actual: string | undefined) =>
    !wanted.has(key) || wanted.get(key)?.toLowerCase() === actual?.toLowerCase();
  return ({ id, type, name, location, tags = {} }) => {
    const tag = wanted.get("tagname");
    const value = tag === undefined ? undefined : tags[tag];
    return (
      isSame("resourcetype", type) &&
      isSame("name", name) &&
      isSame("location", location) &&
      isSame("resourcegroup", id.split("/")[4]) &&
      (tag === undefined || (value !== undefined && isSame("tagvalue", value)))
    );
  };
}
