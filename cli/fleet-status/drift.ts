import { isSameName } from "../lib/names.ts";
import type { Joined } from "./merge-join.ts";
import type { FlowEntry, HubEntry, JournalEntry } from "./sources.ts";

/** The states of a terminal in the IoT Hub. */
export const states = ["connected", "offline", "never-seen", "revoked", "no-identity"] as const;

export type State = (typeof states)[number];

/** All kinds of drift. */
export const drifts = [
  "flowStillOpen",
  "hubStillOpen",
  "filesStillOpen",
  "noIdentity",
  "noFlowRow",
  "noContainer",
  "containerOnly",
  "noPolicy",
  "otherCustomer",
  "otherSite",
  "twoFlowRows",
  "notOnboarded",
  "deadLinks",
  "twoMachines",
  "otherFlowKey",
] as const;

export type Drift = (typeof drifts)[number];

/** The kinds of drift that leave an access path of a revoked terminal open. */
export const openAccessPaths: ReadonlySet<Drift> = new Set([
  "flowStillOpen",
  "hubStillOpen",
  "filesStillOpen",
]);

/** The status of one terminal, as `status --json` prints it. It holds no secret. */
export interface TerminalStatus {
  terminal: string;
  customer?: string;
  site?: string;
  name?: string;
  state: State;
  /** Why the terminal is revoked. */
  reason?: string;
  /** ISO 8601. */
  lastSeen?: string;
  /** Creation time of the older one of its device key and its Flow key, ISO 8601. */
  keysFrom?: string;
  /** A key rotation is in progress. */
  rotating?: true;
  /** From when on a retired terminal is deleted, ISO 8601. */
  retiresAt?: string;
  /** What operators have written down: labels by name, and a note. Undefined without any. */
  labels?: Record<string, string>;
  note?: string;
  files: { waiting: number; delivered: number; failed: number };
  drift: Drift[];
}

/** The records of one terminal in all sources. */
export type TerminalRecords = Joined<{
  hub: HubEntry;
  flow: FlowEntry;
  container: { id: string };
  journal: JournalEntry;
}>;

/**
 * Computes state and drift of one terminal from its records.
 * @param checks.policy Whether the terminal's container has a stored access policy; undefined when not checked.
 * @param checks.hasTwoMachines Whether two machines connect with its key.
 */
export function assessTerminal(
  { id, hub: [hub], flow, container, journal }: TerminalRecords,
  checks: { policy?: boolean; hasTwoMachines?: boolean } = {},
): TerminalStatus {
  const row = flow.find(({ customer }) => customer === hub?.customer) ?? flow[0];
  const journaled = journal.at(-1);
  const keys = [row?.keyCreatedAt, hub?.keysRenewedAt ?? row?.keyCreatedAt].filter((at) => at !== undefined);
  return {
    terminal: id,
    ...withoutUndefined({
      customer: hub?.customer ?? row?.customer ?? journaled?.customer,
      site: hub?.site ?? row?.site ?? journaled?.site,
      name: hub?.name,
    }),
    state: stateOf(hub),
    ...withoutUndefined({
      reason: hub?.enabled === false ? hub.reason : undefined,
      lastSeen: hub?.lastSeen,
      keysFrom: keys.toSorted()[0],
      rotating: hub?.isRotating ? (true as const) : undefined,
      retiresAt: hub?.retiresAt,
      ...(hub?.labels ? { labels: hub.labels } : {}),
      ...(hub?.note === undefined ? {} : { note: hub.note }),
    }),
    files: { waiting: hub?.waiting ?? 0, delivered: hub?.delivered ?? 0, failed: hub?.failed ?? 0 },
    drift: detectDrift({ hub, row, rows: flow, hasContainer: container.length > 0, journaled, ...checks }),
  };
}

function stateOf(hub: HubEntry | undefined): State {
  if (!hub) return "no-identity";
  if (!hub.enabled) return "revoked";
  return hub.connected ? "connected" : hub.lastSeen ? "offline" : "never-seen";
}

function detectDrift(records: {
  hub: HubEntry | undefined;
  row: FlowEntry | undefined;
  rows: FlowEntry[];
  hasContainer: boolean;
  journaled: JournalEntry | undefined;
  policy?: boolean;
  hasTwoMachines?: boolean;
}): Drift[] {
  const { hub, row, rows, hasContainer, journaled, policy, hasTwoMachines } = records;
  const isEnabled = hub?.enabled === true;
  const isRevoked = hub?.enabled === false;
  const checks: [Drift, boolean][] = [
    ["flowStillOpen", isRevoked && rows.some(({ active }) => active)],
    ["hubStillOpen", isEnabled && row?.active === false],
    ["filesStillOpen", isRevoked && policy === true],
    ["noIdentity", !hub && row !== undefined],
    ["noFlowRow", isEnabled && !row],
    ["noContainer", isEnabled && !hasContainer],
    ["containerOnly", !hub && !row && hasContainer],
    ["noPolicy", isEnabled && hasContainer && policy === false],
    ["otherCustomer", Boolean(hub && row) && hub?.customer !== row?.customer],
    ["otherSite", Boolean(hub && row) && !isSameName(hub?.site, row?.site)],
    ["twoFlowRows", rows.length > 1],
    ["notOnboarded", journaled !== undefined && !row],
    ["deadLinks", isEnabled && (hub?.deadLinks ?? 0) > 0],
    ["twoMachines", isEnabled && hasTwoMachines === true],
    ["otherFlowKey", journaled !== undefined && row?.active === true && !hasFlowKeyOf(row, journaled)],
  ];
  return checks.flatMap(([name, isPresent]) => (isPresent ? [name] : []));
}

function hasFlowKeyOf(row: FlowEntry, { flowKeySha256 }: JournalEntry): boolean {
  return [row.currentKeySha256, row.previousKeySha256].includes(flowKeySha256);
}

/** JSON and tables show only the properties that have a value. */
function withoutUndefined<T extends object>(values: T): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}
