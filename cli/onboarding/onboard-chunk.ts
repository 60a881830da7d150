import pMap from "p-map";
import type { Change } from "../audit-log/change.ts";
import type { FlowKeyRow } from "../azure/flow-api/flow-keys.ts";
import type { DeviceKeys } from "../azure/iot-hub/registry.ts";
import type { BundleFolder } from "../credentials/bundle-folder.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { t } from "../words/translate.ts";
import type { Terminal } from "./batch-file/rows.ts";
import { ensureIdentities, type IdentityResult, mintKeys } from "./identities.ts";
import type { Inventory } from "./inventory.ts";
import type { Journal, JournalEntry } from "./journal.ts";
import { readResumeState } from "./resume-state.ts";
import { BundleSealer, type SealingContext } from "./seal-bundles.ts";

/** What all chunks of a run share. */
export interface OnboardingContext extends SealingContext {
  journal: Journal;
  folder: BundleFolder;
  /** The inventory of the batch's customer. */
  inventory: Inventory;
  /** The change in the audit log; omitted by changes that name their terminals themselves. */
  change?: Pick<Change, "before" | "after">;
  /** Called with terminals that have their device identities but nothing else yet. */
  onIdentitiesCreated?: (terminals: string[]) => void;
}

/** Terminals that are onboarded together: as many as fit into a bulk call. */
export interface Chunk {
  terminals: Terminal[];
  /** The results of an import job. The identities of all other terminals are created with the chunk. */
  imported: ReadonlyMap<string, IdentityResult>;
}

/** The result of onboarding one terminal. */
export interface TerminalResult {
  terminal: string;
  outcome: "onboarded" | "unchanged" | "failed";
  /** Why it failed. */
  error?: OperatorError;
}

/** Runs a part of a chunk's work when its turn comes. It throws when the run has ended by then. */
export type TakeTurn = <T>(work: () => Promise<T>) => Promise<T>;

/** The turns of one chunk among the chunks of a run. */
export interface Turns {
  /** For reading what earlier runs completed, before the IoT Hub is called. */
  read: TakeTurn;
  /** For sealing and staging credential bundles, while the identities are created. */
  seal: TakeTurn;
  /** For all that follows the creation of identities. */
  work: TakeTurn;
}

const atOnce: TakeTurn = (work) => work();
const withoutTurns: Turns = { read: atOnce, seal: atOnce, work: atOnce };

const concurrentContainers = 12;
const concurrentStateReads = 16;

/**
 * Onboards one chunk of terminals. A kill at any point loses nothing. The order is: device identity and sealed credential
 * bundle under a temporary name, container, journal, the bundle's name, Flow key row. A terminal counts as onboarded once its
 * Flow key row exists. Keys are written only to the sealed credential bundle, and the Flow key of a bundle works only if the
 * run that sealed it added the row.
 * @param turns Called for all work but the creation of identities, which waits for the IoT Hub's throttle. Default: the
 *   work runs at once.
 * @throws OperatorError when no terminal can be onboarded now, because of a missing role or an unreachable service.
 */
export async function onboardChunk(
  { terminals, imported }: Chunk,
  onboarding: OnboardingContext,
  turns: Turns = withoutTurns,
): Promise<TerminalResult[]> {
  const results = new Map<string, TerminalResult>();
  const { changing, sealed, unrecorded } = await turns.read(async () => {
    const { withoutContainer, ...states } = await readStates(terminals, results, onboarding);
    const changing = terminals.map(({ id }) => id).filter((id) => !results.has(id));
    if (changing.length > 0) await onboarding.change?.before(changing);
    await recreateContainers(withoutContainer, results, onboarding);
    return { changing, ...states };
  });
  const fresh = terminals.filter(({ id }) => !results.has(id) && !sealed.some((one) => one.terminal === id));
  const sealer = new BundleSealer(onboarding);
  const newKeys = mintKeys(fresh);
  try {
    const [created, staged] = await Promise.allSettled([
      createIdentities({ terminals: fresh, imported }, newKeys, results, onboarding),
      turns.seal(() => sealer.seal(fresh, new Map([...newKeys, ...importedKeys(fresh, imported)]))),
    ]);
    if (staged.status === "rejected") throw staged.reason;
    if (created.status === "rejected") throw created.reason;
    const keys = created.value;
    await turns.work(async () => {
      const identified = fresh.filter(({ id }) => keys.has(id));
      await createContainers(identified, onboarding);
      const entries = [...sealed, ...(await sealer.publish(identified, keys))];
      const onboarded = await addFlowKeyRows(entries, results, onboarding);
      await onboarding.journal.append(
        [...unrecorded, ...onboarded].map((entry) => ({ ...entry, onboarded: true })),
      );
    });
  } finally {
    await sealer.discard();
  }
  if (changing.length > 0) recordResults(changing, results, onboarding);
  return terminals.map(({ id }) => results.get(id) as TerminalResult);
}

