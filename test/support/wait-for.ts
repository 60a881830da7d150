import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";

export interface WaitOptions {
  /** Deadline in milliseconds; default 60,000. */
  withinMs?: number;
  /** Pause in milliseconds between two checks; default 20. */
  everyMs?: number;
}

/** A value that ends the wait: anything but false, undefined, null, 0 and "". */
type Truthy<T> = Exclude<T, false | undefined | null | 0 | "">;

/**
 * Repeats a check until it returns a truthy value, and resolves with that value. A check that throws or rejects is
 * repeated as well, so it may hold assertions.
 *
 * @param what What is waited for, as the end of "Waited for …": `"the hub to close the connection"`.
 * @throws After the deadline, an error with `what`, the deadline and the last value or error of the check.
 */
export async function waitFor<T>(
  what: string,
  check: () => T | Promise<T>,
  { withinMs = 60_000, everyMs = 20 }: WaitOptions = {},
): Promise<Truthy<T>> {
  const timer = new AbortController();
  const deadline = sleep(withinMs, expired, { signal: timer.signal });
  let last = "its check did not return";
  let cause: unknown;
  try {
    for (;;) {
      try {
        // The check itself may hang, so the deadline ends it too.
        const value = await Promise.race([check(), deadline]);
        if (value === expired) break;
        if (value) return value as Truthy<T>;
        last = `its last value: ${inspect(value, { depth: 3, breakLength: 110 })}`;
        cause = undefined;
      } catch (error) {
        last = `its last error: ${error instanceof Error ? error.message : inspect(error)}`;
        cause = error;
      }
      if ((await Promise.race([sleep(everyMs), deadline])) === expired) break;
    }
  } finally {
    deadline.catch(() => {});
    timer.abort();
  }
  throw new Error(`Waited for ${what}, which did not happen within ${withinMs / 1000} s; ${last}`, { cause });
}

const expired = Symbol("the deadline has passed");
