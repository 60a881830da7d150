import { basename } from "node:path";
import { checkCustomerId, checkReason } from "../../arguments/identifiers.ts";
import { checkSealing, createSeal } from "../../arguments/sealing.ts";
import { connectToFleet } from "../../arguments/stack-connection.ts";
import { BundleFolder } from "../../credentials/bundle-folder.ts";
import { fileError, isSystemError } from "../../lib/file-errors.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { type Batch, checkBatch } from "../../onboarding/batch-file/batch.ts";
import { Inventory } from "../../onboarding/inventory.ts";
import { Journal } from "../../onboarding/journal.ts";
import { onboard } from "../../onboarding/onboard.ts";
import type { OnboardingContext } from "../../onboarding/onboard-chunk.ts";
import { count } from "../../terminal-ui/format.ts";
import type { Output } from "../../terminal-ui/output.ts";
import { t } from "../../words/translate.ts";
import type { CommandContext } from "../command.ts";
import type { OnboardOptions } from "./definition.ts";
import { describeOnboarding, showPlan } from "./dry-run.ts";
import { OnboardingReport } from "./report.ts";
import { decideSpellings } from "./similar-sites.ts";

/**
 * `onboard FILE`: onboards a customer's batch of terminals.
 * @throws OperatorError when a terminal was not onboarded. Running the command again continues.
 */
export async function run(file: string, options: OnboardOptions, context: CommandContext): Promise<void> {
  const { output, prompt, signal } = context;
  const reason = checkReason(options.reason);
  const fileBatch = await readBatchFile(file, options, output);
  for (const doubt of fileBatch.doubts) output.warning(doubt);
  const folder = new BundleFolder(options.out);
  if (options.dryRun) {
    await checkSealing(options, prompt);
    const fleet = await connectToFleet(options, context);
    const batch = await decideSpellings(fileBatch, fleet, options, context);
    return showPlan(batch, folder, fleet, options.import, output);
  }
  const seal = await createSeal(options, prompt);
  const stop = new AbortController();
  const fleet = await connectToFleet(options, { ...context, signal: AbortSignal.any([signal, stop.signal]) });
  const batch = await decideSpellings(fileBatch, fleet, options, context);
  if (!options.yes) {
    await prompt.confirm(await describeOnboarding(batch, folder, fleet, options.import));
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
      // Creates the subscription key if the customer has none: no terminal can be onboarded without it.
      await fleet.customers.subscriptionKey(batch.customer);
      const inventory = new Inventory(batch.customer, fleet);
      const onboarding = { fleet, journal, folder, inventory, seal, change };
      await onboardBatch(batch, onboarding, options, { output, signal, stop });
    });
  } finally {
    await journal.close();
  }
}

async function readBatchFile(
  file: string,
  { customer, sheet }: Pick<OnboardOptions, "customer" | "sheet">,
  output: Output,
): Promise<Batch> {
  let problems = 0;
  const batch = await checkBatch(file, {
    customer: checkCustomerId(customer),
    sheet,
    onProblem(problem) {
      problems++;
      output.result("problem", problem, `${file}:${problem.line}: ${problem.reason}`);
    },
  }).catch((error) => {
    throw isSystemError(error) ? fileError(file, "read", error) : error;
  });
  if (batch) return batch;
  throw new OperatorError("usage", t`${count(problems, "problem")} in ${file}; nothing was changed`, {
    remedy: t`Correct the file, and run the command again.`,
  });
}

async function onboardBatch(
  batch: Batch,
  onboarding: OnboardingContext,
  { import: importMode }: Pick<OnboardOptions, "import">,
  { output, signal, stop }: { output: Output; signal: AbortSignal; stop: AbortController },
): Promise<void> {
  const report = new OnboardingReport(batch, onboarding, output, importMode);
  try {
    await onboard(
      batch,
      { ...onboarding, onIdentitiesCreated: report.addIdentified },
      {
        onResult: report.addResult,
        onFailure: () => stop.abort(),
        notify: (text) => output.note(text),
        importMode,
        signal: AbortSignal.any([signal, stop.signal]),
      },
    );
  } catch (error) {
    // After Ctrl-C, a wait for the IoT Hub ends with an error that is no failure.
    if (!signal.aborted) throw error;
  } finally {
    report.writeSummary();
  }
  if (signal.aborted) {
    throw new OperatorError("interrupted", t`interrupted`, {
      remedy: t`Run the same command again: it continues.`,
    });
  }
  report.expectAllOnboarded();
}
