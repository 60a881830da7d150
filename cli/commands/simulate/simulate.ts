import { setTimeout as sleep } from "node:timers/promises";
import { createVault } from "@terminal-fleet/reference-terminal";
import pMap from "p-map";
import { networkFromEnvironment } from "../../azure/network.ts";
import { unreachableError } from "../../azure/network-errors.ts";
import { expectVerifiedTls } from "../../azure/tls-verification.ts";
import { fileError } from "../../lib/file-errors.ts";
import { createFolders } from "../../lib/fsync.ts";
import { count } from "../../terminal-ui/format.ts";
import { inEnglish, t } from "../../words/translate.ts";
import type { CommandContext } from "../command.ts";
import { createOpener } from "../open/open.ts";
import { findBundles, openBundles } from "./bundles.ts";
import type { SimulateOptions } from "./definition.ts";
import { createDoctor } from "./doctor.ts";
import { type Reachability, type SimulationCounts, startTerminal } from "./simulated-terminal.ts";

const concurrentStarts = 25;

/**
 * `simulate BUNDLE…`: runs the reference terminal in this process, once for each bundle, until it is interrupted.
 * @throws OperatorError when no terminal reached the IoT Hub.
 */
export async function run(paths: string[], options: SimulateOptions, context: CommandContext): Promise<void> {
  const { output, prompt, signal } = context;
  expectVerifiedTls();
  const network = context.azure?.network ?? networkFromEnvironment();
  const opener = await createOpener(options, prompt);
  const bundles = await openBundles(await findBundles(paths, options.count), opener);
  await createFolders(options.folder).catch((error) => {
    throw fileError(options.folder, "made", error);
  });
  const vault = await createVault(opener);
  const counts: SimulationCounts = {
    terminals: bundles.length,
    connected: 0,
    received: 0,
    delivered: 0,
    failed: 0,
    lookups: 0,
    refusedLookups: 0,
  };
  const reachability: Reachability = { isReached: false, lastFailure: undefined };
  const doctor = options.endpoints === undefined ? undefined : await createDoctor(options.endpoints, network);
  const start = (bundle: (typeof bundles)[number]) =>
    startTerminal(bundle, { network, vault, doctor, options, output, counts, reachability });
  const terminals = await pMap(bundles, start, {
    concurrency: concurrentStarts,
    ...(signal.aborted ? {} : { signal }),
  }).catch((error) => {
    if (signal.aborted) return [];
    throw error;
  });
  output.note(t`${counts.connected} of ${count(counts.terminals, "terminal")} connected. Ctrl-C stops them.`);
  await waitForEnd(options, signal);
  await Promise.all(terminals.map((terminal) => terminal.stop()));
  output.result("simulated", counts, summarize(counts));
  const { isReached, lastFailure } = reachability;
  if (!isReached && lastFailure !== undefined) {
    const isForeign = inEnglish(lastFailure).startsWith("the answer did not come");
    const failure = Object.assign(new Error(lastFailure), isForeign ? { shownCode: "ForeignAnswer" } : {});
    throw unreachableError(failure, t`no terminal reached the IoT Hub`);
  }
}

/** Waits until the command is interrupted, or until the time of `--for` is over. */
async function waitForEnd(options: SimulateOptions, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const ends = [new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }))];
  if (options.for !== undefined) ends.push(sleep(options.for * 1000, undefined, { signal }).catch(() => {}));
  await Promise.race(ends);
}

function summarize({ received, delivered, failed, lookups, refusedLookups }: SimulationCounts): string {
  return t`${count(received, "file")} downloaded, ${delivered} uploaded, ${failed} failed; ${count(lookups, "lookup")}, ${refusedLookups} rejected`;
}
