import type { Change } from "../../audit-log/change.ts";
import type { ChangeResult } from "../../audit-log/record.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import type { NextSubscriptionKey } from "../../lifecycle/key-rotation/context.ts";
import type { RotationResult, RotationState } from "../../lifecycle/key-rotation/rotate-terminals.ts";
import { count, formatTime, nameLines } from "../../terminal-ui/format.ts";
import { errorValue, type Output } from "../../terminal-ui/output.ts";
import { t } from "../../words/translate.ts";

type Results = ReadonlyMap<string, RotationResult>;

const maxNamed = 20;
const continueRemedy = () =>
  t`Run this again later with --continue: it continues the rotation. Until then all keys in use stay valid.`;

const stateLines: Record<RotationState, (terminal: string) => string> = {
  settling: (terminal) => t`${terminal} waits until every gateway knows the customer's next subscription key`,
  "handed over": (terminal) => t`${terminal} has been sent its new keys; its old keys are still valid`,
  grace: (terminal) => t`${terminal} uses its new keys; its old keys are still valid`,
  done: (terminal) => t`${terminal} has new keys; its old keys are invalid`,
  nothing: (terminal) => t`${terminal} has no rotation in progress`,
  gone: (terminal) => t`${terminal} is not at the IoT Hub any more`,
  failed: (terminal) => t`${terminal} failed`,
};

/** Reports the new state of one terminal. */
export function reportState({ terminal, state, until, file, error }: RotationResult, output: Output): void {
  const value = {
    terminal,
    state,
    ...(until ? { until: new Date(until).toISOString() } : {}),
    ...(file ? { file } : {}),
    ...(error ? { error: errorValue(error) } : {}),
  };
  const time = until ? t` (until ${formatTime(until)})` : "";
  const line = error ? `${terminal}: ${error.message}` : `${stateLines[state](terminal)}${time}`;
  const delivery = file ? t`; bring the credential bundle ${file} to the terminal` : "";
  output.result("terminal", value, line + delivery);
  if (error) output.remedy(error);
}

/** Records the terminals of a change that has too many for one record. */
export async function recordAll(results: Results, change: Change): Promise<void> {
  const failed = [...results.values()].flatMap(({ terminal, error }) =>
    error ? [{ terminal, message: error.message, ...(error.code ? { code: error.code } : {}) }] : [],
  );
  const succeeded = [...results.values()].filter(({ error }) => !error).map(({ terminal }) => terminal);
  await change.after(succeeded, failed);
}

/**
 * The result of a run, for the audit log.
 * @param options.isSubscriptionKeyOpen Whether the rotation of the customer's subscription key is not finished.
 */
export function auditResult(
  results: Results,
  { signal, isSubscriptionKeyOpen }: { signal: AbortSignal; isSubscriptionKeyOpen: boolean },
): ChangeResult {
  const details = countResults(results);
  const error = missingTerminal(results) ?? firstError(results);
  if (error) return { outcome: "failed", message: error.message, details };
  if (signal.aborted) return { outcome: "interrupted", details };
  // A rotation in progress has not failed, and a later run continues it.
  return { outcome: details.underWay > 0 || isSubscriptionKeyOpen ? "waiting" : "done", details };
}

/** Reports the result of a run. @throws OperatorError unless all rotations are complete. */
export function reportSummary(results: Results, signal: AbortSignal, output: Output): void {
  const missing = missingTerminal(results);
  if (missing) throw missing;
  const { done, underWay, failed } = countResults(results);
  const terminals = results.size;
  output.result(
    "summary",
    { terminals, done, underWay, failed },
    t`${done} done, ${underWay} in progress, ${failed} failed`,
  );
  if (signal.aborted) throw new OperatorError("interrupted", t`interrupted`, { remedy: continueRemedy() });
  if (failed > 0) {
    const message = t`${failed} of ${count(terminals, "terminal")} not rotated`;
    throw new OperatorError(firstError(results)?.outcome ?? "failed", message, {
      remedy: t`Follow the remedy of each. ${continueRemedy()}`,
    });
  }
  if (underWay > 0) {
    const message = t`rotation in progress for ${underWay} of ${count(terminals, "terminal")}`;
    throw new OperatorError("waiting", message, { remedy: continueRemedy() });
  }
}

/** The customer's old subscription key stays valid, because some terminals do not use the next one yet. */
export function subscriptionKeyWaits(
  customer: string,
  { missingTerminals: waitsFor }: NextSubscriptionKey,
): OperatorError {
  const message = t`the old subscription key of ${customer} stays valid: ${count(waitsFor.length, "terminal")} not seen using the next one`;
  return new OperatorError("waiting", [message, ...nameLines(waitsFor, maxNamed)], {
    remedy: t`Connect them, or bring them a sealed credential bundle (--out FOLDER --recipient AGE_RECIPIENT), or revoke those that are out of service. Then run this again with --continue.`,
  });
}

function countResults(results: Results): { done: number; underWay: number; failed: number } {
  const number = (...states: RotationState[]) =>
    [...results.values()].filter(({ state }) => states.includes(state)).length;
  return {
    done: number("done", "nothing", "gone"),
    underWay: number("settling", "handed over", "grace"),
    failed: number("failed"),
  };
}

function firstError(results: Results): OperatorError | undefined {
  return [...results.values()].find(({ error }) => error)?.error;
}

/** The error of a run for one terminal that the IoT Hub does not have. Of several terminals, some may have been deleted. */
function missingTerminal(results: Results): OperatorError | undefined {
  const [only] = results.values();
  if (results.size !== 1 || only?.state !== "gone") return undefined;
  return new OperatorError("failed", t`the IoT Hub has no terminal ${only.terminal}`, {
    code: "NoSuchTerminal",
    remedy: t`\`npx terminals list\` lists the terminals.`,
  });
}
