import pMap from "p-map";
import type { Change } from "../audit/audit.ts";
import type { Terminal } from "../batch/batch.ts";
import { OperatorError } from "../errors.ts";
import type { Fleet } from "../fleet.ts";
import { type FlowKeyRow, hashFlowKey, mintFlowKey } from "../flow/flow-keys.ts";
import type { Handover } from "../handover/handover.ts";
import type { HandoverFolder } from "../handover/handover-folder.ts";
import type { DeviceKeys } from "../hub/registry.ts";
import { ensureIdentities, type Identified } from "./identities.ts";
import type { Journal, JournalEntry } from "./journal.ts";

/** What all waves of a run share. */
export interface Onboarding {
  fleet: Fleet;
  journal: Journal;
  folder: HandoverFolder;
  /** The customer's shared Flow key. */
  sharedKey: string;
  seal(content: Handover): Promise<Uint8Array>;
  /** The change that is under way in the audit log; left out by changes that name their terminals themselves. */
  change?: Pick<Change, "before" | "after">;
}

/** Terminals that are onboarded together: as many as a bulk call takes. */
export interface Wave {
  terminals: Terminal[];
  /** What an import job made of their identities; who is not in it gets one now. */
  imported: ReadonlyMap<string, Identified>;
}

/** What came of one terminal. */
export interface TerminalResult {
  terminal: string;
  outcome: "onboarded" | "unchanged" | "failed";
  /** Why it failed. */
  error?: OperatorError;
}

const containersAtOnce = 12;
const sealsAtOnce = 8;
const recallsAtOnce = 16;

/**
 * Onboards one wave of terminals. A kill at any point loses nothing: the order is identity, container,
 * sealed hand-over, journal, Flow row, and a terminal counts as onboarded once its Flow row is there. No key is
 * written anywhere but into the sealed hand-over; a hand-over's Flow key works only if its row was added by the run
 * that sealed it.
 * @throws OperatorError when no terminal can be onboarded at present: a role is missing, a service is away.
 */
export async function onboardWave(
  { terminals, imported }: Wave,
  onboarding: Onboarding,
): Promise<TerminalResult[]> {
  const results = new Map<string, TerminalResult>();
  const fail = (terminal: string, message: string, remedy?: string) =>
    results.set(terminal, {
      terminal,
      outcome: "failed",
      error: new OperatorError("failed", message, { remedy }),
    });

  // What an earlier run sealed needs its row and nothing else.
  const sealed = new Map<string, JournalEntry>();
  await pMap(
    terminals,
    async (terminal) => {
      const recalled = await recall(terminal, onboarding);
      if (recalled === "new") return;
      if ("entry" in recalled) sealed.set(terminal.id, recalled.entry);
      else results.set(terminal.id, { terminal: terminal.id, ...recalled });
    },
    { concurrency: recallsAtOnce },
  );

  const changing = terminals.map(({ id }) => id).filter((id) => !results.has(id));
  if (changing.length > 0) await onboarding.change?.before(changing);

  let fresh = terminals.filter(({ id }) => !results.has(id) && !sealed.has(id));
  const keys = new Map<string, DeviceKeys>();
  if (fresh.length > 0) {
    const missing = fresh.filter(({ id }) => !imported.has(id));
    const identities = await ensureIdentities(missing, onboarding.fleet);
    for (const { id } of fresh) {
      const identified = (imported.get(id) ?? identities.get(id)) as Identified;
      if ("keys" in identified) keys.set(id, identified.keys);
      else results.set(id, { terminal: id, outcome: "failed", error: identified.error });
    }
    fresh = fresh.filter(({ id }) => keys.has(id));
    await pMap(fresh, ({ id }) => onboarding.fleet.files.ensureContainer(id), {
      concurrency: containersAtOnce,
    });
    for (const entry of await sealAll(fresh, keys, onboarding)) sealed.set(entry.terminal, entry);
  }

  const customer = terminals[0]?.customer as string;
  const rows = new Map([...sealed].map(([terminal, entry]) => [terminal, rowOf(entry)]));
  const taken = await onboarding.fleet.flowKeys.add(customer, rows);
  for (const terminal of sealed.keys()) {
    if (!taken.has(terminal)) results.set(terminal, { terminal, outcome: "onboarded" });
    else {
      await onboarding.folder.remove(terminal);
      fail(
        terminal,
        "somebody else onboarded it meanwhile; the hand-over made here would not work and is removed",
        "Use the hand-over of the other run.",
      );
    }
  }
  if (changing.length > 0) recordResults(changing, results, onboarding);
  return terminals.map(({ id }) => results.get(id) as TerminalResult);
}

