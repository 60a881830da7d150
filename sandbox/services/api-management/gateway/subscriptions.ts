import type { SubscriptionInfo } from "../expressions/context.ts";
import type { RequestMessage } from "../messages.ts";
import type { Configuration, Subscription } from "./configuration.ts";
import { GatewayError } from "./gateway-error.ts";
import type { ApiRoute } from "./routing.ts";

/** Checks the subscription key, the first key that the Flow API asks for. */
export class SubscriptionKeys {
  private readonly cacheMs: number;
  private readonly now: () => number;
  private readonly cache = new Map<string, { subscription: Subscription; until: number }>();

  /** @param cacheSeconds How long an accepted key is cached. */
  constructor(cacheSeconds: number, now: () => number) {
    this.cacheMs = cacheSeconds * 1000;
    this.now = now;
  }

  /**
   * Finds the subscription of a call's key. The query parameter is used only without the header.
   * @returns null when the API requires no key and the request has none.
   * @throws GatewayError with status 401. Source: "Subscriptions in Azure API Management".
   */
  check(configuration: Configuration, api: ApiRoute, request: RequestMessage): SubscriptionInfo | null {
    const key =
      request.headers.get(api.keyHeader)?.[0] || request.url.query().get(api.keyQuery.toLowerCase())?.[0];
    if (!key) {
      if (!api.subscriptionRequired) return null;
      throw refusal(
        configuration,
        api,
        "SubscriptionKeyNotFound",
        "Access denied due to missing subscription key. Make sure to include subscription key when making requests to an API.",
      );
    }
    const subscription = this.find(configuration, key);
    if (!subscription || !covers(subscription.scope, configuration.service.id, api.id)) {
      throw refusal(
        configuration,
        api,
        "SubscriptionKeyInvalid",
        "Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription.",
      );
    }
    const { sid, displayName, primaryKey, secondaryKey } = subscription;
    return { id: sid, displayName, key, primaryKey, secondaryKey };
  }

  /** The subscription with this key that is active now or was within the cache's lifetime. */
  private find(configuration: Configuration, key: string): Subscription | undefined {
    const cacheKey = `${configuration.service.id} ${key}`;
    const known = this.cache.get(cacheKey);
    if (known && known.until > this.now()) return known.subscription;
    this.cache.delete(cacheKey);
    const subscription = configuration.subscriptionByKey.get(key);
    if (subscription?.state !== "active") return undefined;
    if (this.cacheMs > 0) this.cache.set(cacheKey, { subscription, until: this.now() + this.cacheMs });
    return subscription;
  }
}

/** Whether a scope, full or relative to the service, includes the API. */
function covers(scope: string, serviceId: string, apiId: string): boolean {
  const service = serviceId.toLowerCase();
  const given = scope.toLowerCase().replace(/\/$/, "");
  const full = given.startsWith("/subscriptions/") ? given : `${service}${given}`;
  return full === service || full === `${service}/apis` || full === apiId.toLowerCase();
}

function refusal(configuration: Configuration, api: ApiRoute, reason: string, message: string): GatewayError {
  const realm = `https://${configuration.service.name.toLowerCase()}.azure-api.net/${api.path}`;
  return new GatewayError(401, reason, message, {
    source: "authorization",
    headers: {
      "WWW-Authenticate": `AzureApiManagementKey realm="${realm}",name="${api.keyHeader}",type="header"`,
    },
  });
}
