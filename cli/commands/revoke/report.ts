import { OperatorError } from "../../lib/operator-error.ts";
import type { AccessPathResult } from "../../lifecycle/revocation/access-path.ts";
import { count, nameLines } from "../../terminal-ui/format.ts";
import { errorValue, type Output } from "../../terminal-ui/output.ts";
import { formatNumber, joinAnd, t } from "../../words/translate.ts";

/** Terminals that an error names. */
const maxNamed = 20;
const runAgain = () => t`Run this again: access paths that are closed stay closed.`;

export interface RevocationFailure {
  terminal: string;
  error: OperatorError;
}

/** Numbers of terminals. `--json` writes them under these names. */
export interface RevocationCounts {
  terminals: number;
  /** Revoked. */
  closed: number;
  /** An access path is still open. */
  open: number;
  /** No service has them any more. */
  gone: number;
  /** Interrupted before all access paths were closed. */
  cutShort: number;
  notTried: number;
  /** Interrupted or not tried. */
  left: number;
}

/** Reports one access path of a terminal. */
export function reportAccessPath(
  terminal: string,
  { accessPath: door, closed, known, what, ms, error }: AccessPathResult,
  { isSingle, output }: { isSingle: boolean; output: Output },
): void {
  const seconds = ms / 1000;
  const value = { terminal, door, closed, known, what, seconds };
  const state = closed ? (known ? t`closed` : t`unknown`) : t`OPEN`;
  const line = `${door.padEnd(5)}  ${state.padEnd(7)}  ${formatNumber(seconds, 1)} s  ${what}`;
  output.result(
    "door",
    error ? { ...value, error: errorValue(error) } : value,
    isSingle ? line : `${terminal}  ${line}`,
  );
  if (!error) return;
  if (isSingle) output.remedy(error);
  else output.collectRemedy(terminal, error);
}

/**
 * Reports the result of a run.
 * @param run.single The terminal, when the run was for one only.
 * @throws OperatorError when a terminal is not revoked.
 */
export function reportRevocation(
  run: {
    single: string | undefined;
    counts: RevocationCounts;
    seconds: number;
    open: RevocationFailure[];
    interrupted: RevocationFailure[];
    /** Why terminals may be missing from the selection. */
    incomplete?: OperatorError;
  },
  output: Output,
): void {
  const { single, counts, seconds } = run;
  output.writeRemedies();
  output.result(
    "revoked",
    { ...counts, seconds },
    t`${summarize(single, counts)}, in ${formatNumber(seconds, 1)} s`,
  );
  const { terminals, open, left } = counts;
  const [failure] = [...run.open, ...run.interrupted];
  if (failure && single) throw failure.error;
  const names = nameLines(
    run.open.map(({ error }) => error.message),
    maxNamed,
  );
  if (left > 0) {
    const message = t`interrupted: ${left + open} of ${count(terminals, "terminal")} not revoked`;
    throw new OperatorError("interrupted", [message, ...names], { remedy: runAgain() });
  }
  if (failure) {
    const message = t`${open} of ${count(terminals, "terminal")} not revoked:`;
    const { outcome, remedyLines: remedy } = failure.error;
    throw new OperatorError(outcome, [message, ...names], { remedy });
  }
  if (run.incomplete) {
    const { outcome, code } = run.incomplete;
    const message = t`${count(terminals, "terminal")} revoked, and others may be missing from the list: ${run.incomplete.message}`;
    throw new OperatorError(outcome, message, { code, remedy: runAgain() });
  }
}

function summarize(single: string | undefined, counts: RevocationCounts): string {
  const { terminals, closed, open, cutShort, notTried, left } = counts;
  if (open + left === 0) {
    return single
      ? t`${single}: all three access paths are closed`
      : t`${count(terminals, "terminal")}: all access paths are closed`;
  }
  return [
    t`${closed} of ${count(terminals, "terminal")} revoked`,
    ...(open > 0 ? [t`${open} with an open access path`] : []),
    ...(cutShort > 0 ? [t`${cutShort} interrupted`] : []),
    ...(notTried > 0 ? [t`${notTried} not tried`] : []),
  ].join(", ");
}

/** Why a terminal is not revoked; undefined when it is. */
export function accessPathError(
  terminal: string,
  accessPaths: AccessPathResult[],
): OperatorError | undefined {
  if (accessPaths.every(({ known, closed }) => closed && !known)) {
    return new OperatorError("failed", t`no service has a terminal ${terminal}`, {
      code: "NoSuchTerminal",
      remedy: t`\`npx terminals list\` lists the terminals.`,
    });
  }
  const open = accessPaths.filter(({ closed }) => !closed);
  if (open.length === 0) return undefined;
  const names = joinAnd(open.map(({ accessPath }) => accessPath));
  const outcome = open.find(({ error }) => error?.outcome !== "interrupted")?.error?.outcome ?? "interrupted";
  return new OperatorError(outcome, t`${terminal} still has access through: ${names}`, {
    remedy: runAgain(),
  });
}

/** A terminal that has a Flow key row of the selected customer, while the IoT Hub's tag names another customer. */
export function ofOtherCustomer(terminal: string, owner: string): OperatorError {
  return new OperatorError(
    "failed",
    t`${terminal} belongs to ${owner} by the IoT Hub's tag, and was not changed`,
    {
      remedy: t`Its Flow key row names another customer. Check its customer (\`npx terminals status\`), and revoke it by its ID.`,
    },
  );
}
