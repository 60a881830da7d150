import { randomUUID } from "node:crypto";
import { getRequestListener } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { JSONWebKeySet } from "jose";
import type { AzureEnvironment } from "../core/azure-environment.ts";
import { listRoutes } from "../core/list-routes.ts";
import type { ServiceEndpoint } from "../proxy/service-endpoint.ts";
import { addBasicCredentials, authenticateClient, requireParameter } from "./client-authentication.ts";
import { EntraError } from "./entra-error.ts";
import { graphAudience } from "./graph-endpoint.ts";
import { type Application, ObjectStore } from "./object-store.ts";

/** Limit of a request body. A form with a client assertion has a few kilobytes. */
const maxFormBytes = 64 * 1024;
const hostName = "login.microsoftonline.com";

export interface TokenEndpointOptions {
  /**
   * Returns the signing keys of an external issuer, for applications with federated credentials; default none. The
   * sandbox has no network access, so it rejects an assertion of an issuer without keys here.
   */
  federatedKeys?(issuer: string): JSONWebKeySet | undefined;
}

/**
 * login.microsoftonline.com for the sandbox's tenant: the client credentials grant, and the discovery documents that
 * clients read.
 */
export function createTokenEndpoint(
  azure: AzureEnvironment,
  options: TokenEndpointOptions = {},
): ServiceEndpoint & { fetch(request: Request): Response | Promise<Response> } {
  const app = new Hono();
  const objects = new ObjectStore(azure.store);

  // Entra ID adds this header to every answer (recordings of azure-sdk-for-js).
  app.use(async ({ header }, next) => {
    await next();
    header("x-ms-request-id", randomUUID());
  });

  app.get("/common/discovery/instance", (context) =>
    context.json({
      tenant_discovery_endpoint: `https://${hostName}/${azure.tenantId}/v2.0/.well-known/openid-configuration`,
      "api-version": "1.1",
      metadata: [
        {
          preferred_network: hostName,
          preferred_cache: "login.windows.net",
          aliases: [hostName, "login.windows.net", "login.microsoft.com", "sts.windows.net"],
        },
      ],
    }),
  );

  app.get("/:tenant/v2.0/.well-known/openid-configuration", (context) => {
    requireTenant(context.req.param("tenant"), azure);
    const base = `https://${hostName}/${azure.tenantId}`;
    return context.json({
      issuer: azure.tokens.issuer,
      authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
      token_endpoint: `${base}/oauth2/v2.0/token`,
      jwks_uri: `${base}/discovery/v2.0/keys`,
      token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt", "client_secret_basic"],
      response_types_supported: ["token"],
      subject_types_supported: ["pairwise"],
      id_token_signing_alg_values_supported: ["RS256"],
      cloud_instance_name: "microsoftonline.com",
    });
  });

  app.get("/:tenant/discovery/v2.0/keys", (context) => {
    requireTenant(context.req.param("tenant"), azure);
    return context.json({ keys: [azure.tokens.jwk] });
  });

  const tooLarge = (context: Context) =>
    context.json({ error: "invalid_request", error_description: "The request body is too large." }, 413);
  app.use(bodyLimit({ maxSize: maxFormBytes, onError: tooLarge }));

  app.post("/:tenant/oauth2/v2.0/token", async (context) => {
    requireTenant(context.req.param("tenant"), azure);
    const form = new URLSearchParams(await context.req.text());
    addBasicCredentials(form, context.req.header("Authorization"));
    const grant = requireParameter(form, "grant_type");
    if (grant !== "client_credentials") {
      throw new EntraError(
        "unsupported_grant_type",
        70003,
        `The app requested an unsupported grant type '${grant}'. The sandbox supports client_credentials only.`,
      );
    }
    const principal = await authenticateClient(form, { azure, objects, ...options });
    const audience = audienceOf(requireParameter(form, "scope"), objects, azure);
    const isGraph = audience.replace(/\/$/, "") === graphAudience;
    const roles = isGraph ? azure.directory.listAppRoles(principal.objectId) : [];
    const { token, expiresIn } = await azure.tokens.issue(
      principal,
      audience,
      roles.length > 0 ? { roles } : {},
    );
    context.header("Cache-Control", "no-store");
    return context.json({
      token_type: "Bearer",
      expires_in: expiresIn,
      ext_expires_in: expiresIn,
      access_token: token,
    });
  });

  app.notFound((context) =>
    context.json(
      { error: "not_found", error_description: `The sandbox does not serve ${hostName}${context.req.path}.` },
      404,
    ),
  );
  app.onError((error, context) => {
    if (error instanceof EntraError) return context.json(error.body(azure.clock.now()), error.status);
    azure.log(`Token endpoint ${context.req.path}: ${error.message}`);
    return context.json({ error: "server_error", error_description: "AADSTS90033: A transient error." }, 500);
  });

  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  return {
    routes: listRoutes(app),
    serves: (host) => host === hostName,
    request: async (req, res) => {
      await listener(req, res);
    },
    fetch: (request) => app.fetch(request),
  };
}

function requireTenant(tenant: string, azure: AzureEnvironment): void {
  if (tenant.toLowerCase() === azure.tenantId) return;
  throw new EntraError(
    "invalid_request",
    90002,
    `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the ` +
      "correct cloud.",
  );
}

const serviceAudiences = [
  "https://management.azure.com",
  "https://management.core.windows.net",
  "https://iothubs.azure.net",
  "https://storage.azure.com",
  "https://api.loganalytics.io",
  graphAudience,
];

/**
 * The scopes of OpenID Connect. MSAL for Go and for Java add them to each request, and Entra ID drops them from one for
 * client credentials. Source: microsoft-authentication-library-for-go, `AppendDefaultScopes` in accesstokens.go.
 */
const openIdScopes = ["openid", "profile", "offline_access", "email"];

/** Hosts of Microsoft's directory APIs that the sandbox does not have, although Azure's command line asks for them. */
const missingServices: Record<string, string> = {
  "https://graph.windows.net": "Azure AD Graph, which Microsoft has retired",
};

/** The audience of a token: client credentials request the scope "RESOURCE/.default". */
function audienceOf(scope: string, objects: ObjectStore, azure: AzureEnvironment): string {
  const resourceScopes = scope.split(/ +/).filter((each) => !openIdScopes.includes(each.toLowerCase()));
  const audience = /^(\S+)\/\.default$/.exec(resourceScopes.join(" ").trim())?.[1];
  if (!audience) {
    throw new EntraError(
      "invalid_scope",
      1002012,
      `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with ` +
        "/.default suffixed to the resource identifier (application ID URI).",
    );
  }
  const bare = audience.replace(/\/$/, "");
  const storage = /^https:\/\/([a-z0-9]{3,24})\.(blob|table)\.core\.windows\.net$/.exec(bare)?.[1];
  const known =
    serviceAudiences.includes(bare) ||
    (storage !== undefined && azure.resources.named("Microsoft.Storage/storageAccounts", storage)) ||
    objects
      .list<Application>("application")
      .some(({ clientId, identifierUris }) => bare === clientId || identifierUris?.includes(bare));
  if (known) return audience;
  const missing = Object.hasOwn(missingServices, bare) ? missingServices[bare] : undefined;
  if (missing) {
    throw new EntraError("invalid_resource", 500011, `The sandbox does not have ${missing}: ${audience}.`);
  }
  throw new EntraError(
    "invalid_resource",
    500011,
    `The resource principal named ${audience} was not found in the tenant named ${azure.tenantId}. This can ` +
      "happen if the application has not been installed by the administrator of the tenant.",
  );
}
