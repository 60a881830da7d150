import type { FlowKeys } from "../azure/flow-api/flow-keys.ts";
import type { Terminal } from "./batch-file/rows.ts";
import type { Inventory } from "./inventory.ts";
import type { Journal, JournalEntry } from "./journal.ts";

/** What earlier runs have made of a terminal. */
export type ResumeState =
  /** Nothing that can be used: it gets all that it has not got yet, with a new hand-over. */
  | { kind: "new" }
  /** Its hand-over is sealed and lies here, and only its Flow row is missing. */
  | { kind: "sealed"; entry: JournalEntry }
  /** It is onboarded. `outdated`: its keys were renewed since, and the hand-over that lies here is of no use. */
  | { kind: "unchanged"; entry: JournalEntry; outdated: boolean }
  /** It cannot be onboarded. `outdated`: the hand-over that lies here does not work. */
  | { kind: "refused"; message: string; remedy: string; outdated: boolean };

/** Where to look. */
export interface EarlierRuns {
  /** Left out when the batch has none yet. */
  journal: Pick<Journal, "get"> | undefined;
  folder: {
    file(terminal: string): string;
    /** Base64 of SHA-256 of a hand-over that lies there; undefined when none does. */
    digest(terminal: string): Promise<string | undefined>;
    /** Completes one that a kill left under its passing name, if it is the one with this digest. */
    finish?(terminal: string, digest: string): Promise<boolean>;
  };
  flowKeys: Pick<FlowKeys, "get">;
  inventory: Inventory;
}

/** Judges a terminal of a batch by the journal, the hand-overs, the Flow row and the identity. */
export async function readResumeState(terminal: Terminal, memory: EarlierRuns): Promise<ResumeState> {
  const { journal, folder, flowKeys, inventory } = memory;
  const { id, customer } = terminal;
  const [entry, digest] = await Promise.all([journal?.get(id), folder.digest(id)]);
  if (!entry) return withoutEntry(terminal, digest, memory);
  if (entry.customer !== customer || entry.site !== terminal.site) {
    return refused(
      `an earlier run handed it over for ${entry.customer}, site ${JSON.stringify(entry.site)}`,
      "Correct the batch, or take the terminal out of it.",
    );
  }
  const isIntact =
    digest === entry.handoverSha256 || ((await folder.finish?.(id, entry.handoverSha256)) ?? false);
  const row = await flowKeys.get(customer, id);
  if (row && row.status !== "active") return revoked(row.status);
  const isCurrent =
    row?.previousKeySha256 === entry.flowKeySha256 || row?.currentKeySha256 === entry.flowKeySha256;
  if (row && !isCurrent && !entry.onboarded) {
    // Either a run elsewhere was faster, or it was renewed after a run that did not live to see its row.
    return refused(
      "its Flow key is not the one that was handed over from here",
      "It was renewed, or onboarded by another run: use the newer hand-over. The one from here, if it is there, is renamed to .age.outdated.",
      isIntact,
    );
  }
  const identity = await inventory.identityStatus(id);
  if (identity === "disabled") {
    return refused(
      row ? "its identity is disabled, and its Flow key is not" : "its identity is disabled",
      `\`terminals revoke ${id}\` shuts it out at all doors, \`terminals reinstate ${id}\` lets it in again.`,
    );
  }
  if (!row && identity === "missing" && entry.onboarded) {
    return refused(
      "it was onboarded from here, and has been deleted since",
      "A retired terminal does not come back with its old batch: take it out of the batch. To onboard it anew, put it into a batch of its own.",
    );
  }
  // A hand-over whose identity was deleted opens the hub no more.
  if (!row) return isIntact && identity === "enabled" ? { kind: "sealed", entry } : { kind: "new" };
  if (identity === "missing") {
    return refused(
      "its identity is gone from the IoT Hub, so that its hand-over does not open that door any more",
      `\`terminals reinstate ${id}\` gives it a new identity, with a new hand-over.`,
    );
  }
  if (!isCurrent) return { kind: "unchanged", entry, outdated: isIntact };
  if (isIntact || row.previousKeySha256 === entry.flowKeySha256) {
    return { kind: "unchanged", entry, outdated: false };
  }
  return refused(
    `it is onboarded, but ${folder.file(id)} is missing or was changed`,
    `Bring the hand-over back; a second Flow key is never made. If it is lost: revoke ${id} and reinstate it.`,
  );
}

async function withoutEntry(
  { id, customer }: Terminal,
  digest: string | undefined,
  { folder, flowKeys, inventory }: EarlierRuns,
): Promise<ResumeState> {
  if (digest !== undefined) {
    return refused(
      `${folder.file(id)} is there already, and not from this batch and hub`,
      "Give another folder with --out.",
    );
  }
  const row = (await inventory.hadFlowKeyRow(id)) ? await flowKeys.get(customer, id) : undefined;
  if (!row) return { kind: "new" };
  if (row.status !== "active") return revoked(row.status);
  return refused(
    "it was onboarded already, and its hand-over is not in this folder",
    "Use the hand-over of that run, or bring its folder and journal here. A second Flow key is never made.",
  );
}

function revoked(status: string): ResumeState {
  return refused(
    `its Flow key is ${status}`,
    "A revoked terminal is not onboarded again: `terminals reinstate` lets it in.",
  );
}

function refused(message: string, remedy: string, outdated = false): ResumeState {
  return { kind: "refused", message, remedy, outdated };
}
