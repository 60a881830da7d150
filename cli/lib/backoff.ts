import type { Clock } from "./clock.ts";

/** The shortest and the longest wait of a backoff, in milliseconds. */
export interface BackoffRange {
  firstMs: number;
  longestMs: number;
}

const defaultRange: BackoffRange = { firstMs: 500, longestMs: 20_000 };

/**
 * The wait in milliseconds after the `attempt`th failure in a row: it doubles from `firstMs` up to `longestMs`. A random
 * part of 50 to 100 % of that spreads callers that failed together.
 * @param random Returns a number from 0 to 1.
 * @param range Default half a second to 20 seconds.
 */
export function backoffMs(attempt: number, random: () => number, range = defaultRange): number {
  return Math.min(range.longestMs, range.firstMs * 2 ** (attempt - 1)) * (0.5 + 0.5 * random());
}

/** Waits between the attempts of one piece of work, longer after each failure in a row. */
export class Backoff {
  private readonly clock: Clock;
  private readonly random: () => number;
  private readonly range: BackoffRange;
  private count = 0;

  /**
   * @param options.random Returns a number from 0 to 1; default Math.random.
   * @param options.range Default half a second to 20 seconds.
   */
  constructor(options: { clock: Clock; random?: () => number; range?: BackoffRange }) {
    this.clock = options.clock;
    this.random = options.random ?? Math.random;
    this.range = options.range ?? defaultRange;
  }

  /** Failures in a row. */
  get failures(): number {
    return this.count;
  }

  /** Counts a failure and waits. It resolves early when `signal` is aborted. */
  async wait(signal?: AbortSignal): Promise<void> {
    this.count++;
    await this.clock.sleep(backoffMs(this.count, this.random, this.range), signal);
  }

  /** Starts again with the shortest wait. */
  reset(): void {
    this.count = 0;
  }
}
