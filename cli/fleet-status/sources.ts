import { explained } from "../azure/explain-error.ts";
import type { Fleet } from "../azure/fleet.ts";
import { quoted } from "../azure/iot-hub/twins.ts";
import { hasDeadLink, type LinkSigner } from "../file-exchange/link-signature.ts";
import { offerStatuses } from "../file-exchange/offers/offer-status.ts";
import { terminalId } from "../lib/ids.ts";
import { parseKeyTags } from "../lifecycle/key-rotation/record.ts";
import { labelsOf } from "../lifecycle/labels.ts";
import { readJournal } from "../onboarding/journal.ts";
import { t } from "../words/translate.ts";

/** A terminal's device identity and device twin in the IoT Hub. */
export interface HubEntry {
  id: string;
  customer?: string;
  site?: string;
  name?: string;
  enabled: boolean;
  /** Why the device identity is disabled. */
  reason?: string;
  connected: boolean;
  /** Time of the last connection or message, ISO 8601; undefined for a device that never connected. */
  lastSeen?: string;
  /** When the device keys were rotated; undefined for the device keys of the onboarding. */
  keysRenewedAt?: string;
  isRotating: boolean;
  /** From when on a retired terminal is deleted. */
  retiresAt?: string;
  /** Labels by name; undefined without any. */
  labels?: Record<string, string>;
  note?: string;
  /** Number of files that wait for the terminal to fetch or deliver them. */
  waiting: number;
  /** Number of files that the terminal has delivered and that are not collected yet. */
  delivered: number;
  /** Number of waiting files whose link is invalid, because the account key that signed it was renewed. */
  deadLinks: number;
  /** Number of files that were not transferred. */
  failed: number;
}

/** A terminal's Flow key row. */
export interface FlowEntry {
  id: string;
  customer: string;
  site: string;
  active: boolean;
  keyCreatedAt: string;
  currentKeySha256: string;
  previousKeySha256: string;
}

/** An entry of a batch's journal: a credential bundle that an onboarding run created. */
export interface JournalEntry {
  id: string;
  customer: string;
  site: string;
  flowKeySha256: string;
}

/** The IoT Hub reports this date as the last activity of a device that never connected. */
const neverActive = "0001-01-01";

/** Reads the devices of a fleet or of one customer from the IoT Hub's query index, which lags by some seconds. */
export async function* readHubEntries(
  fleet: Fleet,
  customer: string | undefined,
  now: number,
  signer: LinkSigner,
): AsyncGenerator<HubEntry> {
  const columns = [
    "deviceId, status, statusReason, connectionState, lastActivityTime, tags",
    "properties.desired.files AS offered, properties.reported.files AS acknowledged",
  ];
  const where = customer ? ` WHERE tags.customer = ${quoted(customer)}` : "";
  const query = `SELECT ${columns.join(", ")} FROM devices${where}`;
  for await (const device of fleet.registry.query(query)) yield toHubEntry(device, now, signer);
}

/** Reads one device without the lag of the query index; undefined when the device does not exist. */
export async function readHubEntry(
  fleet: Fleet,
  id: string,
  now: number,
  signer: LinkSigner,
): Promise<HubEntry | undefined> {
  const twin = await fleet.twins.get(id);
  if (!twin) return undefined;
  const { desired, reported } = twin.properties;
  return toHubEntry({ ...twin, offered: desired.files, acknowledged: reported.files }, now, signer);
}

function toHubEntry(device: Record<string, unknown>, now: number, signer: LinkSigner): HubEntry {
  const { deviceId, status, statusReason, connectionState, lastActivityTime, offered, acknowledged } = device;
  const tags = (device.tags ?? {}) as Record<string, unknown>;
  const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);
  // The URLs of offers are secrets: the entry holds only the number of offers.
  const properties = { desired: { files: offered }, reported: { files: acknowledged } };
  const offers = offerStatuses({ properties }, now);
  const count = (matches: (one: (typeof offers)[number]) => boolean) => offers.filter(matches).length;
  const lastSeen = text(lastActivityTime);
  const keys = parseKeyTags(tags);
  const { labels, note } = labelsOf(tags);
  const retire = (tags.retire ?? {}) as { after?: unknown };
  return {
    id: String(deviceId),
    customer: text(tags.customer),
    site: text(tags.site),
    name: text(tags.name),
    enabled: status === "enabled",
    reason: text(statusReason),
    connected: connectionState === "Connected",
    lastSeen: lastSeen?.startsWith(neverActive) ? undefined : lastSeen,
    keysRenewedAt: keys.hubCreatedAt ?? undefined,
    isRotating: Boolean(keys.rotation),
    retiresAt: text(retire.after),
    ...(Object.keys(labels).length > 0 ? { labels } : {}),
    ...(note === undefined ? {} : { note }),
    waiting: count(({ state }) => state === "waiting"),
    deadLinks: count((one) => hasDeadLink(one, signer)),
    delivered: count(({ state, offer }) => state === "done" && offer.direction === "upload"),
    failed: count(({ state }) => state === "failed" || state === "expired"),
  };
}

/** Reads the Flow key rows of a fleet or of one customer. */
export async function* readFlowEntries(
  fleet: Fleet,
  customer: string | undefined,
): AsyncGenerator<FlowEntry> {
  for await (const { terminal, status, ...row } of fleet.flowKeys.rows(customer)) {
    yield { id: terminal, ...row, active: status === "active" };
  }
}

/** Lists the terminals' containers, up to 5,000 a call. */
export async function* readContainerEntries(fleet: Fleet): AsyncGenerator<{ id: string }> {
  const service = await fleet.files.serviceClient();
  const pages = service.listContainers().byPage();
  for (;;) {
    const page = await explained(pages.next(), t`listing the terminals' containers`);
    if (page.done) return;
    for (const { name } of page.value.containerItems) {
      // Azure Storage has system containers, whose names begin with a dollar sign.
      if (terminalId.safeParse(name).success) yield { id: name };
    }
  }
}

/** Reads a batch's journal, the oldest entry first. The last entry of a terminal counts. */
export async function* readJournalEntries(path: string): AsyncGenerator<JournalEntry> {
  for await (const { terminal, customer, site, flowKeySha256 } of readJournal(path)) {
    yield { id: terminal, customer, site, flowKeySha256 };
  }
}
