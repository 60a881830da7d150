import pMap from "p-map";
import type { Fleet } from "../azure/fleet.ts";
import { quoted } from "../azure/iot-hub/twins.ts";

/** Selects the terminals of a customer, at a site, or both. */
export interface Selection {
  customer?: string;
  site?: string;
}

/** Customer and site of a selected terminal. */
export interface TerminalLocation {
  /** From its tags; from a Flow key row when the query did not list it; undefined when neither has it. */
  customer?: string;
  site?: string;
}

/** The terminals that match a selection. */
export interface SelectedTerminals {
  /** Sorted by ID. */
  terminals: ReadonlyMap<string, TerminalLocation>;
  /** For each terminal with Flow key rows, the customers of these rows. */
  customers: ReadonlyMap<string, string[]>;
  /**
   * Terminals that have a Flow key row of the selected customer and the tag of another one. They are not selected. The
   * value is the tag's customer.
   */
  elsewhere: ReadonlyMap<string, string>;
}

const lookupsAtOnce = 32;

/**
 * Selects terminals by their tags and by their Flow key rows. A terminal can have only one of both after an interrupted
 * change, or in the seconds until the IoT Hub's query index is current. The index can also list a terminal that was
 * deleted half an hour ago.
 */
export async function selectTerminals(
  { registry, flowKeys }: Pick<Fleet, "registry" | "flowKeys">,
  { customer, site }: Selection,
): Promise<SelectedTerminals> {
  const selected = new Map<string, TerminalLocation>();
  const conditions = [
    ...(customer ? [`tags.customer = ${quoted(customer)}`] : []),
    ...(site ? [`tags.site = ${quoted(site)}`] : []),
  ];
  const where = conditions.length > 0 ? ` WHERE ${conditions.join(" AND ")}` : "";
  for await (const device of registry.query(`SELECT deviceId, tags FROM devices${where}`)) {
    const { deviceId, tags } = device as { deviceId: string; tags?: TerminalLocation };
    selected.set(deviceId, { customer: tags?.customer ?? customer, site: tags?.site ?? site });
  }
  const byRow = new Map<string, TerminalLocation>();
  for await (const row of flowKeys.rows(customer)) {
    const isMatch = !selected.has(row.terminal) && (!site || row.site === site);
    if (isMatch) byRow.set(row.terminal, { customer: row.customer, site: row.site });
  }
  const elsewhere = new Map<string, string>();
  await pMap(
    byRow,
    async ([terminal, location]) => {
      const tagged = (await registry.tags(terminal))?.customer;
      if (customer && tagged && tagged !== customer) elsewhere.set(terminal, tagged);
      else selected.set(terminal, { ...location, ...(tagged ? { customer: tagged } : {}) });
    },
    { concurrency: lookupsAtOnce },
  );
  const customers = new Map<string, string[]>();
  for await (const row of flowKeys.rows()) {
    if (!selected.has(row.terminal)) continue;
    customers.set(row.terminal, [...(customers.get(row.terminal) ?? []), row.customer]);
  }
  const terminals = new Map([...selected].sort(([a], [b]) => (a < b ? -1 : 1)));
  return { terminals, customers, elsewhere };
}
