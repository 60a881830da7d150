import type { Fleet } from "../azure/fleet.ts";
import {
  assessTerminal,
  type Drift,
  type State,
  type TerminalRecords,
  type TerminalStatus,
} from "./drift.ts";
import { sortById } from "./external-sort.ts";
import { mapInOrder, mergeJoin } from "./merge-join.ts";
import {
  readContainerEntries,
  readFlowEntries,
  readHubEntries,
  readHubEntry,
  readJournalEntries,
} from "./sources.ts";

/** Which terminals are asked for, all when nothing is given, and what is looked at. */
export interface StatusOptions {
  customer?: string;
  site?: string;
  /** Only terminals in one of these states; "drift" for those of which something does not fit. Default all. */
  states?: ReadonlySet<State | "drift">;
  /** Looks at each container's stored access policy too: one call a terminal. Default false. */
  policies?: boolean;
  /** Path of a batch's journal that is compared with the services. */
  journal?: string;
  /** Milliseconds since 1970; default now. */
  now?: number;
  /** Entries that are sorted in memory; default 50,000. */
  runSize?: number;
}

const looksAtOnce = 48;

/**
 * The terminals of a fleet in the order of their ids, each with all that the hub, the Flow rows and the containers
 * have of it. It takes as many calls as there are pages, not terminals, and its memory does not grow with the fleet.
 * @throws OperatorError when a service cannot be asked.
 */
export async function* readFleetStatus(
  fleet: Fleet,
  options: StatusOptions = {},
): AsyncGenerator<TerminalStatus> {
  const { customer, site, journal, states, policies = false, runSize, now = Date.now() } = options;
  const found = mergeJoin({
    hub: sortById(readHubEntries(fleet, customer, now), runSize),
    flow: sortById(readFlowEntries(fleet, customer), runSize),
    container: sortById(readContainerEntries(fleet), runSize),
    journal: sortById(journal === undefined ? nothing() : readJournalEntries(journal), runSize),
  });
  // A container does not say whose it is: alone, it is told of when the whole fleet is asked for.
  const isWhole = customer === undefined && site === undefined;
  const isWanted = ({ hub, flow, journal, container }: TerminalRecords) =>
    hub.length + flow.length + journal.length > 0 || (isWhole && container.length > 0);
  const looked = mapInOrder(only(found, isWanted), looksAtOnce, async (one) => {
    // The hub may know it as another customer's.
    const missing = customer !== undefined && one.hub.length === 0;
    const hub = missing ? await readHubEntry(fleet, one.id, now) : undefined;
    const policy = policies && one.container.length > 0 ? await fleet.files.hasPolicy(one.id) : undefined;
    return assessTerminal(hub ? { ...one, hub: [hub] } : one, { policy });
  });
  for await (const status of looked) {
    const isHere = site === undefined || status.site === site;
    if (isHere && isAsked(status, states)) yield status;
  }
}

async function* nothing(): AsyncGenerator<never> {}

async function* only<T>(items: AsyncIterable<T>, wanted: (item: T) => boolean): AsyncGenerator<T> {
  for await (const item of items) if (wanted(item)) yield item;
}

function isAsked({ state, drift }: TerminalStatus, states: StatusOptions["states"]): boolean {
  return !states || states.has(state) || (states.has("drift") && drift.length > 0);
}

/** Numbers of a fleet, or of a part of it. */
export interface Summary {
  terminals: number;
  states: Record<State, number>;
  drift: Partial<Record<Drift, number>>;
  /** Terminals of which something does not fit. */
  drifting: number;
  rotating: number;
  files: TerminalStatus["files"];
}

export function createSummary(): Summary {
  return {
    terminals: 0,
    states: { connected: 0, offline: 0, "never-seen": 0, revoked: 0, "no-identity": 0 },
    drift: {},
    drifting: 0,
    rotating: 0,
    files: { waiting: 0, delivered: 0, failed: 0 },
  };
}

/** Counts one more terminal. */
export function addToSummary(summary: Summary, { state, drift, files, rotating }: TerminalStatus): void {
  summary.terminals++;
  summary.states[state]++;
  for (const name of drift) summary.drift[name] = (summary.drift[name] ?? 0) + 1;
  if (drift.length > 0) summary.drifting++;
  if (rotating) summary.rotating++;
  summary.files.waiting += files.waiting;
  summary.files.delivered += files.delivered;
  summary.files.failed += files.failed;
}
