import type { Fleet } from "../fleet.ts";
import { quoted } from "../hub/twins.ts";

/** Which terminals a command is for: those of a customer, at a site, or both. */
export interface Selection {
  customer?: string;
  site?: string;
}

/**
 * The ids of the terminals that a selection means, sorted. A customer's terminals are those that the hub tags with it
 * and those that have a Flow row under it: after a half-finished change a terminal may have only one of the two.
 */
export async function select(fleet: Fleet, { customer, site }: Selection): Promise<string[]> {
  const found = new Set<string>();
  const conditions = [
    ...(customer ? [`tags.customer = ${quoted(customer)}`] : []),
    ...(site ? [`tags.site = ${quoted(site)}`] : []),
  ];
  const where = conditions.length > 0 ? ` WHERE ${conditions.join(" AND ")}` : "";
  for await (const { deviceId } of fleet.registry.query(`SELECT deviceId FROM devices${where}`)) {
    found.add(deviceId as string);
  }
  if (customer && !site) {
    for await (const { terminal } of fleet.flowKeys.rows(customer)) found.add(terminal);
  }
  return [...found].sort();
}
