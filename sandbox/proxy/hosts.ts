import type { ServiceEndpoint } from "./service-endpoint.ts";

/** The names under which Azure's public cloud puts the services that a program here may use. */
const azureSuffixes = [
  "azure-devices.net",
  "core.windows.net",
  "azure-api.net",
  "management.azure.com",
  "login.microsoftonline.com",
  "graph.microsoft.com",
];

/** Why a host cannot be reached, as the status and the line that the proxy answers. */
export interface Refusal {
  status: 403 | 502;
  reason: string;
}

/** The endpoint that has this host name now. */
export function endpointOf(endpoints: ServiceEndpoint[], host: string): ServiceEndpoint | undefined {
  return endpoints.find((endpoint) => endpoint.serves(host));
}

/** What the proxy says of a host that no endpoint serves: no such name for Azure's, forbidden for all others. */
export function refusal(host: string): Refusal {
  if (azureSuffixes.some((suffix) => host === suffix || host.endsWith(`.${suffix}`))) {
    return {
      status: 502,
      reason: `Cannot resolve ${host}: no resource in the sandbox has this host name. Is it deployed, and spelled right?`,
    };
  }
  return {
    status: 403,
    reason: `The sandbox takes only the Azure hosts it serves, so it refuses ${host}.`,
  };
}

/** A host name as certificates and endpoints have it: lower case, without the root's dot. */
export function normalizeHost(host: string): string {
  return host.toLowerCase().replace(/\.$/, "");
}
