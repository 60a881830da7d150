import pMap from "p-map";
import type { Fleet } from "../azure/fleet.ts";
import { quoted } from "../azure/iot-hub/twins.ts";

/** Which terminals a command is for: those of a customer, at a site, or both. */
export interface Selection {
  customer?: string;
  site?: string;
}

/** Where a selected terminal belongs. */
export interface TerminalLocation {
  /** By the hub's tags; by a Flow row when the hub's query did not list it; undefined when neither knows. */
  customer?: string;
  site?: string;
}

/** The terminals that a selection means. */
export interface SelectedTerminals {
  /** In the order of their ids. */
  terminals: ReadonlyMap<string, TerminalLocation>;
  /** For those that have Flow rows, the customers that they are of. */
  customers: ReadonlyMap<string, string[]>;
  /**
   * Terminals with a Flow row of the selected customer that are another one's by the hub's tag: they are not selected.
   * By terminal, the customer of the tag.
   */
  elsewhere: ReadonlyMap<string, string>;
}

const looksAtOnce = 32;

/**
 * The terminals that a selection means: those that the hub tags so and those that have such a Flow row, because after a
 * half-finished change, or within the seconds that the hub's index lags, a terminal may have only one of the two. The
 * index can also list a terminal that was deleted half an hour ago.
 */
export async function selectTerminals(
  fleet: Fleet,
  { customer, site }: Selection,
): Promise<SelectedTerminals> {
  const found = new Map<string, TerminalLocation>();
  const conditions = [
    ...(customer ? [`tags.customer = ${quoted(customer)}`] : []),
    ...(site ? [`tags.site = ${quoted(site)}`] : []),
  ];
  const where = conditions.length > 0 ? ` WHERE ${conditions.join(" AND ")}` : "";
  for await (const device of fleet.registry.query(`SELECT deviceId, tags FROM devices${where}`)) {
    const { deviceId, tags } = device as { deviceId: string; tags?: TerminalLocation };
    found.set(deviceId, { customer: tags?.customer ?? customer, site: tags?.site ?? site });
  }
  const byRow = new Map<string, TerminalLocation>();
  for await (const row of fleet.flowKeys.rows(customer)) {
    const isMeant = !found.has(row.terminal) && (!site || row.site === site);
    if (isMeant) byRow.set(row.terminal, { customer: row.customer, site: row.site });
  }
  const elsewhere = new Map<string, string>();
  await pMap(
    byRow,
    async ([terminal, place]) => {
      const tagged = (await fleet.registry.tags(terminal))?.customer;
      if (customer && tagged && tagged !== customer) elsewhere.set(terminal, tagged);
      else found.set(terminal, { ...place, ...(tagged ? { customer: tagged } : {}) });
    },
    { concurrency: looksAtOnce },
  );
  const customers = new Map<string, string[]>();
  for await (const row of fleet.flowKeys.rows()) {
    if (!found.has(row.terminal)) continue;
    customers.set(row.terminal, [...(customers.get(row.terminal) ?? []), row.customer]);
  }
  const terminals = new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
  return { terminals, customers, elsewhere };
}
