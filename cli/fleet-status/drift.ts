import type { Joined } from "./merge-join.ts";
import type { FlowEntry, HubEntry, JournalEntry } from "./sources.ts";

/** How a terminal stands with the IoT Hub. */
export const states = ["connected", "offline", "never-seen", "revoked", "no-identity"] as const;

export type State = (typeof states)[number];

/** What does not fit together, in words that follow the terminal's id. */
export const driftDescriptions = {
  flowStillOpen: "is revoked at the IoT Hub and not at the Flow API",
  hubStillOpen: "is revoked at the Flow API and not at the IoT Hub",
  filesStillOpen: "is revoked, and its files' keys still work",
  noIdentity: "has a Flow row and no identity in the IoT Hub",
  noFlowRow: "has an identity and no Flow row",
  noContainer: "has an identity and no container for files",
  containerOnly: "has a container for files and nothing else",
  noPolicy: "has a container whose stored access policy is missing, so that no file's key works",
  otherCustomer: "belongs to different customers at the IoT Hub and the Flow API",
  otherSite: "is at different sites at the IoT Hub and the Flow API",
  twoFlowRows: "has Flow rows of several customers",
  notOnboarded: "was handed over and has no Flow row: run the onboarding again",
  otherFlowKey: "has another Flow key than was handed over with the batch",
} as const;

export type Drift = keyof typeof driftDescriptions;

/** Those that leave a door open which should be shut. */
export const openAccessPaths: ReadonlySet<Drift> = new Set([
  "flowStillOpen",
  "hubStillOpen",
  "filesStillOpen",
]);

/** All that is known of one terminal. None of it is secret. */
export interface TerminalStatus {
  terminal: string;
  customer?: string;
  site?: string;
  name?: string;
  state: State;
  /** Why it is revoked. */
  reason?: string;
  /** ISO 8601. */
  lastSeen?: string;
  /** When the older of its hub keys and its Flow key was made, ISO 8601. */
  keysFrom?: string;
  /** New keys are on their way to it. */
  rotating?: true;
  /** From when on it is deleted, ISO 8601. */
  retiresAt?: string;
  files: { waiting: number; delivered: number; failed: number };
  drift: Drift[];
}

/** What the sources have of one terminal. */
export type TerminalRecords = Joined<{
  hub: HubEntry;
  flow: FlowEntry;
  container: { id: string };
  journal: JournalEntry;
}>;

/** What was looked at, beyond the hub and the Flow rows. */
export interface Looked {
  /** Whether the terminal's container has its stored access policy; undefined when nobody looked. */
  policy?: boolean;
}

/** Puts what the sources have together. */
export function assessTerminal(
  { id, hub: [hub], flow, container, journal }: TerminalRecords,
  looked: Looked = {},
): TerminalStatus {
  const row = flow.find(({ customer }) => customer === hub?.customer) ?? flow[0];
  const handedOver = journal.at(-1);
  const keys = [row?.keyCreatedAt, hub?.keysRenewedAt ?? row?.keyCreatedAt].filter((at) => at !== undefined);
  return {
    terminal: id,
    ...present({
      customer: hub?.customer ?? row?.customer ?? handedOver?.customer,
      site: hub?.site ?? row?.site ?? handedOver?.site,
      name: hub?.name,
    }),
    state: stateOf(hub),
    ...present({
      reason: hub?.enabled === false ? hub.reason : undefined,
      lastSeen: hub?.lastSeen,
      keysFrom: keys.toSorted()[0],
      rotating: hub?.isRotating ? (true as const) : undefined,
      retiresAt: hub?.retiresAt,
    }),
    files: { waiting: hub?.waiting ?? 0, delivered: hub?.delivered ?? 0, failed: hub?.failed ?? 0 },
    drift: drift({ hub, row, rows: flow, hasContainer: container.length > 0, handedOver, ...looked }),
  };
}

function stateOf(hub: HubEntry | undefined): State {
  if (!hub) return "no-identity";
  if (!hub.enabled) return "revoked";
  return hub.connected ? "connected" : hub.lastSeen ? "offline" : "never-seen";
}

function drift(known: {
  hub: HubEntry | undefined;
  row: FlowEntry | undefined;
  rows: FlowEntry[];
  hasContainer: boolean;
  handedOver: JournalEntry | undefined;
  policy?: boolean;
}): Drift[] {
  const { hub, row, rows, hasContainer, handedOver, policy } = known;
  const isOpen = hub?.enabled === true;
  const isRevoked = hub?.enabled === false;
  const holds: [Drift, boolean][] = [
    ["flowStillOpen", isRevoked && rows.some(({ active }) => active)],
    ["hubStillOpen", isOpen && row?.active === false],
    ["filesStillOpen", isRevoked && policy === true],
    ["noIdentity", !hub && row !== undefined],
    ["noFlowRow", isOpen && !row],
    ["noContainer", isOpen && !hasContainer],
    ["containerOnly", !hub && !row && hasContainer],
    ["noPolicy", isOpen && hasContainer && policy === false],
    ["otherCustomer", Boolean(hub && row) && hub?.customer !== row?.customer],
    ["otherSite", Boolean(hub && row) && hub?.site !== row?.site],
    ["twoFlowRows", rows.length > 1],
    ["notOnboarded", handedOver !== undefined && !row],
    ["otherFlowKey", handedOver !== undefined && row?.active === true && !isKeyOf(row, handedOver)],
  ];
  return holds.flatMap(([name, is]) => (is ? [name] : []));
}

function isKeyOf(row: FlowEntry, { flowKeySha256 }: JournalEntry): boolean {
  return [row.currentKeySha256, row.previousKeySha256].includes(flowKeySha256);
}

function present<T extends object>(values: T): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}
