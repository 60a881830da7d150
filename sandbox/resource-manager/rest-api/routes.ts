import type { Context, Hono } from "hono";
import type { AzureEnvironment } from "../../core/azure-environment.ts";
import type { AccountKey } from "../../services/storage/authentication/account-keys.ts";
import type { ResourceManager } from "../resource-manager.ts";
import type { Resource } from "../resources.ts";

/** What a request brings with it once its token was verified. */
export type ManagementEnv = { Variables: { manager: ResourceManager; objectId: string } };

export type ManagementApp = Hono<ManagementEnv>;
export type ManagementContext = Context<ManagementEnv>;

/** What the routes stand on. */
export interface ManagementParts {
  azure: AzureEnvironment;
  accountKeys: {
    list(accountId: string): AccountKey[];
    regenerate(accountId: string, keyName: string): AccountKey[];
  };
}

/** The path that routes see: in lower case, as IDs have none, and without a slash at its end. */
export function routedPath(request: Request): string {
  return pathOf(request.url).toLowerCase() || "/";
}

/** The path as the caller wrote it. */
export function writtenPath(context: ManagementContext): string {
  return pathOf(context.req.url);
}

function pathOf(url: string): string {
  const { pathname } = new URL(url);
  try {
    return decodeURIComponent(pathname).replace(/\/+$/, "");
  } catch {
    // A stray % belongs to no ID: it is answered as an unknown path.
    return pathname;
  }
}

/** The ID in the path of an action, which is its last segment. */
export function idBeforeAction(context: ManagementContext): string {
  const path = writtenPath(context);
  return path.slice(0, path.lastIndexOf("/"));
}

/** The JSON object in a request's body; {} when there is none. */
export async function jsonBody(context: ManagementContext): Promise<Record<string, unknown>> {
  const text = await context.req.text();
  if (!text) return {};
  const body: unknown = JSON.parse(text);
  if (typeof body === "object" && body !== null && !Array.isArray(body))
    return body as Record<string, unknown>;
  throw new SyntaxError("The body is not a JSON object.");
}

/** All resources of a type that lie under a path and that the caller may read, as an answer shows them. */
export function readable(
  context: ManagementContext,
  azure: AzureEnvironment,
  type: string,
  under: string,
): Resource[] {
  const prefix = `${under.toLowerCase()}/`;
  return azure.resources
    .list(type)
    .filter(({ id }) => id.toLowerCase().startsWith(prefix))
    .filter(({ id }) => azure.access.allows(context.get("objectId"), `${type}/read`, id, "action"))
    .map(({ id }) => context.get("manager").shown(id));
}
