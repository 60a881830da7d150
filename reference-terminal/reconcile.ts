import { isDeepStrictEqual } from "node:util";
import {
  type Acknowledgement,
  acknowledgement,
  entriesOf,
  type Offer,
  offer,
} from "@terminal-fleet/cli/terminal-support";

/** The two sections of a twin, as a terminal gets them. */
export interface TwinSections {
  desired: Record<string, unknown>;
  reported: Record<string, unknown>;
}

/** What follows from a twin for a terminal. */
export interface Reconciled {
  /** Offers that it has not handled, the oldest first. */
  open: Map<string, Offer>;
  /** All ids that are offered. */
  offered: Set<string>;
  /** What to merge into reported.files: its last words, and null for what the operators have taken note of. */
  report: Record<string, Acknowledgement | null>;
}

/**
 * Compares what a twin asks with what the terminal has done. It can be asked at any time and any number of times:
 * what was handled is not done again, and a last word that got lost is said again.
 * @param said The terminal's last word on an offer, from its memory.
 */
export function reconcile(
  twin: TwinSections,
  said: (id: string) => Acknowledgement | undefined,
  now: number,
): Reconciled {
  const { known, unknown } = entriesOf(offer, twin.desired);
  const heard = entriesOf(acknowledgement, twin.reported);
  const offered = new Set([...known.keys(), ...unknown]);
  const open = new Map<string, Offer>();
  const report: Reconciled["report"] = {};
  for (const [id, one] of known) {
    const last = said(id);
    if (!last) open.set(id, one);
    else if (!isDeepStrictEqual(heard.known.get(id), last)) report[id] = last;
  }
  for (const id of unknown) {
    // Once is enough: an offer that is not understood has no time after which it is forgotten.
    if (!heard.known.has(id)) {
      report[id] = { state: "failed", reason: "invalid", at: new Date(now).toISOString() };
    }
  }
  for (const id of [...heard.known.keys(), ...heard.unknown]) if (!offered.has(id)) report[id] = null;
  return { open, offered, report };
}
