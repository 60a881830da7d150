import pMap from "p-map";
import type { Change } from "../audit-log/change.ts";
import type { Fleet } from "../azure/fleet.ts";
import { type FlowKeyRow, mintFlowKey } from "../azure/flow-api/flow-keys.ts";
import type { DeviceKeys } from "../azure/iot-hub/registry.ts";
import type { BundleFolder } from "../credentials/bundle-folder.ts";
import type { CredentialBundle } from "../credentials/credential-bundle.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { sha256Base64 } from "../lib/sha256.ts";
import type { Terminal } from "./batch-file/rows.ts";
import { ensureIdentities, type IdentityResult } from "./identities.ts";
import type { Inventory } from "./inventory.ts";
import type { Journal, JournalEntry } from "./journal.ts";
import { readResumeState } from "./resume-state.ts";

/** What all waves of a run share. */
export interface OnboardingContext {
  fleet: Fleet;
  journal: Journal;
  folder: BundleFolder;
  /** Of the customer whose terminals they are. */
  inventory: Inventory;
  seal(content: CredentialBundle): Promise<Uint8Array>;
  /** The change that is under way in the audit log; left out by changes that name their terminals themselves. */
  change?: Pick<Change, "before" | "after">;
  /** Told of terminals that have their identities, and nothing else yet. */
  onIdentitiesCreated?: (terminals: string[]) => void;
}

/** Terminals that are onboarded together: as many as a bulk call takes. */
export interface Chunk {
  terminals: Terminal[];
  /** What an import job made of their identities; who is not in it gets one now. */
  imported: ReadonlyMap<string, IdentityResult>;
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
export async function onboardChunk(
  { terminals, imported }: Chunk,
  onboarding: OnboardingContext,
): Promise<TerminalResult[]> {
  const results = new Map<string, TerminalResult>();
  const sealed = new Map<string, JournalEntry>();
  const onboarded: JournalEntry[] = [];
  const bare: string[] = [];
  await pMap(
    terminals,
    async (terminal) => {
      const { id } = terminal;
      const recalled = await readResumeState(terminal, {
        ...onboarding,
        flowKeys: onboarding.fleet.flowKeys,
      });
      if (recalled.kind === "new") return;
      if (recalled.kind === "sealed") {
        sealed.set(id, recalled.entry);
        return;
      }
      if (recalled.outdated) await onboarding.folder.setAside(id);
      if (recalled.kind === "refused") {
        const { message, remedy } = recalled;
        results.set(id, failed(id, message, remedy));
        return;
      }
      if (!recalled.entry.onboarded) onboarded.push(recalled.entry);
      if (await onboarding.fleet.files.hasContainer(id))
        results.set(id, { terminal: id, outcome: "unchanged" });
      else bare.push(id);
    },
    { concurrency: recallsAtOnce },
  );

  const changing = terminals.map(({ id }) => id).filter((id) => !results.has(id));
  if (changing.length > 0) await onboarding.change?.before(changing);

  // Its container was deleted since: it gets another one.
  for (const id of bare) {
    await onboarding.fleet.files.ensureContainer(id);
    results.set(id, { terminal: id, outcome: "onboarded" });
  }
  const fresh = terminals.filter(({ id }) => !results.has(id) && !sealed.has(id));
  for (const entry of await handOver({ terminals: fresh, imported }, results, onboarding)) {
    sealed.set(entry.terminal, entry);
  }
  const customer = terminals[0]?.customer as string;
  const rows = new Map([...sealed].map(([terminal, entry]) => [terminal, rowOf(entry)]));
  const taken = await onboarding.fleet.flowKeys.add(customer, rows);
  for (const [terminal, entry] of sealed) {
    if (taken.has(terminal)) results.set(terminal, await lost(terminal, customer, onboarding));
    else {
      results.set(terminal, { terminal, outcome: "onboarded" });
      onboarded.push(entry);
    }
  }
  await onboarding.journal.append(onboarded.map((entry) => ({ ...entry, onboarded: true })));
  if (changing.length > 0) recordResults(changing, results, onboarding);
  return terminals.map(({ id }) => results.get(id) as TerminalResult);
}

function failed(terminal: string, message: string, remedy: string): TerminalResult {
  return { terminal, outcome: "failed", error: new OperatorError("failed", message, { remedy }) };
}

/** Makes what terminals have not got yet, up to their sealed hand-overs; who cannot get it is put into `results`. */
async function handOver(
  { terminals, imported }: Chunk,
  results: Map<string, TerminalResult>,
  onboarding: OnboardingContext,
): Promise<JournalEntry[]> {
  if (terminals.length === 0) return [];
  const { fleet } = onboarding;
  const keys = new Map<string, DeviceKeys>();
  const missing = terminals.filter(({ id }) => !imported.has(id));
  const identities = await ensureIdentities(missing, fleet);
  for (const { id } of terminals) {
    const identified = (imported.get(id) ?? identities.get(id)) as IdentityResult;
    if ("keys" in identified) keys.set(id, identified.keys);
    else results.set(id, { terminal: id, outcome: "failed", error: identified.error });
  }
  const known = terminals.filter(({ id }) => keys.has(id));
  onboarding.onIdentitiesCreated?.([...keys.keys()]);
  await pMap(known, ({ id }) => fleet.files.ensureContainer(id), { concurrency: containersAtOnce });
  return sealAll(known, keys, onboarding);
}

/** A terminal whose row somebody else was faster to make: a run elsewhere, or who revoked it meanwhile. */
async function lost(
  terminal: string,
  customer: string,
  onboarding: OnboardingContext,
): Promise<TerminalResult> {
  const { fleet, folder } = onboarding;
  const row = await fleet.flowKeys.get(customer, terminal);
  await folder.remove(terminal);
  if (row?.status === "active") {
    return failed(
      terminal,
      "somebody else onboarded it meanwhile; the hand-over made here would not work and is removed",
      "Use the hand-over of the other run.",
    );
  }
  // Its stored access policy may have been made after it was revoked.
  await fleet.files.removePolicy(terminal);
  return failed(
    terminal,
    "it was revoked meanwhile; the hand-over made here is removed",
    `\`terminals reinstate ${terminal}\` lets it in.`,
  );
}

/** The run's end waits for these records, so that the wave need not. */
function recordResults(
  changing: string[],
  results: ReadonlyMap<string, TerminalResult>,
  { change }: OnboardingContext,
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

async function sealAll(
  terminals: Terminal[],
  keys: ReadonlyMap<string, DeviceKeys>,
  { fleet, folder, journal, seal }: OnboardingContext,
): Promise<JournalEntry[]> {
  if (terminals.length === 0) return [];
  // Read now, and not when a long run began: it may have been renewed meanwhile.
  const sharedKey = await fleet.customers.cachedSubscriptionKey(terminals[0]?.customer as string);
  const sharedKeySha256 = sha256Base64(sharedKey);
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
        flowKeySha256: sha256Base64(terminalKey),
        sharedKeySha256,
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
    sharedKeySha256: entry.sharedKeySha256,
  };
}
