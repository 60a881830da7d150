import { randomBytes } from "node:crypto";
import { type Check, type Measurement, type Observation, Trial } from "./check.ts";
import { Fixture } from "./fixture.ts";
import type { Target } from "./targets/target.ts";

/** passed: as expected; failed: the target does something else; unknown: the check could not tell. */
export type Verdict = "passed" | "failed" | "unknown";

export interface CheckResult {
  id: string;
  title: string;
  source: string;
  verdict: Verdict;
  observations: Observation[];
  measurements: Measurement[];
  /** Why the check could not tell. */
  reason?: string;
  /** Real time of the check. */
  seconds: number;
}

export interface RunOptions {
  checks: readonly Check[];
  /** 4 to 12 lower-case letters and digits; default random. */
  runId?: string;
  /** Ends the run after the current check; what was created is deleted all the same. */
  signal?: AbortSignal;
  /** Receives a line for each slow step. */
  report?: (line: string) => void;
  /** Receives each result. */
  onResult?: (result: CheckResult) => void;
}

/** Not everything that a run created is known to be deleted. */
export class LeftoverError extends Error {}

/** The ID of a run, a part of the names of all its resources. */
export function newRunId(): string {
  return randomBytes(4).toString("hex");
}

/**
 * Runs checks one after the other, and then deletes what they created: also after a failure, and when the signal is
 * aborted.
 * @returns The results of the checks that ran.
 * @throws Error when the resource group cannot be created; LeftoverError when not everything can be deleted.
 */
export async function runChecks(
  target: Target,
  { checks, runId = newRunId(), signal, report = () => {}, onResult = () => {} }: RunOptions,
): Promise<CheckResult[]> {
  const fixture = new Fixture(target, { runId, report, signal });
  const results: CheckResult[] = [];
  let failure: unknown;
  try {
    await fixture.open();
    for (const [index, check] of checks.entries()) {
      if (signal?.aborted) break;
      const trial = new Trial(fixture, `${runId}n${index}`, signal);
      const result = await runCheck(check, trial);
      results.push(result);
      onResult(result);
    }
  } catch (error) {
    failure = error;
  }
  try {
    await fixture.close();
  } catch (error) {
    const reason = (error as Error).message;
    throw new LeftoverError(`not everything was deleted: ${reason}`, { cause: failure ?? error });
  }
  if (failure) throw failure;
  return results;
}

async function runCheck(check: Check, trial: Trial): Promise<CheckResult> {
  const start = performance.now();
  let reason: string | undefined;
  try {
    await check.run(trial);
    if (trial.observations.length === 0) reason = "the check observed nothing";
  } catch (error) {
    reason = withoutSecrets((error as Error).message);
  }
  const { observations, measurements } = trial;
  const isWrong = observations.some(({ ok }) => !ok);
  const { id, title, source } = check;
  return {
    id,
    title,
    source,
    verdict: isWrong ? "failed" : reason === undefined ? "passed" : "unknown",
    observations,
    measurements,
    reason,
    seconds: Math.round((performance.now() - start) / 100) / 10,
  };
}

/** Removes signatures from a message: SDKs put the URL of a call into it. */
function withoutSecrets(message: string): string {
  return message.replace(/(sig=|AccountKey=|SharedAccessKey=|Bearer )[^\s&;"']+/gi, "$1…");
}
