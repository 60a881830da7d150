import type { AzureEnvironment } from "../../core/azure-environment.ts";
import type { ServiceEndpoint } from "../../proxy/service-endpoint.ts";
import { GatewaySite } from "./gateway/endpoint.ts";
import { ProxyOutbound } from "./gateway/outbound.ts";

/** What the gateways need from the rest of the sandbox. */
export interface ApiManagementOptions {
  /** The sandbox's CONNECT proxy, by which gateways reach backends and other services; asked for at every call. */
  proxyUrl: () => string;
  /** Certificate (PEM) of the sandbox's certificate authority. */
  ca: string | (() => string);
  /**
   * Seconds for which a subscription key that was good once goes on being so: a suspended or deleted subscription,
   * a regenerated key. Default 600. Azure promises no time; its staff name up to ten minutes (Microsoft Q&A
   * 5922487), and the sandbox takes the worse case. Keys that were not seen before work at once.
   */
  subscriptionCacheSeconds?: number;
}

/** The gateways of the API Management services that are deployed. */
export interface ApiManagement {
  endpoint: ServiceEndpoint;
  close(): void;
}

/** Makes the endpoint that serves NAME.azure-api.net for every Microsoft.ApiManagement/service of the subscription. */
export function createApiManagement(azure: AzureEnvironment, options: ApiManagementOptions): ApiManagement {
  const { proxyUrl, ca, subscriptionCacheSeconds = 600 } = options;
  const outbound = new ProxyOutbound(proxyUrl, typeof ca === "string" ? () => ca : ca);
  const endpoint = new GatewaySite(azure, outbound, subscriptionCacheSeconds);
  return {
    endpoint,
    close: () => {
      endpoint.close();
      outbound.close();
    },
  };
}