/** Finds out what earlier runs completed. Terminals that need nothing or are refused get their result here. */
async function readStates(
  terminals: Terminal[],
  results: Map<string, TerminalResult>,
  onboarding: OnboardingContext,
) {
  const { fleet, folder } = onboarding;
  const sealed: JournalEntry[] = [];
  /** Onboarded terminals whose journal entry does not say so. */
  const unrecorded: JournalEntry[] = [];
  const withoutContainer: string[] = [];
  await pMap(
    terminals,
    async (terminal) => {
      const { id } = terminal;
      const state = await readResumeState(terminal, { ...onboarding, flowKeys: fleet.flowKeys });
      if (state.kind === "new") return;
      if (state.kind === "sealed") {
        sealed.push(state.entry);
        return;
      }
      if (state.isOutdated) await folder.setAside(id);
      if (state.kind === "refused") {
        results.set(id, failed(id, state.message, state.remedy));
        return;
      }
      if (!state.entry.onboarded) unrecorded.push(state.entry);
      if (await fleet.files.hasContainer(id)) results.set(id, { terminal: id, outcome: "unchanged" });
      else withoutContainer.push(id);
    },
    { concurrency: concurrentStateReads },
  );
  return { sealed, unrecorded, withoutContainer };
}

/** Creates the containers of onboarded terminals whose container was deleted. */
async function recreateContainers(
  terminals: string[],
  results: Map<string, TerminalResult>,
  { fleet }: OnboardingContext,
): Promise<void> {
  for (const terminal of terminals) {
    await fleet.files.ensureContainer(terminal);
    results.set(terminal, { terminal, outcome: "onboarded" });
  }
}

/** Creates missing device identities. Returns the device keys; terminals without keys get their result. */
async function createIdentities(
  { terminals, imported }: Chunk,
  newKeys: ReadonlyMap<string, DeviceKeys>,
  results: Map<string, TerminalResult>,
  onboarding: OnboardingContext,
): Promise<Map<string, DeviceKeys>> {
  const missing = terminals.filter(({ id }) => !imported.has(id));
  const created = await ensureIdentities(missing, onboarding.fleet, newKeys);
  const keys = new Map<string, DeviceKeys>();
  for (const { id } of terminals) {
    const result = (imported.get(id) ?? created.get(id)) as IdentityResult;
    if ("keys" in result) keys.set(id, result.keys);
    else results.set(id, { terminal: id, outcome: "failed", error: result.error });
  }
  if (terminals.length > 0) onboarding.onIdentitiesCreated?.([...keys.keys()]);
  return keys;
}

function importedKeys(terminals: Terminal[], imported: Chunk["imported"]): [string, DeviceKeys][] {
  return terminals.flatMap(({ id }) => {
    const result = imported.get(id);
    return result && "keys" in result ? [[id, result.keys]] : [];
  });
}

async function createContainers(terminals: Terminal[], { fleet }: OnboardingContext): Promise<void> {
  await pMap(terminals, ({ id }) => fleet.files.ensureContainer(id), { concurrency: concurrentContainers });
}

/** Adds the Flow key rows of sealed bundles. Returns the entries of the terminals that are onboarded with this. */
async function addFlowKeyRows(
  entries: JournalEntry[],
  results: Map<string, TerminalResult>,
  onboarding: OnboardingContext,
): Promise<JournalEntry[]> {
  const customer = entries[0]?.customer;
  if (customer === undefined) return [];
  const rows = new Map(entries.map((entry) => [entry.terminal, toFlowKeyRow(entry)]));
  const existing = await onboarding.fleet.flowKeys.add(customer, rows);
  for (const { terminal } of entries) {
    const result: TerminalResult = existing.has(terminal)
      ? await discardBundle(terminal, customer, onboarding)
      : { terminal, outcome: "onboarded" };
    results.set(terminal, result);
  }
  return entries.filter(({ terminal }) => !existing.has(terminal));
}

/** Discards the bundle of a terminal that got its row from another run, or was revoked, during this run. */
async function discardBundle(
  terminal: string,
  customer: string,
  { fleet, folder }: OnboardingContext,
): Promise<TerminalResult> {
  const row = await fleet.flowKeys.get(customer, terminal);
  await folder.remove(terminal);
  if (row?.status === "active") {
    return failed(
      terminal,
      t`another run onboarded it at the same time; the credential bundle created here would not work and was removed`,
      t`Use the credential bundle of the other run.`,
    );
  }
  // This run may have created the stored access policy after the revocation removed it.
  await fleet.files.removePolicy(terminal);
  return failed(
    terminal,
    t`it was revoked during this run; the credential bundle created here was removed`,
    t`If it is to work again: \`npx terminals reinstate ${terminal}\`.`,
  );
}

/** Queues the records of the results. The end of the run waits for them, so that the next chunk need not. */
function recordResults(
  changing: string[],
  results: ReadonlyMap<string, TerminalResult>,
  { change }: OnboardingContext,
): void {
  const failures = changing.flatMap((terminal) => {
    const error = results.get(terminal)?.error;
    return error ? [{ terminal, message: error.message, code: error.code }] : [];
  });
  void change?.after(
    changing.filter((terminal) => !results.get(terminal)?.error),
    failures,
  );
}

function failed(terminal: string, message: string, remedy: string): TerminalResult {
  return { terminal, outcome: "failed", error: new OperatorError("failed", message, { remedy }) };
}

function toFlowKeyRow(entry: JournalEntry): FlowKeyRow {
  return {
    currentKeySha256: entry.flowKeySha256,
    previousKeySha256: "",
    status: "active",
    site: entry.site,
    keyCreatedAt: entry.createdAt,
    sharedKeySha256: entry.sharedKeySha256,
  };
}
