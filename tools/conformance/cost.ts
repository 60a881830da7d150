import type { Check, Service } from "./check.ts";

/**
 * What the resources of a run cost at most, in US dollars, with the time that they exist. List prices, rounded up: an
 * IoT hub of the tier S1 costs 25 a month and is billed by the day; BasicV2 costs 210 a month and is billed by the hour.
 * https://azure.microsoft.com/pricing/details/iot-hub/ and https://azure.microsoft.com/pricing/details/api-management/
 */
const costs: Record<Service, { text: string; dollars: number }> = {
  "resource-manager": { text: "a resource group, role assignments: free", dollars: 0 },
  storage: { text: "two storage accounts with some small blobs and rows", dollars: 0.1 },
  "iot-hub": { text: "an IoT hub of the tier S1 with one unit, billed for a day", dollars: 1 },
  "api-management": { text: "an API Management service of the tier BasicV2 for two hours", dollars: 0.6 },
};

/** The services that checks use. */
export function servicesOf(checks: readonly Check[]): Service[] {
  return [...new Set(checks.map(({ id }) => id.split("/")[0] as Service))];
}

/** What a run creates, where, and what it costs at most. */
export function costText(
  checks: readonly Check[],
  { subscriptionId, region }: { subscriptionId: string; region: string },
): string {
  const used = servicesOf(checks).map((service) => costs[service]);
  const dollars = used.reduce((sum, each) => sum + each.dollars, 0);
  return [
    `${checks.length} check${checks.length === 1 ? "" : "s"} will run in the subscription ${subscriptionId}, region ${region}.`,
    "The run creates one resource group with:",
    ...used.map(({ text }) => `  ${text}`),
    `This costs about ${dollars.toFixed(2)} US dollars at list prices. The resource group is deleted at the end, also after Ctrl-C and after a failure.`,
  ].join("\n");
}
