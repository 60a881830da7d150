import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileLog, Terminal, type Vault, vaultOf } from "@terminal-fleet/reference-terminal";
import pMap from "p-map";
import { type NetworkSettings, networkFromEnvironment } from "../../azure/network.ts";
import type { CredentialBundle } from "../../credentials/credential-bundle.ts";
import { type Opener, unseal } from "../../credentials/seal.ts";
import { fileError } from "../../lib/file-errors.ts";
import { createFolders } from "../../lib/fsync.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { Output } from "../../terminal-ui/output.ts";
import { openerOf } from "../open/open.ts";

export interface SimulateOptions {
  /** A file with age identities; without it a passphrase is asked for. */
  identity?: string;
  /** Start only so many of the hand-overs. */
  count?: number;
  /** Where the terminals keep their files, each in a folder of its own. */
  folder: string;
  /** What each terminal looks up at the Flow API, and how often, in seconds; 0 for once. */
  lookup?: string;
  lookupEvery: number;
  /** Seconds after which it ends; without it, when it is interrupted. */
  for?: number;
  json?: boolean;
}

/** What came of the run. */
interface Tally {
  terminals: number;
  connected: number;
  received: number;
  delivered: number;
  failed: number;
  lookups: number;
  refusedLookups: number;
}

const sealsAtOnce = 8;
const startsAtOnce = 25;

/** `simulate HANDOVER…`: the reference terminal, once for each hand-over, in this process, until it is interrupted. */
export async function simulateCommand(
  paths: string[],
  options: SimulateOptions,
  signal: AbortSignal,
): Promise<void> {
  const output = new Output(options);
  const network = networkFromEnvironment();
  const opener = await openerOf(options);
  const handovers = await openAll(await sealedFiles(paths, options.count), opener);
  await createFolders(options.folder).catch((error) => {
    throw fileError(options.folder, "made", error);
  });
  const vault = await vaultOf(opener);
  const tally: Tally = {
    terminals: handovers.length,
    connected: 0,
    received: 0,
    delivered: 0,
    failed: 0,
    lookups: 0,
    refusedLookups: 0,
  };
  const terminals = await pMap(
    handovers,
    (handover) => start(handover, { network, vault }, options, output, tally),
    {
      concurrency: startsAtOnce,
      ...(signal.aborted ? {} : { signal }),
    },
  ).catch((error) => {
    if (signal.aborted) return [];
    throw error;
  });
  output.note(`${tally.connected} of ${tally.terminals} terminals are connected. Ctrl-C ends them.`);
  const ends = [new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }))];
  if (options.for !== undefined) ends.push(sleep(options.for * 1000, undefined, { signal }).catch(() => {}));
  if (!signal.aborted) await Promise.race(ends);
  await Promise.all(terminals.map((terminal) => terminal.stop()));
  const { received, delivered, failed, lookups, refusedLookups } = tally;
  output.result(
    "simulated",
    tally,
    `${received} files received, ${delivered} delivered, ${failed} given up; ${lookups} lookups, ${refusedLookups} of them refused`,
  );
}

async function start(
  handover: CredentialBundle,
  { network, vault }: { network: NetworkSettings; vault: Vault },
  options: SimulateOptions,
  output: Output,
  tally: Tally,
): Promise<Terminal> {
  const { terminalId } = handover;
  const folder = join(options.folder, terminalId);
  const log = fileLog(folder, (line) =>
    output.result("log", { terminal: terminalId, line }, `${terminalId}  ${line}`),
  );
  const terminal = await Terminal.open({ handover, network, vault, folder, version: "reference-1", log });
  let isConnected = false;
  terminal.on("connected", () => {
    if (!isConnected) tally.connected++;
    isConnected = true;
  });
  terminal.on("disconnected", () => {
    if (isConnected) tally.connected--;
    isConnected = false;
  });
  terminal.on("handled", (_, { state }, { direction }) => {
    if (state === "failed") tally.failed++;
    else if (direction === "download") tally.received++;
    else tally.delivered++;
  });
  await terminal.start();
  const { lookup } = options;
  if (lookup !== undefined) {
    const ask = async () => {
      tally.lookups++;
      const { status } = await terminal.lookups.get(lookup).catch(() => ({ status: 0 }));
      if (status === 401) tally.refusedLookups++;
      log(`lookup ${lookup}: ${status || "no answer"}`);
    };
    await ask();
    if (options.lookupEvery > 0) setInterval(ask, options.lookupEvery * 1000).unref();
  }
  return terminal;
}

/** The hand-overs at these paths: files, and the files TERMINAL.age in folders. */
async function sealedFiles(paths: string[], count: number | undefined): Promise<string[]> {
  const files: string[] = [];
  for (const path of paths) {
    try {
      if (!(await stat(path)).isDirectory()) files.push(path);
      else {
        const names = (await readdir(path)).filter((name) => /^[^.].*\.age$/.test(name));
        files.push(...names.sort().map((name) => join(path, name)));
      }
    } catch (error) {
      throw fileError(path, "read", error);
    }
  }
  if (files.length === 0 || (count ?? 0) > files.length) {
    throw new OperatorError("usage", `there are ${files.length} hand-overs at these paths`);
  }
  return files.slice(0, count);
}

async function openAll(files: string[], opener: Opener): Promise<CredentialBundle[]> {
  const open = async (file: string) => {
    try {
      return await unseal(await readFile(file), opener);
    } catch (error) {
      if (!(error instanceof OperatorError)) throw fileError(file, "read", error);
      throw new OperatorError(error.outcome, `${file}: ${error.message}`, { remedy: error.remedy });
    }
  };
  return pMap(files, open, { concurrency: sealsAtOnce });
}
