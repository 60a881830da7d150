import { randomUUID } from "node:crypto";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { AzureEnvironment } from "../core/azure-environment.ts";
import { listRoutes } from "../core/list-routes.ts";
import type { ServiceEndpoint } from "../proxy/service-endpoint.ts";
import { ObjectStore } from "./object-store.ts";
import { TokenError } from "./tokens.ts";

const hostName = "graph.microsoft.com";

/** The resource of tokens for Microsoft Graph. */
export const graphAudience = "https://graph.microsoft.com";

/** An error answer of Microsoft Graph. */
class GraphError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** The application permissions that allow a list of groups. Source: Microsoft Graph reference, "List groups". */
const readsGroups = [
  "Group.Read.All",
  "Group.ReadWrite.All",
  "Directory.Read.All",
  "Directory.ReadWrite.All",
];

/**
 * graph.microsoft.com: the few reads that a check before a deployment makes. Deployments use Pulumi's azuread provider,
 * which the sandbox serves itself. Source: Microsoft Graph REST reference v1.0, "List groups" and "Get
 * authorizationPolicy".
 */
export function createGraphEndpoint(
  azure: AzureEnvironment,
): ServiceEndpoint & { fetch(request: Request): Response | Promise<Response> } {
  const app = new Hono<{ Variables: { objectId: string } }>();
  const objects = new ObjectStore(azure.store);

  app.use(async (context, next) => {
    context.header("request-id", randomUUID());
    const { objectId } = await azure.tokens.verify(context.req.header("Authorization"), [graphAudience]);
    context.set("objectId", objectId);
    await next();
  });

  app.get("/v1.0/groups", (context) => {
    const roles = azure.directory.listAppRoles(context.get("objectId"));
    if (!roles.some((role) => readsGroups.includes(role))) {
      throw new GraphError(
        403,
        "Authorization_RequestDenied",
        "Insufficient privileges to complete the operation.",
      );
    }
    const filter = context.req.query("$filter");
    const name = /^displayName eq '((?:[^']|'')*)'$/.exec(filter ?? "")?.[1]?.replaceAll("''", "'");
    if (name === undefined) {
      throw new GraphError(
        501,
        "NotInSandbox",
        `The sandbox does not have Microsoft Graph, except for a list of groups by display name. It does not know the ` +
          `filter ${filter ?? "(none)"}.`,
      );
    }
    const value = objects
      .list<{ displayName: string }>("group")
      .filter(({ displayName }) => displayName === name)
      .map(({ id, displayName }) => ({ id, displayName }));
    return context.json({ value });
  });

  app.get("/v1.0/policies/authorizationPolicy", (context) =>
    context.json({
      id: "authorizationPolicy",
      defaultUserRolePermissions: azure.directory.membersMayCreate,
    }),
  );

  app.notFound((context) =>
    context.json(
      errorBody(
        "NotInSandbox",
        `The sandbox does not have Microsoft Graph, so it does not answer ${context.req.method} ${context.req.path}. ` +
          "It only lists groups by their display name. Pass object IDs instead of names, for example " +
          "--assignee-object-id of the Azure CLI.",
      ),
      501,
    ),
  );
  app.onError((error, context) => {
    if (error instanceof GraphError)
      return context.json(errorBody(error.code, error.message), error.status as ContentfulStatusCode);
    if (error instanceof TokenError)
      return context.json(errorBody("InvalidAuthenticationToken", error.message), 401);
    azure.log(`Graph ${context.req.method} ${context.req.path}: ${error.stack}`);
    return context.json(errorBody("generalException", "The sandbox failed. Its log has the reason."), 500);
  });

  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  return {
    routes: listRoutes(app),
    serves: (host) => host === hostName,
    request: (req, res) => void listener(req, res),
    fetch: (request) => app.fetch(request),
  };
}

function errorBody(code: string, message: string) {
  return { error: { code, message } };
}
