import pMap from "p-map";
import type { Fleet } from "../azure/fleet.ts";
import { quoted } from "../azure/iot-hub/twins.ts";
import { isSameCustomer } from "../lib/names.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { t } from "../words/translate.ts";
import { type Labels, labelsOf } from "./labels.ts";
import { bounded } from "./revocation/bounded.ts";
import { SiteSelection, type SiteSpelling } from "./site-selection.ts";

/** Selects the terminals of a customer, at a site, or both. */
export interface Selection {
  customer?: string;
  /** Selects every spelling that is the same name; see `isSameName`. */
  site?: string;
}

/** Customer and site of a selected terminal. */
export interface TerminalLocation {
  /** From its tags; from a Flow key row when the query did not list it; undefined when neither has it. */
  customer?: string;
  site?: string;
  /** From its tags; undefined when the query did not list it. */
  labels?: Labels;
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
  /** Sites with a name that people can take for the selected one, and that are not selected. */
  lookalikes: SiteSpelling[];
  /** Why the IoT Hub could not be read. Then terminals without a Flow key row are not selected. */
  hubError?: OperatorError;
  /** Why the key table could not be read. Then terminals that the IoT Hub does not list are not selected. */
  tableError?: OperatorError;
}

/** Options of `selectTerminals`. */
export interface SelectOptions {
  /** Whether one of the two services may be unreadable; default false, which throws its error. */
  isPartialAllowed?: boolean;
  /** With `isPartialAllowed`: maximum time in milliseconds until a service answers first; default 20 seconds. */
  patienceMs?: number;
}

const lookupsAtOnce = 32;
const readingRows = () => t`reading the Flow key rows`;
const defaultPatienceMs = 20_000;
/** Maximum time in milliseconds for a later page. A query may have to wait a minute for the IoT Hub's throttle. */
const laterPageMs = 120_000;

/**
 * Selects terminals by their tags and by their Flow key rows. A terminal can have only one of both after an interrupted
 * change, or in the seconds until the IoT Hub's query index is current. The index can also list a terminal that was
 * deleted half an hour ago.
 */
export async function selectTerminals(
  fleet: Pick<Fleet, "registry" | "flowKeys">,
  { customer, site }: Selection,
  { isPartialAllowed = false, patienceMs = defaultPatienceMs }: SelectOptions = {},
): Promise<SelectedTerminals> {
  const limitMs = isPartialAllowed ? patienceMs : undefined;
  const sites = new SiteSelection(site);
  const hub = await attempt(selectByTags(fleet, customer, { sites, limitMs }));
  if (hub.error && !isPartialAllowed) throw hub.error;
  const selected = hub.value ?? new Map<string, TerminalLocation>();
  const tagReader = new TagReader(fleet.registry, { isPartialAllowed, error: hub.error });
  const table = await attempt(addByRows(fleet.flowKeys, customer, { selected, sites, tagReader, limitMs }));
  if (table.error && (hub.error || !isPartialAllowed)) throw table.error;
  const { elsewhere, customers } = table.value ?? { elsewhere: new Map(), customers: new Map() };
  const terminals = new Map([...selected].sort(([a], [b]) => (a < b ? -1 : 1)));
  const lookalikes = sites.lookalikesExcept(selected);
  return { terminals, customers, elsewhere, lookalikes, hubError: tagReader.error, tableError: table.error };
}

/** Reads the customer's tag of single terminals, until the IoT Hub cannot be read. */
class TagReader {
  error: OperatorError | undefined;
  private readonly registry: Fleet["registry"];
  private readonly isPartialAllowed: boolean;

  constructor(registry: Fleet["registry"], options: { isPartialAllowed: boolean; error?: OperatorError }) {
    this.registry = registry;
    this.isPartialAllowed = options.isPartialAllowed;
    this.error = options.error;
  }

  async customer(terminal: string): Promise<string | undefined> {
    if (this.error) return undefined;
    const { value, error } = await attempt(this.registry.tags(terminal));
    if (error && !this.isPartialAllowed) throw error;
    this.error ??= error;
    return value?.customer;
  }
}

/** Passes the items of a service's pages on. @param limitMs Maximum time until the first item; default no limit. */
async function* inTimeEach<T>(
  items: AsyncIterator<T>,
  doing: string,
  limitMs: number | undefined,
): AsyncGenerator<T> {
  for (let isFirst = true; ; isFirst = false) {
    const next = await bounded(items.next(), doing, {
      limitMs: limitMs && (isFirst ? limitMs : laterPageMs),
    });
    if (next.done) return;
    yield next.value;
  }
}

async function attempt<T>(work: Promise<T>): Promise<{ value?: T; error?: OperatorError }> {
  try {
    return { value: await work };
  } catch (error) {
    if (!(error instanceof OperatorError) || error.outcome === "interrupted") throw error;
    return { error };
  }
}

async function selectByTags(
  { registry }: Pick<Fleet, "registry">,
  customer: string | undefined,
  { sites, limitMs }: { sites: SiteSelection; limitMs: number | undefined },
): Promise<Map<string, TerminalLocation>> {
  const selected = new Map<string, TerminalLocation>();
  // The query language compares exact texts. Names that look the same are matched here; a page has 1,000 devices.
  const where = customer ? ` WHERE tags.customer = ${quoted(customer)}` : "";
  const devices = registry.query(`SELECT deviceId, tags FROM devices${where}`);
  for await (const device of inTimeEach(devices, t`querying the devices`, limitMs)) {
    const { deviceId, tags } = device as { deviceId: string; tags?: { customer?: string; site?: unknown } };
    if (!sites.includes(deviceId, tags ?? {})) continue;
    const labels = labelsOf(tags);
    selected.set(deviceId, { customer: tags?.customer ?? customer, site: textOf(tags?.site), labels });
  }
  return selected;
}

/** Adds the terminals of the Flow key rows to `selected`, and reads the customers of the rows of all selected ones. */
async function addByRows(
  flowKeys: Fleet["flowKeys"],
  customer: string | undefined,
  {
    selected,
    sites,
    tagReader,
    limitMs,
  }: {
    selected: Map<string, TerminalLocation>;
    sites: SiteSelection;
    tagReader: TagReader;
    limitMs: number | undefined;
  },
): Promise<Pick<SelectedTerminals, "customers" | "elsewhere">> {
  const byRow = new Map<string, TerminalLocation>();
  for await (const row of inTimeEach(flowKeys.rows(customer), readingRows(), limitMs)) {
    const isMatch = !selected.has(row.terminal) && sites.includes(row.terminal, row);
    if (isMatch) byRow.set(row.terminal, { customer: row.customer, site: row.site });
  }
  const elsewhere = new Map<string, string>();
  await pMap(
    byRow,
    async ([terminal, location]) => {
      const tagged = await tagReader.customer(terminal);
      if (customer && tagged && !isSameCustomer(tagged, customer)) elsewhere.set(terminal, tagged);
      else selected.set(terminal, { ...location, customer: customer ?? tagged ?? location.customer });
    },
    { concurrency: lookupsAtOnce },
  );
  const customers = new Map<string, string[]>();
  for await (const row of inTimeEach(flowKeys.rows(), readingRows(), limitMs)) {
    if (!selected.has(row.terminal)) continue;
    customers.set(row.terminal, [...(customers.get(row.terminal) ?? []), row.customer]);
  }
  return { customers, elsewhere };
}

/** A tag that was set by hand may have a value that is not a text. */
function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
