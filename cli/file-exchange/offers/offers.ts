import type { HubClient } from "../../azure/iot-hub/hub-client.ts";
import { conflict, updateOptimistically } from "../../azure/optimistic-update.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { formatTime } from "../../terminal-ui/format.ts";
import { t } from "../../words/translate.ts";
import { type Offer, offer, parseEntries } from "./offer.ts";
import { isFinished, isWaitingFor, type OfferStatus, offerStatuses } from "./offer-status.ts";
import { patchDesired, readTwin, type Twin } from "./twin.ts";
import { countTwinBytes, maxDesiredBytes } from "./twin-size.ts";

/** An offer to add to a device twin. */
export interface NewOffer {
  id: string;
  offer: Offer;
  /** IDs of offers that the new one replaces. */
  replaces?: string[];
}

/** The result of adding an offer. */
export interface AddResult {
  /** The same offer, which waits already. Nothing was added then. */
  same?: OfferStatus;
  /** Finished offers that were removed. */
  removed: OfferStatus[];
}

/**
 * The offers in the terminals' device twins. They are desired properties, which wait for a terminal without a limit; a
 * cloud-to-device message lives two days. Every update is conditional on the twin's ETag, so that two operators do not
 * overwrite each other's offers.
 */
export class Offers {
  private readonly hub: HubClient;

  constructor(hub: HubClient) {
    this.hub = hub;
  }

  /**
   * Lists a terminal's offers, the oldest first.
   * @throws OperatorError when the IoT Hub has no such device.
   */
  async list(terminal: string, now = Date.now()): Promise<OfferStatus[]> {
    return offerStatuses(await readTwin(this.hub, terminal), now);
  }

  /**
   * Whether the device identity is enabled or disabled, and why.
   * @throws OperatorError when the IoT Hub has no such device.
   */
  async readDeviceStatus(terminal: string): Promise<Pick<Twin, "status" | "statusReason">> {
    return readTwin(this.hub, terminal);
  }

  /**
   * Adds an offer, and removes finished ones to make room. An offer with the same ID, or a waiting one for the same
   * file, changes nothing: of two operators who offer the same file at once, one adds the offer. The offer of a
   * delivered file stays until the file is collected, since it holds the file's SHA-256.
   * @throws OperatorError when the twin is full; the message lists the offers in it.
   */
  add(terminal: string, added: NewOffer, now = Date.now()): Promise<AddResult> {
    return this.update<AddResult>(terminal, (twin) => {
      const all = offerStatuses(twin, now);
      if (all.some(({ id }) => id === added.id)) return { result: { removed: [] } };
      const same = all.find((one) => isWaitingFor(one, added.offer) && !added.replaces?.includes(one.id));
      if (same) return { result: { same, removed: [] } };
      const { finished, files } = makeRoom(terminal, twin, added, now);
      return { files, result: { removed: finished } };
    });
  }

  /** @throws OperatorError when the twin is too full for `add`. */
  async checkRoom(terminal: string, added: NewOffer, now = Date.now()): Promise<void> {
    makeRoom(terminal, await readTwin(this.hub, terminal), added, now);
  }

  /** Removes offers. A terminal does not start a transfer after its offer was removed. */
  remove(terminal: string, ids: string[]): Promise<void> {
    return this.update(terminal, (twin) => {
      const offers = parseEntries(offer, twin.properties.desired).known;
      const existing = ids.filter((id) => offers.has(id));
      if (existing.length === 0) return { result: undefined };
      return { files: Object.fromEntries(existing.map((id) => [id, null])), result: undefined };
    });
  }

  private async update<T>(
    terminal: string,
    decide: (twin: Twin) => { files?: Record<string, unknown>; result: T },
  ): Promise<T> {
    return updateOptimistically(t`the device twin ${terminal}`, async () => {
      const twin = await readTwin(this.hub, terminal);
      const { files, result } = decide(twin);
      if (!files || (await patchDesired(this.hub, terminal, { files }, twin.etag))) return result;
      return conflict;
    });
  }
}

/** Computes the patch of `desired.files` that adds an offer and removes finished and replaced ones. */
function makeRoom(terminal: string, twin: Twin, { id, offer: added, replaces = [] }: NewOffer, now: number) {
  const all = offerStatuses(twin, now);
  const finished = all.filter(isFinished);
  const existing = parseEntries(offer, twin.properties.desired).known;
  const removed = [...finished.map((one) => one.id), ...replaces].filter((one) => existing.has(one));
  const files = { ...Object.fromEntries(removed.map((one) => [one, null])), [id]: added };
  const merged = mergeFiles(twin.properties.desired, files);
  if (countTwinBytes(merged) <= maxDesiredBytes) return { finished, files };
  throw twinFullError(
    terminal,
    all.filter((one) => !isFinished(one)),
  );
}

function mergeFiles(desired: Record<string, unknown>, files: Record<string, unknown>) {
  const merged = { ...(desired.files as object | undefined), ...files };
  return { ...desired, files: Object.fromEntries(Object.entries(merged).filter(([, one]) => one !== null)) };
}

const maxListedOffers = 10;

function twinFullError(terminal: string, offers: OfferStatus[]): OperatorError {
  const lines = offers.slice(0, maxListedOffers).map(({ id, offer: { name, validUntil }, state }) => {
    const progress =
      state === "done" ? t`delivered, not collected yet` : t`waits until ${formatTime(validUntil)}`;
    return `  ${id}  ${name}  ${progress}`;
  });
  if (offers.length > maxListedOffers) lines.push(`  ${t`and ${offers.length - maxListedOffers} more`}`);
  return new OperatorError(
    "failed",
    [t`the device twin of ${terminal} is full (32 KB of desired properties), with these offers:`, ...lines],
    {
      remedy: t`Wait until the terminal has been online, collect delivered files (\`npx terminals files ${terminal} --collect FOLDER\`), or withdraw offers (\`npx terminals files ${terminal} --withdraw ID\`).`,
    },
  );
}
