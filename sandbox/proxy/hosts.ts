import type { ServiceEndpoint } from "./service-endpoint.ts";

/** DNS suffixes of the services in Azure's public cloud that the sandbox emulates. */
const azureSuffixes = [
  "azure-devices.net",
  "servicebus.windows.net",
  "core.windows.net",
  "azure-api.net",
  "management.azure.com",
  "login.microsoftonline.com",
  "graph.microsoft.com",
  "api.loganalytics.azure.com",
  "api.loganalytics.io",
];

/** The proxy's response for a host that it does not serve. */
export interface UnreachableHost {
  status: 403 | 502;
  reason: string;
}

/** The endpoint that serves this host name now. */
export function endpointOf(endpoints: ServiceEndpoint[], host: string): ServiceEndpoint | undefined {
  return endpoints.find((endpoint) => endpoint.serves(host));
}

/** The response for a host that no endpoint serves: an unknown name for an Azure host, forbidden for other hosts. */
export function explainUnreachable(host: string): UnreachableHost {
  if (azureSuffixes.some((suffix) => host === suffix || host.endsWith(`.${suffix}`))) {
    return {
      status: 502,
      reason: `Cannot resolve ${host}: no resource in the sandbox has this host name. Check its spelling, and that the resource is deployed.`,
    };
  }
  return {
    status: 403,
    reason: `The sandbox's proxy connects to emulated Azure hosts only. It rejects ${host}.`,
  };
}

/** The form of host names in certificates and endpoints: lower case, without a trailing dot. */
export function normalizeHost(host: string): string {
  return host.toLowerCase().replace(/\.$/, "");
}
