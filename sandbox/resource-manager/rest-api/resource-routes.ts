import { ArmError, NotInSandboxError } from "../arm-error.ts";
import { matchResource } from "../match-resource.ts";
import { matchPath } from "../resource-ids.ts";
import { resourceTypes } from "../resource-type-registry.ts";
import { etag } from "./etag.ts";
import {
  listReadable,
  type ManagementApp,
  type ManagementContext,
  type ManagementParts,
  writtenPath,
} from "./routes.ts";

/** Adds the calls that every known resource type has: a GET by ID, a list below its parent, and a DELETE. */
export function addResourceRoutes(app: ManagementApp, { azure }: ManagementParts): void {
  app.get("*", (context) => {
    const path = writtenPath(context);
    const list = matchList(path);
    if (list) {
      return context.json(page(context, path, listReadable(context, azure, list.type, list.parentId)));
    }
    const resource = context.get("manager").read(path);
    if (isApiManagementChild(resource.type))
      context.header("ETag", etag(azure.resources.get(path) ?? resource));
    return context.json(resource);
  });

  app.delete("*", async (context) => {
    const path = writtenPath(context);
    const { type } = matchResource(path);
    if (type.singleton) throw new NotInSandboxError(`a DELETE of ${type.type}`);
    const existed = azure.resources.get(path) !== undefined;
    await context.get("manager").delete(path);
    return context.body(null, existed ? 200 : 204);
  });

  app.all("*", (context) => {
    const path = writtenPath(context);
    const known = resourceTypes.find((type) => matchPath(type.path, path));
    const what = known ? `${known.type} over REST: deploy it with Pulumi` : path;
    throw new NotInSandboxError(`${context.req.method} of ${what}`);
  });
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

function isApiManagementChild(type: string): boolean {
  return type.startsWith("Microsoft.ApiManagement/service/");
}