/** The run's end waits for these records, so that the wave need not. */
function recordResults(
  changing: string[],
  results: ReadonlyMap<string, TerminalResult>,
  { change }: Onboarding,
): void {
  const failed = changing.flatMap((terminal) => {
    const error = results.get(terminal)?.error;
    return error ? [{ terminal, message: error.message, ...(error.code ? { code: error.code } : {}) }] : [];
  });
  void change?.after(
    changing.filter((terminal) => !results.get(terminal)?.error),
    failed,
  );
}

type Recalled = "new" | { entry: JournalEntry } | Omit<TerminalResult, "terminal">;

async function recall(terminal: Terminal, { journal, folder, fleet }: Onboarding): Promise<Recalled> {
  const refuse = (message: string, remedy: string): Recalled => ({
    outcome: "failed",
    error: new OperatorError("failed", message, { remedy }),
  });
  const [entry, digest] = await Promise.all([journal.get(terminal.id), folder.digest(terminal.id)]);
  if (!entry) {
    if (digest === undefined) return "new";
    return refuse(
      `${folder.file(terminal.id)} is there already, and not from this batch and hub`,
      "Give another folder with --out.",
    );
  }
  if (entry.customer !== terminal.customer || entry.site !== terminal.site) {
    return refuse(
      `an earlier run handed it over for ${entry.customer}, site ${JSON.stringify(entry.site)}`,
      "Correct the batch, or take the terminal out of it.",
    );
  }
  const intact = digest === entry.handoverSha256 || (await folder.finish(terminal.id, entry.handoverSha256));
  const row = await fleet.flowKeys.get(terminal.customer, terminal.id);
  if (!row) return intact ? { entry } : "new";
  if (row.status !== "active") {
    return refuse(`its Flow key is ${row.status}`, "A revoked terminal is not onboarded again.");
  }
  if (row.previousKeySha256 === entry.flowKeySha256) return { outcome: "unchanged" };
  if (row.currentKeySha256 !== entry.flowKeySha256) {
    // Either a run elsewhere was faster, or it was rotated twice: the key that is sealed here does not work.
    if (intact) await folder.setAside(terminal.id);
    return refuse(
      "its Flow key is not the one that was handed over from here",
      "It was rotated, or onboarded by another run: use the newer hand-over. The one from here, if it is there, is renamed to .age.outdated.",
    );
  }
  if (intact) return { outcome: "unchanged" };
  return refuse(
    `it is onboarded, but ${folder.file(terminal.id)} is missing or was changed`,
    "Bring the hand-over back. A second Flow key is never made.",
  );
}

async function sealAll(
  terminals: Terminal[],
  keys: ReadonlyMap<string, DeviceKeys>,
  { fleet, folder, journal, seal, sharedKey }: Onboarding,
): Promise<JournalEntry[]> {
  const entries = await pMap(
    terminals,
    async ({ id, customer, site }): Promise<JournalEntry> => {
      const terminalKey = mintFlowKey();
      const createdAt = new Date().toISOString();
      const { primaryKey } = keys.get(id) as DeviceKeys;
      const content = await seal({
        version: 1,
        terminalId: id,
        customer,
        site,
        hub: { hostName: fleet.outputs.hubHostName, deviceId: id, primaryKey },
        flow: { url: fleet.outputs.flowUrl, sharedKey, terminalKey },
        createdAt,
      });
      const handoverSha256 = await folder.stage(id, content);
      return {
        terminal: id,
        customer,
        site,
        flowKeySha256: hashFlowKey(terminalKey),
        handoverSha256,
        createdAt,
      };
    },
    { concurrency: sealsAtOnce },
  );
  // Journal first: a file that has its name without being in the journal is somebody else's.
  await journal.append(entries);
  await folder.publish(entries.map(({ terminal }) => terminal));
  return entries;
}

function rowOf(entry: JournalEntry): FlowKeyRow {
  return {
    currentKeySha256: entry.flowKeySha256,
    previousKeySha256: "",
    status: "active",
    site: entry.site,
    keyCreatedAt: entry.createdAt,
  };
}
