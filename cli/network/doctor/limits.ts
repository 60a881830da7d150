/** Time limits in milliseconds. */
export interface Limits {
  /** Of one stage of a check: name, connection, TLS, answer, upgrade. Default 5 s. */
  stageMs: number;
  /** Of the whole run. Default 60 s. */
  runMs: number;
}

export const defaultLimits: Limits = { stageMs: 5_000, runMs: 60_000 };

/** A stage that did not end in time. */
export class StageTimeout extends Error {
  override readonly name = "StageTimeout";
}

/**
 * Waits for a stage of a check, and ends the wait with its limit or with the run.
 * @param stop Aborts at the end of the run.
 * @throws StageTimeout when the limit is over; the reason of `stop` when the run ends first.
 */
export async function waitForStage<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { stageMs, stop }: { stageMs: number; stop: AbortSignal },
): Promise<T> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new StageTimeout("no answer in time")), stageMs);
  const signal = AbortSignal.any([late.signal, stop]);
  try {
    signal.throwIfAborted();
    const ended = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
    return await Promise.race([work(signal), ended]);
  } finally {
    clearTimeout(timer);
  }
}
