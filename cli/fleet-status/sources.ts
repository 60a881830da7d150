import type { Fleet } from "../azure/fleet.ts";
import { quoted } from "../azure/iot-hub/twins.ts";
import { offerStatuses } from "../file-exchange/offers/offers.ts";
import { explained } from "../lib/errors.ts";
import { terminalId } from "../lib/ids.ts";
import { keyTagsOf } from "../lifecycle/key-rotation/record.ts";
import { readJournal } from "../onboarding/journal.ts";

/** What the IoT Hub has of a terminal. */
export interface HubEntry {
  id: string;
  customer?: string;
  site?: string;
  name?: string;
  enabled: boolean;
  /** Why it is disabled. */
  reason?: string;
  connected: boolean;
  /** When it last connected, sent or fetched something; undefined when it never did. ISO 8601. */
  lastSeen?: string;
  /** When its hub keys were renewed; undefined when they are the ones that it was onboarded with. */
  keysRenewedAt?: string;
  isRotating: boolean;
  /** From when on it is deleted, for a terminal that is retired. */
  retiresAt?: string;
  /** Files that wait to be fetched or delivered. */
  waiting: number;
  /** Files that it has delivered and nobody has collected. */
  delivered: number;
  /** Files that did not get there. */
  failed: number;
}

/** A terminal's Flow row. */
export interface FlowEntry {
  id: string;
  customer: string;
  site: string;
  active: boolean;
  keyCreatedAt: string;
  currentKeySha256: string;
  previousKeySha256: string;
}

/** What a batch's journal remembers of a hand-over. */
export interface JournalEntry {
  id: string;
  customer: string;
  site: string;
  flowKeySha256: string;
}

const never = "0001-01-01";

/** The hub's devices, or those of one customer, from its query index, which lags some seconds behind. */
export async function* readHubEntries(
  fleet: Fleet,
  customer: string | undefined,
  now: number,
): AsyncGenerator<HubEntry> {
  const columns = [
    "deviceId, status, statusReason, connectionState, lastActivityTime, tags",
    "properties.desired.files AS offered, properties.reported.files AS heard",
  ];
  const where = customer ? ` WHERE tags.customer = ${quoted(customer)}` : "";
  const query = `SELECT ${columns.join(", ")} FROM devices${where}`;
  for await (const device of fleet.registry.query(query)) yield hubEntry(device, now);
}

/** One device, as it is now; undefined when there is none. */
export async function readHubEntry(fleet: Fleet, id: string, now: number): Promise<HubEntry | undefined> {
  const twin = await fleet.twins.get(id);
  if (!twin) return undefined;
  const { desired, reported } = twin.properties;
  return hubEntry({ ...twin, offered: desired.files, heard: reported.files }, now);
}

function hubEntry(device: Record<string, unknown>, now: number): HubEntry {
  const { deviceId, status, statusReason, connectionState, lastActivityTime, offered, heard } = device;
  const tags = (device.tags ?? {}) as Record<string, unknown>;
  const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);
  // The URLs of offers are secrets: they are counted and go no further.
  const offers = offerStatuses(
    { properties: { desired: { files: offered }, reported: { files: heard } } },
    now,
  );
  const count = (holds: (one: (typeof offers)[number]) => boolean) => offers.filter(holds).length;
  const lastSeen = text(lastActivityTime);
  const keys = keyTagsOf(tags);
  const retire = (tags.retire ?? {}) as { after?: unknown };
  return {
    id: String(deviceId),
    customer: text(tags.customer),
    site: text(tags.site),
    name: text(tags.name),
    enabled: status === "enabled",
    reason: text(statusReason),
    connected: connectionState === "Connected",
    lastSeen: lastSeen?.startsWith(never) ? undefined : lastSeen,
    keysRenewedAt: keys.hubCreatedAt ?? undefined,
    isRotating: Boolean(keys.rotation),
    retiresAt: text(retire.after),
    waiting: count(({ state }) => state === "waiting"),
    delivered: count(({ state, offer }) => state === "done" && offer.direction === "upload"),
    failed: count(({ state }) => state === "failed" || state === "expired"),
  };
}

/** The Flow keys' rows, or those of one customer. */
export async function* readFlowEntries(
  fleet: Fleet,
  customer: string | undefined,
): AsyncGenerator<FlowEntry> {
  for await (const { terminal, status, ...row } of fleet.flowKeys.rows(customer)) {
    yield { id: terminal, ...row, active: status === "active" };
  }
}

/** The terminals' containers, up to 5,000 in one answer. */
export async function* readContainerEntries(fleet: Fleet): AsyncGenerator<{ id: string }> {
  const service = await fleet.files.service();
  const pages = service.listContainers().byPage();
  for (;;) {
    const page = await explained(pages.next(), "listing the terminals' containers");
    if (page.done) return;
    for (const { name } of page.value.containerItems) {
      // Storage has some of its own, with a dollar sign.
      if (terminalId.safeParse(name).success) yield { id: name };
    }
  }
}

/** A batch's hand-overs, the oldest first: the last one of a terminal counts. */
export async function* readJournalEntries(path: string): AsyncGenerator<JournalEntry> {
  for await (const { terminal, customer, site, flowKeySha256 } of readJournal(path)) {
    yield { id: terminal, customer, site, flowKeySha256 };
  }
}
