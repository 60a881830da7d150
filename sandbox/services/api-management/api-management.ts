import type { AzureEnvironment } from "../../core/azure-environment.ts";
import type { ServiceEndpoint } from "../../proxy/service-endpoint.ts";
import { GatewayEndpoint } from "./gateway/endpoint.ts";
import { ProxyOutbound } from "./gateway/outbound.ts";

/** What the gateways need from the rest of the sandbox. */
export interface ApiManagementOptions {
  /** URL of the sandbox's CONNECT proxy, through which gateways call backends and other services. Read on every call. */
  proxyUrl: () => string;
  /** Certificate (PEM) of the sandbox's certificate authority. */
  ca: string | (() => string);
  /**
   * How long, in seconds, the gateway still accepts a subscription key that it has accepted before, after the
   * subscription was suspended or deleted or the key was regenerated. Default 600. Azure documents no time; its
   * staff name up to ten minutes (Microsoft Q&A 5922487), so the sandbox models the worse case. New keys work at once.
   */
  subscriptionCacheSeconds?: number;
}

/** The gateways of all deployed API Management services. */
export interface ApiManagement {
  endpoint: ServiceEndpoint;
  close(): void;
}

/** Makes the endpoint that serves NAME.azure-api.net for every Microsoft.ApiManagement/service of the subscription. */
export function createApiManagement(azure: AzureEnvironment, options: ApiManagementOptions): ApiManagement {
  const { proxyUrl, ca, subscriptionCacheSeconds = 600 } = options;
  const outbound = new ProxyOutbound(proxyUrl, typeof ca === "string" ? () => ca : ca);
  const endpoint = new GatewayEndpoint(azure, outbound, subscriptionCacheSeconds);
  return {
    endpoint,
    close: () => {
      endpoint.close();
      outbound.close();
    },
  };
}
