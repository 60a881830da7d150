import {
  type Acknowledgement,
  acknowledgement,
  type DownloadOffer,
  type Offer,
  offer,
  parseEntries,
  type UploadOffer,
} from "./offer.ts";
import type { Twin } from "./twin.ts";

/** An offer and its progress. */
export interface OfferStatus {
  id: string;
  offer: Offer;
  /** "waiting" until the terminal acknowledges the offer or the file link expires. */
  state: "waiting" | "done" | "failed" | "expired";
  /** The terminal's acknowledgement; undefined for a waiting or expired offer. */
  acknowledgement: Acknowledgement | undefined;
}

/** The offers in a device twin with their progress, the oldest first. */
export function offerStatuses(twin: Pick<Twin, "properties">, now: number): OfferStatus[] {
  const offers = parseEntries(offer, twin.properties.desired).known;
  const acknowledgements = parseEntries(acknowledgement, twin.properties.reported).known;
  return [...offers].map(([id, one]) => {
    const acknowledgement = acknowledgements.get(id);
    const state = acknowledgement?.state ?? (Date.parse(one.validUntil) <= now ? "expired" : "waiting");
    return { id, offer: one, state, acknowledgement };
  });
}

/** The properties by which two offers count as the same. */
export type WantedOffer =
  | Pick<UploadOffer, "direction" | "name">
  | Pick<DownloadOffer, "direction" | "name" | "sha256">;

/** Whether an offer waits for the same file: the same content for a download, the same name for an upload. */
export function isWaitingFor({ offer, state }: OfferStatus, wanted: WantedOffer): boolean {
  return state === "waiting" && isSameFile(offer, wanted);
}

/** Whether an offer is about the same file: see `isWaitingFor`. */
export function isSameFile(offer: Offer, wanted: WantedOffer): boolean {
  if (offer.name !== wanted.name) return false;
  if (wanted.direction === "upload") return offer.direction === "upload";
  return offer.direction === "download" && offer.sha256 === wanted.sha256;
}

/** Whether an offer can be removed: it failed, expired or was downloaded. A delivered file is collected first. */
export function isFinished({ offer: { direction }, state }: OfferStatus): boolean {
  return state === "failed" || state === "expired" || (state === "done" && direction === "download");
}
