import type { Context, Hono } from "hono";
import type { AzureEnvironment } from "../../core/azure-environment.ts";
import type { AccountKey } from "../../services/storage/authentication/account-keys.ts";
import type { ResourceManager } from "../resource-manager.ts";
import type { Resource } from "../resources.ts";

/** What a request has after its token was verified. */
export type ManagementEnv = { Variables: { manager: ResourceManager; objectId: string } };

export type ManagementApp = Hono<ManagementEnv>;
export type ManagementContext = Context<ManagementEnv>;

export interface ManagementParts {
  azure: AzureEnvironment;
  accountKeys: {
    list(accountId: string): AccountKey[];
    regenerate(accountId: string, keyName: string): AccountKey[];
  };
}

/** The path that is matched with routes: in lower case, because the case of IDs does not matter, without a slash at its end. */
export function routedPath(request: Request): string {
  return pathOf(request.url).toLowerCase() || "/";
}

/** The path in the caller's case, without a slash at its end. */
export function writtenPath(context: ManagementContext): string {
  return pathOf(context.req.url);
}

function pathOf(url: string): string {
  const { pathname } = new URL(url);
  try {
    return decodeURIComponent(pathname).replace(/\/+$/, "");
  } catch {
    // No ID has a % without two hexadecimal digits, so the answer is that of an unknown path.
    return pathname;
  }
}

/** The resource ID in the path of an action: the path without its last segment. */
export function idBeforeAction(context: ManagementContext): string {
  const path = writtenPath(context);
  return path.slice(0, path.lastIndexOf("/"));
}

/** The JSON object in a request's body; {} for an empty body. */
export async function jsonBody(context: ManagementContext): Promise<Record<string, unknown>> {
  const text = await context.req.text();
  if (!text) return {};
  const body: unknown = JSON.parse(text);
  if (typeof body === "object" && body !== null && !Array.isArray(body))
    return body as Record<string, unknown>;
  throw new SyntaxError("The body is not a JSON object.");
}

/** A resource as the REST API shows it. Azure adds two members to hubs that are in no specification: azure-cli reads them. */
export function shownOverRest(resource: Resource): object {
  if (resource.type !== "Microsoft.Devices/IotHubs") return resource;
  const [, , subscriptionid, , resourcegroup] = resource.id.split("/");
  return { ...resource, resourcegroup, subscriptionid };
}

/** The resources of a type below a parent that the caller is allowed to read. */
export function listReadable(
  context: ManagementContext,
  azure: AzureEnvironment,
  type: string,
  parentId: string,
): object[] {
  const prefix = `${parentId.toLowerCase()}/`;
  return azure.resources
    .list(type)
    .filter(({ id }) => id.toLowerCase().startsWith(prefix))
    .filter(({ id }) => azure.access.allows(context.get("objectId"), `${type}/read`, id, "action"))
    .map(({ id }) => shownOverRest(context.get("manager").readable(id)));
}
