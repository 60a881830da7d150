import type { Fleet } from "../fleet.ts";
import { quoted } from "../hub/twins.ts";

/** Which terminals a command is for: those of a customer, at a site, or both. */
export interface Selection {
  customer?: string;
  site?: string;
}

/** The terminals that a selection means. */
export interface Selected {
  /** Their ids, sorted. */
  terminals: string[];
  /** For those that have Flow rows, the customers that they are of. */
  customers: ReadonlyMap<string, string[]>;
}

/**
 * The terminals that a selection means: those that the hub tags so and those that have such a Flow row, because after a
 * half-finished change, or within the seconds that the hub's index lags, a terminal may have only one of the two. The
 * index can also list a terminal that was deleted half an hour ago.
 */
export async function select(fleet: Fleet, { customer, site }: Selection): Promise<Selected> {
  const found = new Set<string>();
  const conditions = [
    ...(customer ? [`tags.customer = ${quoted(customer)}`] : []),
    ...(site ? [`tags.site = ${quoted(site)}`] : []),
  ];
  const where = conditions.length > 0 ? ` WHERE ${conditions.join(" AND ")}` : "";
  for await (const { deviceId } of fleet.registry.query(`SELECT deviceId FROM devices${where}`)) {
    found.add(deviceId as string);
  }
  for await (const row of fleet.flowKeys.rows(customer)) {
    if (!site || row.site === site) found.add(row.terminal);
  }
  const customers = new Map<string, string[]>();
  for await (const row of fleet.flowKeys.rows()) {
    if (!found.has(row.terminal)) continue;
    customers.set(row.terminal, [...(customers.get(row.terminal) ?? []), row.customer]);
  }
  return { terminals: [...found].sort(), customers };
}
