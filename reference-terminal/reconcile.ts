import { isDeepStrictEqual } from "node:util";
import {
  type Acknowledgement,
  acknowledgement,
  type Offer,
  offer,
  parseEntries,
} from "@terminal-fleet/cli/terminal-support";

/** The two sections of a twin that a terminal can read. */
export interface TwinSections {
  desired: Record<string, unknown>;
  reported: Record<string, unknown>;
}

/** What a terminal must do after it has read its twin. */
export interface Reconciliation {
  /** Offers to process, the oldest first. */
  pending: Map<string, Offer>;
  /** IDs of all offers in the twin. */
  offered: Set<string>;
  /** The patch for reported.files: missing acknowledgements, and null for those of removed offers. */
  report: Record<string, Acknowledgement | null>;
}

/**
 * Compares the twin with the offers that the terminal has processed. It can run at any time and any number of times: a
 * processed offer is not processed again, and a lost acknowledgement is reported again.
 * @param acknowledgementOf The terminal's record of a processed offer.
 */
export function reconcile(
  twin: TwinSections,
  acknowledgementOf: (id: string) => Acknowledgement | undefined,
  now: number,
): Reconciliation {
  const { known, unknown } = parseEntries(offer, twin.desired);
  const reported = parseEntries(acknowledgement, twin.reported);
  const offered = new Set([...known.keys(), ...unknown]);
  const pending = new Map<string, Offer>();
  const report: Reconciliation["report"] = {};
  for (const [id, one] of known) {
    const final = acknowledgementOf(id);
    if (!final) pending.set(id, one);
    else if (!isDeepStrictEqual(reported.known.get(id), final)) report[id] = final;
  }
  for (const id of unknown) {
    // Reported once and not recorded: an offer that cannot be parsed has no expiry time.
    if (!reported.known.has(id)) {
      report[id] = { state: "failed", reason: "invalid", at: new Date(now).toISOString() };
    }
  }
  for (const id of [...reported.known.keys(), ...reported.unknown]) if (!offered.has(id)) report[id] = null;
  return { pending, offered, report };
}
