import type { AzureEnvironment } from "../../../core/azure-environment.ts";
import type { Resource } from "../../../resource-manager/resources.ts";
import { GatewayError } from "./gateway-error.ts";

/** Azure services for which the sandbox issues tokens. For applications it accepts any api:// URI or client ID. */
const audiences = [
  "https://storage.azure.com",
  "https://management.azure.com",
  "https://management.core.windows.net",
  "https://iothubs.azure.net",
  "https://graph.microsoft.com",
];

/** A cached token is replaced this many seconds before it expires. */
const margin = 300;

/** Access tokens of the services' managed identities, cached until they expire as API Management does. */
export class ManagedIdentities {
  private readonly azure: AzureEnvironment;
  private readonly kept = new Map<string, { token: string; until: number }>();

  constructor(azure: AzureEnvironment) {
    this.azure = azure;
  }

  /** @throws GatewayError when the service has no identity, or the resource is not one in the tenant. */
  async token(service: Resource, resource: string): Promise<string> {
    const principalId = service.identity?.principalId as string | undefined;
    const principal = principalId === undefined ? undefined : this.azure.directory.get(principalId);
    if (!principal) throw failure("the service has no system-assigned managed identity.");
    if (!isKnown(resource)) throw failure(`the resource '${resource}' was not found in the tenant.`);
    const key = `${principal.objectId} ${resource}`;
    const now = this.azure.clock.now();
    const known = this.kept.get(key);
    if (known && known.until > now && known.until - now <= 24 * 3600 * 1000) return known.token;
    const { token, expiresIn } = await this.azure.tokens.issue(principal, resource);
    this.kept.set(key, { token, until: now + (expiresIn - margin) * 1000 });
    return token;
  }
}

function isKnown(resource: string): boolean {
  const bare = resource.replace(/\/$/, "");
  return (
    audiences.includes(bare) ||
    /^api:\/\/[^\s]+$/.test(bare) ||
    /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(bare)
  );
}

function failure(reason: string): GatewayError {
  return new GatewayError(500, "ManagedIdentityFailure", `The managed identity got no token: ${reason}`);
}
