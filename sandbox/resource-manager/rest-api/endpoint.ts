import { randomUUID } from "node:crypto";
import { getRequestListener } from "@hono/node-server";
import { type Context, Hono } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { listRoutes } from "../../core/list-routes.ts";
import { TokenError } from "../../entra-id/tokens.ts";
import type { ServiceEndpoint } from "../../proxy/service-endpoint.ts";
import { ArmError } from "../arm-error.ts";
import { ResourceManager } from "../resource-manager.ts";
import { checkApiVersion } from "./api-version.ts";
import { AsyncOperations } from "./async-operations.ts";
import { addAuthorizationRoutes } from "./authorization-routes.ts";
import { addAvailabilityRoutes } from "./availability-routes.ts";
import { addAzureSubscriptionRoutes } from "./azure-subscription-routes.ts";
import { addHubFigureRoutes } from "./hub-figure-routes.ts";
import { addHubKeyRoutes } from "./hub-key-routes.ts";
import { addLocationRoutes } from "./location-routes.ts";
import { addNamedValueRoutes } from "./named-value-routes.ts";
import { addResourceListRoutes } from "./resource-list-routes.ts";
import { addResourceRoutes } from "./resource-routes.ts";
import { type ManagementEnv, type ManagementParts, routedPath, writtenPath } from "./routes.ts";
import { addSoftDeletedRoutes } from "./soft-deleted-routes.ts";
import { addStorageRoutes } from "./storage-routes.ts";
import { addSubscriptionRoutes } from "./subscription-routes.ts";
import { addValidationRoutes } from "./validation-routes.ts";
import { addWriteRoutes } from "./write-routes.ts";

const hostName = "management.azure.com";

/** The audiences of tokens for Resource Manager. */
const audiences = ["https://management.azure.com", "https://management.core.windows.net"];

/**
 * The endpoint management.azure.com, which SDKs and the terminals command call. Deployments use the Pulumi providers.
 * @param accountKeys The account keys of the storage accounts.
 */
export function createResourceManagerEndpoint(
  azure: ManagementParts["azure"],
  accountKeys: ManagementParts["accountKeys"],
): ServiceEndpoint & { fetch(request: Request): Response | Promise<Response> } {
  const app = new Hono<ManagementEnv>({
    getPath: routedPath,
  });

  app.use(async (context, next) => {
    await next();
    addRequestIds(context);
  });

  app.use(async (context, next) => {
    const { objectId } = await azure.tokens.verify(context.req.header("Authorization"), audiences);
    context.set("objectId", objectId);
    context.set("manager", new ResourceManager(azure, objectId));
    if (/^\/subscriptions\/./.test(context.req.path))
      context.get("manager").checkSubscription(context.req.path);
    checkApiVersion(writtenPath(context), context.req.query("api-version"), azure.resources);
    context.get("manager").checkApiVersion(context.req.path, context.req.query("api-version") as string);
    await next();
  });

  const parts = { azure, accountKeys };
  const operations = new AsyncOperations(azure);
  operations.addRoutes(app);
  addStorageRoutes(app, parts);
  addHubKeyRoutes(app, parts);
  addHubFigureRoutes(app, parts);
  addSubscriptionRoutes(app, parts);
  addNamedValueRoutes(app);
  addAuthorizationRoutes(app, parts);
  addSoftDeletedRoutes(app, parts);
  addAzureSubscriptionRoutes(app, parts);
  addAvailabilityRoutes(app, parts);
  addValidationRoutes(app, parts);
  addLocationRoutes(app, parts);
  addResourceListRoutes(app, parts);
  addWriteRoutes(app, parts, operations);
  addResourceRoutes(app, parts);

  app.onError((error, context) => {
    if (error instanceof ArmError) {
      return context.json(error.body, error.status as ContentfulStatusCode);
    }
    if (error instanceof TokenError) {
      context.header(
        "WWW-Authenticate",
        `Bearer authorization_uri="https://login.microsoftonline.com/${azure.tenantId}", ` +
          'error="invalid_token", error_description="The access token is missing or invalid."',
      );
      const missing = context.req.header("Authorization") === undefined;
      const failure = missing
        ? new ArmError(
            401,
            "AuthenticationFailed",
            "Authentication failed. The 'Authorization' header is missing.",
          )
        : new ArmError(401, "InvalidAuthenticationToken", `The access token is invalid: ${error.message}`);
      return context.json(failure.body, 401);
    }
    if (error instanceof SyntaxError) {
      return context.json(new ArmError(400, "InvalidRequestContent", error.message).body, 400);
    }
    azure.log(`Resource Manager ${context.req.method} ${context.req.path}: ${error.stack}`);
    const failure = new ArmError(500, "InternalServerError", "The sandbox failed. Its log has the reason.");
    return context.json(failure.body, 500);
  });

  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  return {
    routes: listRoutes(app),
    serves: (host) => host === hostName,
    request: (req, res) => void listener(req, res),
    fetch: (request) => app.fetch(request),
  };
}

/** Azure adds these headers to every answer ("Resource Manager requests and throttling"). */
function addRequestIds({ header, req }: Context): void {
  const id = randomUUID();
  const correlationId = req.header("x-ms-correlation-request-id") ?? id;
  header("x-ms-request-id", id);
  header("x-ms-correlation-request-id", correlationId);
  header("x-ms-routing-request-id", `WESTEUROPE:${correlationId}`);
}
