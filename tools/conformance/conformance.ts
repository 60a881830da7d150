import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { costText } from "./cost.ts";
import { deleteRun, groupNameOf } from "./fixture.ts";
import { cleanUpCommand, type Options, readOptions, usage } from "./options.ts";
import { type CheckResult, LeftoverError, newRunId, runChecks } from "./runner.ts";
import { inspectSubscription } from "./targets/subscription.ts";
import type { Target } from "./targets/target.ts";
import { compareTranscripts } from "./transcript/compare.ts";
import { comparisonLines, transcriptPage } from "./transcript/page.ts";
import { createTranscript, readTranscript, type Transcript } from "./transcript/transcript.ts";

/*
 * `npm run conformance [-- --target sandbox|azure]`: compares what a target does with what Azure is known to do.
 */

const interruption = new AbortController();
const print = (line: string) => console.log(line);

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`conformance: ${(error as Error).message}`);
  const { cause } = error as Error;
  if (cause instanceof Error) console.error(`  cause: ${cause.message}`);
  process.exitCode = 1;
}
// The SDKs of IoT Hub leave timers behind, also those whose clients are closed, and the process would not end.
setTimeout(() => process.exit(), 500).unref();

/** @returns The exit code: 0 all passed, 1 not, 2 wrong options, 130 interrupted. */
async function main(): Promise<number> {
  let options: Options;
  try {
    options = readOptions(process.argv.slice(2), process.env);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    return 2;
  }
  if (options.wantsHelp) return printed(usage);
  if (options.wantsList) return printed(options.checks.map(({ id, title }) => `${id}  ${title}`).join("\n"));
  const [first, second] = options.compare.map(readTranscript);
  if (first && second) return compareOnly(first, second);
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  await using target = await openTarget(options);
  const found =
    target.name === "azure"
      ? await inspectSubscription(target, (runId) => cleanUpCommand(options, runId))
      : [];
  if (options.cleanUp) {
    await deleteRun(target, options.cleanUp);
    return printed(`The resource group ${groupNameOf(options.cleanUp)} does not exist any more.`);
  }
  for (const line of found) print(line);
  if (target.name === "azure" && !(await isConfirmed(options))) return 2;
  return await run(target, options, first);
}

async function run(target: Target, options: Options, other: Transcript | undefined): Promise<number> {
  const runId = newRunId();
  const startedAt = new Date();
  if (target.name === "azure") {
    print(`If this run is killed, delete what it leaves behind: ${cleanUpCommand(options, runId)}`);
    // What was created costs money: an error outside of a check must not end the process before it is deleted.
    process.on("uncaughtException", endAfter);
  }
  const results: CheckResult[] = [];
  let failure: unknown;
  try {
    await runChecks(target, {
      checks: options.checks,
      runId,
      signal: interruption.signal,
      report: print,
      onResult: (result) => {
        results.push(result);
        printResult(result);
      },
    });
  } catch (error) {
    failure = error;
    if (target.name === "azure" && error instanceof LeftoverError) {
      print(`Delete what is left with: ${cleanUpCommand(options, runId)}`);
    }
  }
  const isComplete = results.length === options.checks.length && !interruption.signal.aborted;
  const transcript = createTranscript(target, results, { startedAt, isComplete });
  const comparison = other && { other, rows: compareTranscripts(transcript, other) };
  mkdirSync(options.out, { recursive: true });
  const file = join(options.out, `${target.name}-${runId}`);
  writeFileSync(`${file}.json`, `${JSON.stringify(transcript, null, 2)}\n`);
  writeFileSync(`${file}.md`, transcriptPage(transcript, comparison));
  const passed = results.filter(({ verdict }) => verdict === "passed").length;
  print(`${passed} of ${options.checks.length} checks passed. Transcript: ${file}.json and ${file}.md`);
  if (comparison) print(comparisonLines(comparison).join("\n"));
  if (failure) throw failure;
  if (interruption.signal.aborted) return 130;
  return passed === options.checks.length ? 0 : 1;
}

async function openTarget(options: Options): Promise<Target> {
  if (options.target === "sandbox") {
    const { openSandboxTarget } = await import("./targets/sandbox.ts");
    return openSandboxTarget({ region: options.region });
  }
  const { openAzureTarget } = await import("./targets/azure.ts");
  return openAzureTarget({
    subscriptionId: options.subscriptionId as string,
    region: options.region,
    announce: print,
    signal: interruption.signal,
  });
}

/** Says what the run creates and costs, and asks. */
async function isConfirmed({ checks: chosen, subscriptionId, region, isYes }: Options): Promise<boolean> {
  print(costText(chosen, { subscriptionId: subscriptionId as string, region }));
  if (isYes) return true;
  if (!process.stdin.isTTY) {
    console.error("Standard input is not a terminal: pass --yes to run without the question.");
    return false;
  }
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test(await prompt.question("Run the checks? [y/N] ", { signal: interruption.signal }));
  } finally {
    prompt.close();
  }
}

/** The first signal ends the run and deletes what was created; the second one ends the process at once. */
function interrupt(): void {
  if (interruption.signal.aborted) process.exit(130);
  print("Interrupted: deleting what was created. Press Ctrl-C again to leave it.");
  interruption.abort();
}

/** Ends the run after an error that no check has caught, and deletes what was created. */
function endAfter(error: Error): void {
  console.error(`The run ends because of an error outside of its checks: ${error.stack}`);
  interruption.abort();
}

function compareOnly(one: Transcript, other: Transcript): number {
  const rows = compareTranscripts(one, other);
  print(comparisonLines({ other, rows }).join("\n").trim());
  return rows.every(({ result }) => result === "same") ? 0 : 1;
}

function printResult({ id, verdict, reason, observations, measurements, seconds }: CheckResult): void {
  print(`${verdict === "unknown" ? "could not tell" : verdict}  ${id}  ${seconds} s`);
  for (const { what, observed, expected, ok } of observations) {
    if (!ok) print(`   ${what}: ${JSON.stringify(observed)}, expected ${JSON.stringify(expected)}`);
  }
  for (const { what, seconds: measured } of measurements) print(`   ${what}: ${measured} s`);
  if (reason !== undefined) print(`   ${reason}`);
}

function printed(text: string): number {
  print(text);
  return 0;
}
