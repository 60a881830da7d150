import { ArmError, NotInSandboxError } from "../arm-error.ts";
import { checkEtag, etag } from "../etag.ts";
import { matchResource } from "../match-resource.ts";
import { matchPath, resourceGroupId } from "../resource-ids.ts";
import { resourceTypes } from "../resource-type-registry.ts";
import { restRulesOf } from "./rest-rules.ts";
import {
  listReadable,
  type ManagementApp,
  type ManagementContext,
  type ManagementParts,
  shownOverRest,
  writtenPath,
} from "./routes.ts";

/** Adds the calls that every known resource type has: a GET and a HEAD by ID, and a list below its parent. */
export function addResourceRoutes(app: ManagementApp, { azure }: ManagementParts): void {
  app.get("*", (context) => {
    const path = writtenPath(context);
    const list = matchList(path);
    if (list) return context.json(listBelow(context, azure, path, list));
    const manager = context.get("manager");
    const { type } = matchResource(path);
    const { etagHeader } = restRulesOf(type.type);
    manager.authorize(`${type.type}/read`, path);
    const stored = manager.stored(path);
    if (etagHeader) {
      const ifMatch = context.req.header("If-Match");
      if (ifMatch !== undefined) checkEtag(ifMatch, stored);
      context.header("ETag", etag(stored));
    } else if (context.req.method === "HEAD") {
      // Sources: "Resource Groups - Check Existence" and "Resources - Check Existence By Id".
      return context.body(null, 204);
    }
    return context.json(shownOverRest(manager.readable(path)));
  });

  app.all("*", (context) => {
    const path = writtenPath(context);
    throw new NotInSandboxError(`${context.req.method} of ${path}`);
  });
}

/** A list of Resource Manager. @throws ArmError 404 when what should contain the resources does not exist. */
function listBelow(
  context: ManagementContext,
  azure: ManagementParts["azure"],
  path: string,
  list: { type: string; parentId: string },
): object {
  for (const id of containersOf(list.parentId, path)) context.get("manager").stored(id);
  return page(context, path, listReadable(context, azure, list.type, list.parentId));
}

/** The IDs of the resources that must exist for a list: the path's known resources, from the group inwards. */
function containersOf(parentId: string, path: string): string[] {
  const ids: string[] = [];
  const group = resourceGroupId(parentId);
  if (group) ids.push(group);
  for (let end = path.indexOf("/", (group ?? path).length + 1); end > 0; end = path.indexOf("/", end + 1)) {
    const prefix = path.slice(0, end);
    if (resourceTypes.some((type) => !type.path.startsWith("/{") && matchPath(type.path, prefix)))
      ids.push(prefix);
  }
  return ids;
}

/** The type and parent of a list: its path is that of a resource without the name at the end. */
function matchList(path: string): { type: string; parentId: string } | undefined {
  const lower = path.toLowerCase();
  if (/^\/subscriptions\/[^/]+\/resourcegroups$/.test(lower)) {
    return { type: "Microsoft.Resources/resourceGroups", parentId: path };
  }
  for (const { type, path: template } of resourceTypes) {
    const folder = template.slice(0, template.lastIndexOf("/"));
    if (matchPath(folder, path)) return { type, parentId: path };
    // The path of a list of the whole subscription has no resource group.
    const wholeSubscription = folder.replace("/resourceGroups/{resourceGroupName}", "");
    if (wholeSubscription !== folder && type.split("/").length === 2 && matchPath(wholeSubscription, path)) {
      return { type, parentId: path.slice(0, lower.indexOf("/providers/")) };
    }
  }
  return undefined;
}

/** One page of a list. API Management has pages; the other services here return the whole list. */
function page<Item>(context: ManagementContext, path: string, all: Item[]) {
  if (!/\/microsoft\.apimanagement\/service\/[^/]+\/\w+/i.test(path)) return { value: all };
  if (context.req.query("$filter") !== undefined) throw new NotInSandboxError("$filter on lists");
  const wholeNumber = (name: string, defaultValue: number) => {
    const value = Number(context.req.query(name) ?? defaultValue);
    if (Number.isInteger(value) && value >= 0) return value;
    throw new ArmError(400, "InvalidParameters", `${name} must be a whole number.`);
  };
  const [skip, top] = [wholeNumber("$skip", 0), wholeNumber("$top", 100)];
  const value = all.slice(skip, skip + top);
  if (skip + value.length >= all.length) return { value, count: all.length };
  const next = new URL(context.req.url);
  next.protocol = "https:";
  next.searchParams.set("$skip", String(skip + top));
  next.searchParams.set("$top", String(top));
  return { value, count: all.length, nextLink: next.href };
}
