import { Backoff, type BackoffRange } from "../lib/backoff.ts";
import { type Clock, systemClock } from "../lib/clock.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { t } from "../words/translate.ts";

/** Returned by an attempt when another client modified the resource since it was read. */
export const conflict = Symbol("conflict");

const defaultAttempts = 15;
/** With 15 attempts the waits add up to 12 to 24 seconds. */
const defaultRange: BackoffRange = { firstMs: 25, longestMs: 2_000 };

/** How often an update is attempted, and what makes it testable. */
export interface OptimisticUpdateOptions {
  /** Default 15. */
  attempts?: number;
  /** Shortest and longest wait between attempts; default 25 milliseconds to 2 seconds. */
  range?: BackoffRange;
  clock?: Clock;
  /** Returns a number from 0 to 1; default Math.random. */
  random?: () => number;
  /** Aborting it ends the waiting. */
  signal?: AbortSignal;
}

/**
 * Updates a resource under its ETag: `attempt` reads it and writes it with the ETag that was read. After a conflict it
 * runs again, with backoff and jitter.
 * @param what The resource, for the error message, for example "the device twin example-001".
 * @param attempt Returns `conflict` when the write was rejected because of the ETag. Its errors are thrown as they are.
 * @throws OperatorError after the last attempt, or "interrupted" when `signal` is aborted.
 */
export async function updateOptimistically<T>(
  what: string,
  attempt: () => Promise<T | typeof conflict>,
  options: OptimisticUpdateOptions = {},
): Promise<T> {
  const { attempts = defaultAttempts, range = defaultRange, clock = systemClock, random, signal } = options;
  const backoff = new Backoff({ clock, random, range });
  for (let conflicts = 1; ; conflicts++) {
    const result = await attempt();
    if (result !== conflict) return result;
    if (conflicts >= attempts) {
      throw new OperatorError("failed", t`gave up after ${conflicts} concurrent modifications of ${what}`, {
        code: "ConcurrentModification",
        remedy: t`Another program is modifying it. Run this again later.`,
      });
    }
    if (signal?.aborted) throw new OperatorError("interrupted", t`interrupted`);
    await backoff.wait(signal);
  }
}
