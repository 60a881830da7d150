import type { Change } from "../../audit-log/audit.ts";
import type { ChangeResult } from "../../audit-log/record.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import type { NextSubscriptionKey } from "../../lifecycle/key-rotation/context.ts";
import type { RotationResult, RotationState } from "../../lifecycle/key-rotation/rotate-terminals.ts";
import { errorValue, indent, type Output } from "../../terminal-ui/output.ts";

/** Names the terminals of a change that has too many of them for its own record. */
export async function recordAll(results: ReadonlyMap<string, RotationResult>, change: Change): Promise<void> {
  const failed = [...results.values()].flatMap(({ terminal, error }) =>
    error ? [{ terminal, message: error.message, ...(error.code ? { code: error.code } : {}) }] : [],
  );
  const well = [...results.values()].filter(({ error }) => !error).map(({ terminal }) => terminal);
  await change.after(well, failed);
}

const words: Record<RotationState, string> = {
  settling: "waits until every gateway can know the customer's next shared key",
  "handed over": "has its new keys on the way; its old ones work on",
  grace: "uses its new keys; its old ones work on",
  done: "has new keys; its old ones are no more",
  nothing: "has no rotation under way",
  gone: "is not at the hub any more",
  failed: "failed",
};

/** A terminal whose state has changed. */
export function show({ terminal, state, until, file, error }: RotationResult, output: Output): void {
  const value = {
    terminal,
    state,
    ...(until ? { until: new Date(until).toISOString() } : {}),
    ...(file ? { file } : {}),
    ...(error ? { error: errorValue(error) } : {}),
  };
  const time = until ? ` (until ${new Date(until).toISOString()})` : "";
  const line = error ? `${terminal}: ${error.message}` : `${terminal} ${words[state]}${time}`;
  output.result("terminal", value, file ? `${line}; bring it the hand-over ${file}` : line);
  if (error?.remedy) output.note(indent(error.remedy));
}

function count(results: ReadonlyMap<string, RotationResult>, ...states: RotationState[]): number {
  return [...results.values()].filter(({ state }) => states.includes(state)).length;
}

/** What is wrong when the one terminal that was meant is not there; of many, some may have gone meanwhile. */
function onlyIsGone(results: ReadonlyMap<string, RotationResult>): OperatorError | undefined {
  const [only] = results.values();
  if (results.size !== 1 || only?.state !== "gone") return undefined;
  return new OperatorError("failed", `the hub has no terminal ${only.terminal}`, { code: "NoSuchTerminal" });
}

/** How a run ended, for its record. */
export function judged(results: ReadonlyMap<string, RotationResult>, signal: AbortSignal): ChangeResult {
  const details = {
    done: count(results, "done", "nothing", "gone"),
    underWay: count(results, "settling", "handed over", "grace"),
    failed: count(results, "failed"),
  };
  const wrong = onlyIsGone(results) ?? [...results.values()].find(({ error }) => error)?.error;
  if (wrong) return { outcome: "failed", message: wrong.message, details };
  return { outcome: signal.aborted ? "interrupted" : "done", details };
}

/** What came of a run, in sum. @throws OperatorError unless all is done. */
export function tell(
  results: ReadonlyMap<string, RotationResult>,
  signal: AbortSignal,
  output: Output,
): void {
  const gone = onlyIsGone(results);
  if (gone) throw gone;
  const done = count(results, "done", "nothing", "gone");
  const failed = count(results, "failed");
  const underWay = count(results, "settling", "handed over", "grace");
  const terminals = results.size;
  output.result(
    "summary",
    { terminals, done, underWay, failed },
    `${done} done, ${underWay} under way, ${failed} failed`,
  );
  if (signal.aborted) throw new OperatorError("interrupted", "interrupted", { remedy: goOn });
  if (failed > 0) {
    const first = [...results.values()].find(({ error }) => error)?.error;
    throw new OperatorError(
      first?.outcome ?? "failed",
      `${failed} of ${terminals} terminals were not rotated`,
      {
        remedy: `Put right what is said of each. ${goOn}`,
      },
    );
  }
  if (underWay > 0) {
    throw new OperatorError("waiting", `${underWay} of ${terminals} terminals are under way`, {
      remedy: goOn,
    });
  }
}

const namedAtMost = 20;

/** The customer's part cannot go on. @throws OperatorError "waiting". */
export function tellWaiting(customer: string, { missingTerminals: waitsFor }: NextSubscriptionKey): void {
  const more = waitsFor.length > namedAtMost ? `\n  and ${waitsFor.length - namedAtMost} more` : "";
  const names = waitsFor.slice(0, namedAtMost).map((terminal) => `  ${terminal}`);
  throw new OperatorError(
    "waiting",
    `the old shared key of ${customer} stays: these are not known to work with the next one\n${names.join("\n")}${more}`,
    {
      remedy:
        "Let them connect, or bring them a sealed hand-over (--out FOLDER --recipient AGE_RECIPIENT), or revoke those that are gone; then run this again with --continue.",
    },
  );
}

const goOn =
  "Run this again later with --continue: it goes on where it stopped. All keys that are in use work.";
