import type { Change } from "../../audit-log/change.ts";
import type { ChangeResult } from "../../audit-log/record.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import type { NextSubscriptionKey } from "../../lifecycle/key-rotation/context.ts";
import type { RotationResult, RotationState } from "../../lifecycle/key-rotation/rotate-terminals.ts";
import { count, formatTime, listNames, nameLines } from "../../terminal-ui/format.ts";
import { errorValue, type Output } from "../../terminal-ui/output.ts";
import { t } from "../../words/translate.ts";

type Results = ReadonlyMap<string, RotationResult>;

const maxNamed = 20;
/** Terminals that are not reachable which the summary names. */
const maxListed = 5;
const continueRemedy = () =>
  t`Run this again later with --continue: it continues the rotation. Until then all keys in use stay valid.`;

const stateLines: Record<RotationState, (terminal: string) => string> = {
  settling: (terminal) => t`${terminal} waits until every gateway knows the customer's next subscription key`,
  "handed over": (terminal) => t`${terminal} has been sent its new keys; its old keys are still valid`,
  grace: (terminal) => t`${terminal} uses its new keys; its old keys are still valid`,
  done: (terminal) => t`${terminal} has new keys; its old keys are invalid`,
  nothing: (terminal) => t`${terminal} has no rotation in progress`,
  gone: (terminal) => t`${terminal} is not at the IoT Hub any more`,
  unreachable: (terminal) => t`${terminal} is not reachable yet`,
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
  // Terminals that are not reachable have one line together, in the summary.
  if (state !== "unreachable" || output.json) output.result("terminal", value, line + delivery);
  if (error) output.collectRemedy(terminal, error);
}

/** Records the terminals of a change that has too many for one record. */
export async function recordAll(results: Results, change: Change): Promise<void> {
  const failed = [...results.values()].flatMap(({ terminal, state, error }) =>
    error && state === "failed"
      ? [{ terminal, message: error.message, ...(error.code ? { code: error.code } : {}) }]
      : [],
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
  const error = missingTerminal(results) ?? onlyUnreachable(results) ?? firstError(results);
  if (error) return { outcome: "failed", message: error.message, details };
  if (signal.aborted) return { outcome: "interrupted", details };
  // A rotation in progress has not failed, and a later run continues it.
  return { outcome: details.underWay > 0 || isSubscriptionKeyOpen ? "waiting" : "done", details };
}

/**
 * Reports the result of a run.
 * @param options.isDaily Whether a later run of the same command continues by itself. Then rotations in progress are no
 *   reason for another exit code.
 * @throws OperatorError unless all rotations are complete, except those of terminals that are not reachable yet.
 */
export function reportSummary(
  results: Results,
  { signal, output, isDaily }: { signal: AbortSignal; output: Output; isDaily: boolean },
): void {
  const single = missingTerminal(results) ?? onlyUnreachable(results);
  if (single) throw single;
  const { done, underWay, failed, notReachable } = countResults(results);
  const terminals = results.size;
  if (notReachable > 0) {
    const names = [...results.values()].filter(({ state }) => state === "unreachable");
    const named = listNames(
      names.map(({ terminal }) => terminal),
      maxListed,
    );
    output.line(t`${count(notReachable, "terminal")} not reachable yet: ${named}`);
  }
  output.writeRemedies();
  const counts = t`${done} done, ${underWay} in progress, ${failed} failed`;
  output.result(
    "summary",
    { terminals, done, underWay, failed, notReachable },
    notReachable > 0 ? t`${counts}, ${notReachable} not reachable yet` : counts,
  );
  if (signal.aborted) throw new OperatorError("interrupted", t`interrupted`, { remedy: continueRemedy() });
  if (failed > 0) {
    const message = t`${failed} of ${count(terminals, "terminal")} not rotated`;
    throw new OperatorError(firstError(results)?.outcome ?? "failed", message, {
      remedy: t`Follow the remedy of each. ${continueRemedy()}`,
    });
  }
  if (underWay > 0 && !isDaily) {
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

function countResults(results: Results): Record<"done" | "underWay" | "failed" | "notReachable", number> {
  const number = (...states: RotationState[]) =>
    [...results.values()].filter(({ state }) => states.includes(state)).length;
  return {
    done: number("done", "nothing", "gone"),
    underWay: number("settling", "handed over", "grace"),
    failed: number("failed"),
    notReachable: number("unreachable"),
  };
}

function firstError(results: Results): OperatorError | undefined {
  return [...results.values()].find(({ state }) => state === "failed")?.error;
}

/** The error of a run for one terminal that is not reachable. Of several terminals, some may never have connected. */
function onlyUnreachable(results: Results): OperatorError | undefined {
  const [only] = results.values();
  return results.size === 1 && only?.state === "unreachable"
    ? only.error?.about(`${only.terminal}: `)
    : undefined;
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
