import { basename } from "node:path";
import { checkedCustomer, checkedReason } from "../../arguments/identifiers.ts";
import { type SealingOptions, sealOf } from "../../arguments/sealing.ts";
import { connectTo, type StackOptions } from "../../arguments/stack.ts";
import { timeAtPace } from "../../azure/iot-hub/pacing.ts";
import { BundleFolder } from "../../credentials/bundle-folder.ts";
import { fileError, isSystemError } from "../../lib/file-errors.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { type Batch, checkBatch } from "../../onboarding/batch-file/batch.ts";
import type { ImportMode } from "../../onboarding/import-scheduler.ts";
import { Inventory } from "../../onboarding/inventory.ts";
import { Journal } from "../../onboarding/journal.ts";
import { onboard } from "../../onboarding/onboard.ts";
import type { OnboardingContext, TerminalResult } from "../../onboarding/onboard-chunk.ts";
import { duration, errorValue, indent, Output, table } from "../../terminal-ui/output.ts";
import { Progress } from "../../terminal-ui/progress.ts";
import { confirm } from "../../terminal-ui/prompt.ts";
import { dryRun } from "./dry-run.ts";

export interface OnboardOptions extends StackOptions, SealingOptions {
  out: string;
  customer?: string;
  reason?: string;
  dryRun?: boolean;
  json?: boolean;
  yes?: boolean;
  import: ImportMode;
}

/**
 * `onboard FILE`: a customer's batch of terminals.
 * @throws OperatorError; what was done until then stands.
 */
export async function onboardCommand(
  file: string,
  options: OnboardOptions,
  signal: AbortSignal,
): Promise<void> {
  const output = new Output(options);
  const reason = checkedReason(options.reason);
  const batch = await readBatchFile(file, options, output);
  const folder = new BundleFolder(options.out);
  if (options.dryRun) {
    await dryRun(batch, folder, await connectTo(options, signal), options.import, output);
    return;
  }
  const seal = await sealOf(options);
  const stop = new AbortController();
  const fleet = await connectTo(options, AbortSignal.any([signal, stop.signal]));
  if (!options.yes) {
    const { environment, hubHostName } = fleet.outputs;
    const what = `${batch.terminals} terminals at ${batch.sites} sites for customer ${batch.customer}`;
    await confirm(`Onboard ${what} in ${environment} (${hubHostName})?`);
  }
  const journal = await Journal.open(Journal.pathFor(file, fleet.outputs.hubHostName));
  try {
    await folder.prepare();
    const about = {
      command: "onboard",
      customer: batch.customer,
      count: batch.terminals,
      reason,
      details: { file: basename(file), sites: batch.sites },
    };
    await fleet.audit.record(about, async (change) => {
      // It is made when the customer has none; and nothing is begun without it.
      await fleet.customers.subscriptionKey(batch.customer);
      const inventory = new Inventory(batch.customer, fleet);
      await run(batch, { fleet, journal, folder, inventory, seal, change }, output, {
        importMode: options.import,
        signal,
        stop,
      });
    });
  } finally {
    await journal.close();
  }
}

async function readBatchFile(file: string, options: OnboardOptions, output: Output): Promise<Batch> {
  const customer = checkedCustomer(options.customer);
  let problems = 0;
  const batch = await checkBatch(file, {
    customer,
    onProblem(problem) {
      problems++;
      output.result("problem", problem, `${file}:${problem.line}: ${problem.reason}`);
    },
  }).catch((error) => {
    throw isSystemError(error) ? fileError(file, "read", error) : error;
  });
  if (!batch) {
    throw new OperatorError(
      "usage",
      `${problems} ${problems === 1 ? "problem" : "problems"} in ${file}; nothing was changed`,
    );
  }
  return batch;
}

async function run(
  batch: Batch,
  onboarding: OnboardingContext,
  output: Output,
  { importMode, signal, stop }: { importMode: ImportMode; signal: AbortSignal; stop: AbortController },
): Promise<void> {
  const counts: Record<TerminalResult["outcome"], number> = { onboarded: 0, unchanged: 0, failed: 0 };
  const failures: TerminalResult[] = [];
  // Those that have an identity, and of which nothing else came yet.
  const begun = new Set<string>();
  const onIdentified = (terminals: string[]) => {
    for (const terminal of terminals) begun.add(terminal);
  };
  const startedAt = Date.now();
  const progress = new Progress({
    total: batch.terminals,
    firstGuessSeconds: timeAtPace(batch.terminals, onboarding.fleet.registryOperationsPerMinute) / 1000,
    quiet: output.json,
  });
  const onResult = (result: TerminalResult) => {
    counts[result.outcome]++;
    begun.delete(result.terminal);
    progress.count(result.outcome === "failed");
    if (output.json) {
      const { terminal, outcome, error } = result;
      output.result("terminal", { terminal, outcome, ...(error ? { error: errorValue(error) } : {}) }, "");
    } else if (result.error && failures.length < shownFailures) failures.push(result);
  };
  try {
    await onboard(
      batch,
      { ...onboarding, onIdentitiesCreated: onIdentified },
      {
        onResult,
        onFailure: () => stop.abort(),
        notify: (text) => output.note(text),
        importMode,
        signal: AbortSignal.any([signal, stop.signal]),
      },
    );
  } catch (error) {
    // Ctrl-C ends the waiting for the hub with an error of its own.
    if (!signal.aborted) throw error;
  } finally {
    progress.stop();
    const seconds = Math.round((Date.now() - startedAt) / 100) / 10;
    const open = batch.terminals - counts.onboarded - counts.unchanged - counts.failed;
    const left = { begun: begun.size, left: open - begun.size };
    summary(batch, counts, left, seconds, failures, onboarding.folder, output);
  }
  if (signal.aborted) throw new OperatorError("interrupted", "interrupted", { remedy: continueRemedy });
  if (counts.failed > 0) {
    throw new OperatorError("failed", `${counts.failed} of ${batch.terminals} terminals were not onboarded`, {
      remedy: "Put right what is said of each, and run this again: it continues.",
    });
  }
}

const continueRemedy = "Run the same command again: it continues where it stopped.";
/** Failures that are listed for people; `--json` lists all. */
const shownFailures = 100;

function summary(
  batch: Batch,
  counts: Record<TerminalResult["outcome"], number>,
  { begun, left }: { begun: number; left: number },
  seconds: number,
  failures: TerminalResult[],
  folder: BundleFolder,
  output: Output,
): void {
  for (const { terminal, error } of failures) {
    output.note(`${terminal}: ${error?.message}`);
    if (error?.remedy) output.note(indent(error.remedy));
  }
  if (counts.failed > failures.length && failures.length > 0) {
    output.note(`… and ${counts.failed - failures.length} more; --json lists all.`);
  }
  const { customer, terminals, sites } = batch;
  const value = { customer, terminals, sites, ...counts, begun, left, seconds, folder: folder.path };
  const rows: [string, string | number][] = [
    ["customer", customer],
    ["terminals", `${terminals} at ${sites} ${sites === 1 ? "site" : "sites"}`],
    ["onboarded now", counts.onboarded],
    ["unchanged", counts.unchanged],
    ["failed", counts.failed],
    ...(begun > 0 ? [["begun", `${begun}, with an identity, and not let in yet`] as [string, string]] : []),
    ...(left > 0 ? [["not tried", left] as [string, number]] : []),
    ["time", duration(seconds)],
    ["hand-overs in", folder.path],
  ];
  output.result("summary", value, table(rows));
}
