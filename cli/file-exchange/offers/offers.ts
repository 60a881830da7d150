import type { HubClient } from "../../azure/iot-hub/hub-client.ts";
import { conflict, updateOptimistically } from "../../azure/optimistic-update.ts";
import { OperatorError } from "../../lib/errors.ts";
import {
  type Acknowledgement,
  acknowledgement,
  type DownloadOffer,
  type Offer,
  offer,
  parseEntries,
  type UploadOffer,
} from "./offer.ts";
import { patchDesired, readTwin, type Twin } from "./twin.ts";
import { countTwinBytes, maxDesiredBytes } from "./twin-size.ts";

/** An offer and how far it is. */
export interface OfferStatus {
  id: string;
  offer: Offer;
  /** "waiting" until the terminal's last word, or until the key's time is over. */
  state: "waiting" | "done" | "failed" | "expired";
  /** The terminal's last word; undefined while it waits, and when it expired unheard. */
  acknowledgement: Acknowledgement | undefined;
}

/** An offer to be made. */
export interface NewOffer {
  id: string;
  offer: Offer;
  /** The ids of offers that the new one takes the place of. */
  replaces?: string[];
}

/** What came of an offer that was to be made. */
export interface AddResult {
  /** An offer of the same that waits already: then nothing was added. */
  same?: OfferStatus;
  /** The offers that were removed because they are over. */
  removed: OfferStatus[];
}

/**
 * The offers of files in the terminals' twins, seen by an operator. Desired properties wait for a terminal that is
 * off for weeks, while a message to it lives two days. Changes are made with the twin's ETag: two operators at once
 * undo nothing of each other.
 */
export class Offers {
  private readonly hub: HubClient;

  constructor(hub: HubClient) {
    this.hub = hub;
  }

  /**
   * A terminal's offers, the oldest first.
   * @throws OperatorError when the hub has no such terminal.
   */
  async list(terminal: string, now = Date.now()): Promise<OfferStatus[]> {
    return offerStatuses(await readTwin(this.hub, terminal), now);
  }

  /**
   * Offers a file to a terminal; offering the same id again changes nothing, nor does offering what waits already: of
   * two operators who offer the same at once one makes the offer. What is over makes room: offers that were fetched,
   * have failed or have expired. A delivered file's offer stays until it is removed, since it holds the file's SHA-256.
   * @throws OperatorError when the twin is full, and says with what.
   */
  add(terminal: string, added: NewOffer, now = Date.now()): Promise<AddResult> {
    return this.change<AddResult>(terminal, (twin) => {
      const all = offerStatuses(twin, now);
      if (all.some(({ id }) => id === added.id)) return { result: { removed: [] } };
      const same = all.find((one) => isWaitingFor(one, added.offer) && !added.replaces?.includes(one.id));
      if (same) return { result: { same, removed: [] } };
      const { over, files } = roomFor(terminal, twin, added, now);
      return { files, result: { removed: over } };
    });
  }

  /** @throws OperatorError when `add` would find the twin full. */
  async checkRoom(terminal: string, added: NewOffer, now = Date.now()): Promise<void> {
    roomFor(terminal, await readTwin(this.hub, terminal), added, now);
  }

  /** Removes offers: a terminal that has not begun with one never will. */
  remove(terminal: string, ids: string[]): Promise<void> {
    return this.change(terminal, (twin) => {
      const there = parseEntries(offer, twin.properties.desired).known;
      const going = ids.filter((id) => there.has(id));
      if (going.length === 0) return { result: undefined };
      return { files: Object.fromEntries(going.map((id) => [id, null])), result: undefined };
    });
  }

  private async change<T>(
    terminal: string,
    decide: (twin: Twin) => { files?: Record<string, unknown>; result: T },
  ): Promise<T> {
    return updateOptimistically(`the device twin ${terminal}`, async () => {
      const twin = await readTwin(this.hub, terminal);
      const { files, result } = decide(twin);
      if (!files || (await patchDesired(this.hub, terminal, { files }, twin.etag))) return result;
      return conflict;
    });
  }
}

/** What a twin says of each offer, the oldest first. */
export function offerStatuses(twin: Pick<Twin, "properties">, now: number): OfferStatus[] {
  const offers = parseEntries(offer, twin.properties.desired).known;
  const heard = parseEntries(acknowledgement, twin.properties.reported).known;
  return [...offers].map(([id, one]) => {
    const last = heard.get(id);
    const state = last?.state ?? (Date.parse(one.validUntil) <= now ? "expired" : "waiting");
    return { id, offer: one, state, acknowledgement: last };
  });
}

/** Whether an offer of the same waits: the same content to the terminal, or a file of the same name from it. */
export function isWaitingFor({ offer, state }: OfferStatus, wanted: WantedOffer): boolean {
  if (state !== "waiting" || offer.name !== wanted.name) return false;
  if (wanted.direction === "upload") return offer.direction === "upload";
  return offer.direction === "download" && offer.sha256 === wanted.sha256;
}

/** What makes two offers the same. */
export type WantedOffer =
  | Pick<UploadOffer, "direction" | "name">
  | Pick<DownloadOffer, "direction" | "name" | "sha256">;

/** What is over, and the change of the twin's offers that removes it and adds one. */
function roomFor(terminal: string, twin: Twin, { id, offer: added, replaces = [] }: NewOffer, now: number) {
  const all = offerStatuses(twin, now);
  const over = all.filter(isOver);
  const going = [...over.map((one) => one.id), ...replaces];
  const there = parseEntries(offer, twin.properties.desired).known;
  const removed = going.filter((one) => there.has(one)).map((one) => [one, null]);
  const files = { ...Object.fromEntries(removed), [id]: added };
  if (countTwinBytes(applied(twin.properties.desired, files)) <= maxDesiredBytes) return { over, files };
  const kept = all.filter((one) => !isOver(one));
  throw full(terminal, kept);
}

/** Whether an offer has nothing more to say to anybody. */
function isOver({ offer: { direction }, state }: OfferStatus): boolean {
  return state === "failed" || state === "expired" || (state === "done" && direction === "download");
}

function applied(desired: Record<string, unknown>, files: Record<string, unknown>): Record<string, unknown> {
  const merged = { ...(desired.files as object | undefined), ...files };
  const left = Object.entries(merged).filter(([, value]) => value !== null);
  return { ...desired, files: Object.fromEntries(left) };
}

const namedAtMost = 10;

function full(terminal: string, there: OfferStatus[]): OperatorError {
  const lines = there.slice(0, namedAtMost).map(({ id, offer: { name, validUntil }, state }) => {
    const how = state === "done" ? "delivered, not collected yet" : `waits until ${validUntil}`;
    return `  ${id}  ${name}  ${how}`;
  });
  if (there.length > namedAtMost) lines.push(`  and ${there.length - namedAtMost} more`);
  return new OperatorError(
    "failed",
    [`the twin of ${terminal} is full: its desired properties hold 32 KB.`, ...lines].join("\n"),
    {
      remedy: `Wait until the terminal has been online; collect what it delivered: \`terminals files ${terminal} --collect FOLDER\`; or take offers back: \`terminals files ${terminal} --withdraw ID\`.`,
    },
  );
}
