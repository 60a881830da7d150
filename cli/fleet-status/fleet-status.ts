import type { Fleet } from "../azure/fleet.ts";
import { isSameName } from "../lib/names.ts";
import { type LabelFilter, matchesLabels } from "../lifecycle/labels.ts";
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

/** Which terminals are selected, all by default, and what is checked. */
export interface StatusOptions {
  customer?: string;
  /** Selects every spelling that is the same name; see `isSameName`. */
  site?: string;
  /** Only terminals in one of these states; "drift" selects terminals with any drift. Default: all. */
  states?: ReadonlySet<State | "drift">;
  /** Only terminals with all of these labels. Default: all. */
  labels?: readonly LabelFilter[];
  /** Checks the stored access policy of each container too, with one call a terminal. Default: false. */
  policies?: boolean;
  /** Terminals whose key two machines use; see `readSharedKeys`. Default: none are known. */
  sharedKeys?: ReadonlySet<string>;
  /** Path of a batch's journal, which is compared with the services. */
  journal?: string;
  /** Called for each terminal of the customer, whatever its site and state. */
  onTerminal?: (status: TerminalStatus) => void;
  /** Milliseconds since 1970; default: now. */
  now?: number;
  /** Number of entries that are sorted in memory; default: 50,000. */
  runSize?: number;
}

const concurrentChecks = 48;

/**
 * Reads the status of a fleet's terminals, in the order of their IDs, from the IoT Hub, the key table and the
 * containers. The number of calls grows with the pages of these lists, not with the terminals. Memory does not grow
 * with the fleet.
 * @throws OperatorError when a service cannot be read.
 */
export async function* readFleetStatus(
  fleet: Fleet,
  options: StatusOptions = {},
): AsyncGenerator<TerminalStatus> {
  const { customer, site, journal, states, policies = false, runSize, now = Date.now() } = options;
  const { labels: filters = [] } = options;
  const signer = await fleet.files.readSigner();
  const records = mergeJoin({
    hub: sortById(readHubEntries(fleet, customer, now, signer), runSize),
    flow: sortById(readFlowEntries(fleet, customer), runSize),
    container: sortById(readContainerEntries(fleet), runSize),
    journal: sortById(journal === undefined ? empty() : readJournalEntries(journal), runSize),
  });
  // A container does not name its customer. One without other records is reported for the whole fleet only.
  const isWholeFleet = customer === undefined && site === undefined;
  const isSelected = ({ hub, flow, journal, container }: TerminalRecords) =>
    hub.length + flow.length + journal.length > 0 || (isWholeFleet && container.length > 0);
  const statuses = mapInOrder(filter(records, isSelected), concurrentChecks, async (one) => {
    // The query asked for one customer only: the IoT Hub may have the device with another customer's tag.
    const isMissing = customer !== undefined && one.hub.length === 0;
    const hub = isMissing ? await readHubEntry(fleet, one.id, now, signer) : undefined;
    const policy = policies && one.container.length > 0 ? await fleet.files.hasPolicy(one.id) : undefined;
    const hasTwoMachines = options.sharedKeys?.has(one.id) === true;
    return assessTerminal(hub ? { ...one, hub: [hub] } : one, { policy, hasTwoMachines });
  });
  for await (const status of statuses) {
    options.onTerminal?.(status);
    const isAtSite = site === undefined || isSameName(status.site, site);
    const hasLabels = matchesLabels({ labels: status.labels ?? {} }, filters);
    if (isAtSite && hasLabels && matchesStates(status, states)) yield status;
  }
}

async function* empty(): AsyncGenerator<never> {}

async function* filter<T>(items: AsyncIterable<T>, isWanted: (item: T) => boolean): AsyncGenerator<T> {
  for await (const item of items) if (isWanted(item)) yield item;
}

function matchesStates({ state, drift }: TerminalStatus, states: StatusOptions["states"]): boolean {
  return !states || states.has(state) || (states.has("drift") && drift.length > 0);
}

/** Counts of a fleet, or of a part of it. */
export interface Summary {
  terminals: number;
  states: Record<State, number>;
  drift: Partial<Record<Drift, number>>;
  /** Number of terminals with any drift. */
  drifting: number;
  rotating: number;
  files: TerminalStatus["files"];
}

/** A summary of no terminals. */
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

/** Adds the counts of other summaries to `sum`, and returns it. */
export function mergeSummaries(sum: Summary, ...others: readonly Summary[]): Summary {
  for (const { terminals, states, drift, drifting, rotating, files } of others) {
    sum.terminals += terminals;
    sum.drifting += drifting;
    sum.rotating += rotating;
    addCounts(sum.states, states);
    addCounts(sum.drift, drift);
    addCounts(sum.files, files);
  }
  return sum;
}

function addCounts<Name extends string>(
  sum: Partial<Record<Name, number>>,
  counts: Partial<Record<Name, number>>,
): void {
  for (const name of Object.keys(counts) as Name[]) sum[name] = (sum[name] ?? 0) + (counts[name] ?? 0);
}
