import { setTimeout as sleep } from "node:timers/promises";
import { OperatorError } from "../../lib/operator-error.ts";
import { t } from "../../words/translate.ts";

/** Returned by `inTime` when the work has no result yet. */
export const late = Symbol("late");

/**
 * Waits for work at most `ms` milliseconds. The work goes on when the time is over.
 * @returns Its result, or `late`.
 */
export async function inTime<T>(work: Promise<T>, ms: number): Promise<T | typeof late> {
  const ended = new AbortController();
  const timeout = sleep(ms, undefined, { signal: ended.signal }).then(
    (): typeof late => late,
    (): typeof late => late,
  );
  try {
    return await Promise.race([work, timeout]);
  } finally {
    ended.abort();
    // A later failure has no other reader.
    work.catch(() => {});
  }
}

/** The limits of `bounded`. */
export interface Bounds {
  /** Maximum time in milliseconds. Default no limit. */
  limitMs?: number;
  /** Aborting it ends the wait after `afterInterruptMs`. */
  signal?: AbortSignal;
}

/** Time in milliseconds in which started calls can be completed after an interruption. */
export const afterInterruptMs = 5_000;

/**
 * Waits for work that calls one service. A service that does not answer must not hold the work on the others.
 * @param doing What the work does, for the message of the error.
 * @throws OperatorError "unreachable" after `limitMs`, and "interrupted" when the signal is aborted.
 */
export async function bounded<T>(work: Promise<T>, doing: string, { limitMs, signal }: Bounds): Promise<T> {
  const ended = new AbortController();
  const waitFor = (ms: number) => sleep(ms, undefined, { signal: ended.signal });
  const interrupted = new Promise<never>((_, reject) => {
    const onAbort = () => {
      waitFor(afterInterruptMs).then(
        () => reject(new OperatorError("interrupted", t`${doing}: interrupted, there was no answer yet`)),
        () => {},
      );
    };
    if (signal?.aborted) onAbort();
    else signal?.addEventListener("abort", onAbort, { once: true, signal: ended.signal });
  });
  const overdue = new Promise<never>((_, reject) => {
    if (limitMs === undefined) return;
    const seconds = Math.round(limitMs / 1000);
    waitFor(limitMs).then(
      () =>
        reject(
          new OperatorError("unreachable", t`${doing}: no result after ${seconds} s`, {
            code: "Timeout",
            remedy: t`Run this again when the service answers.`,
          }),
        ),
      () => {},
    );
  });
  try {
    return await Promise.race([work, interrupted, overdue]);
  } finally {
    ended.abort();
    work.catch(() => {});
  }
}
