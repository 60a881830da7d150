/** Interval in milliseconds at which expired counters are removed. */
const sweepMs = 60_000;

/** The counter of one key. It is removed once it equals a new one. */
interface Counted {
  /** When it expires, in milliseconds since 1970. */
  until: number;
}

interface Bucket extends Counted {
  tokens: number;
  at: number;
}

interface Window extends Counted {
  entries: { at: number; count: number }[];
}

/** Use of a quota in one period. */
export interface Period extends Counted {
  start: number;
  count: number;
  bytes: number;
}

/** Counts calls for rate-limit, rate-limit-by-key and quota-by-key. Kept in memory, as the gateway's own are. */
export class Counters {
  private readonly buckets = new Map<string, Bucket>();
  private readonly windows = new Map<string, Window>();
  private readonly periods = new Map<string, Period>();
  private readonly now: () => number;
  private swept: number;

  constructor(now: () => number) {
    this.now = now;
    this.swept = now();
  }

  /** Number of stored keys. */
  get size(): number {
    return this.buckets.size + this.windows.size + this.periods.size;
  }

  /**
   * The v2 tiers' rate limit: a bucket of `calls` that fills evenly over `seconds`.
   * Source: "Advanced request throttling", Classic versus v2 tiers.
   * @returns Remaining calls (an integer), and the seconds until the next one.
   */
  bucket(key: string, calls: number, seconds: number): Limit {
    const { tokens } = this.filled(key, calls, seconds);
    return {
      remaining: Math.floor(tokens + 1e-9),
      retryAfter: tokens >= 1 ? 0 : Math.ceil(((1 - tokens) * seconds) / calls - 1e-9),
      take: (count) => {
        // Read the counter again: other calls may have been counted, or the key removed, in between.
        const state = this.filled(key, calls, seconds);
        state.tokens = Math.max(0, state.tokens - count);
        state.until = state.at + ((calls - state.tokens) / calls) * seconds * 1000;
      },
    };
  }

  /** The classic tiers' rate limit: at most `calls` in any `seconds`. */
  window(key: string, calls: number, seconds: number): Limit {
    const at = this.now();
    const { entries } = this.recent(key, seconds);
    const used = entries.reduce((sum, entry) => sum + entry.count, 0);
    const oldest = entries[0]?.at ?? at;
    return {
      remaining: Math.max(0, calls - used),
      retryAfter: used < calls ? 0 : Math.ceil((oldest + seconds * 1000 - at) / 1000),
      take: (count) => {
        const state = this.recent(key, seconds);
        state.entries.push({ at, count });
        state.until = Math.max(state.until, at + seconds * 1000);
      },
    };
  }

  /**
   * quota-by-key: calls and bytes in periods of fixed length.
   * @param seconds Length of a period; 0 means it never ends.
   * @param firstStart Start of the first period, in milliseconds since 1970.
   */
  period(
    key: string,
    seconds: number,
    firstStart: number,
  ): { state: Period; retryAfter: number | undefined } {
    this.sweep();
    const at = this.now();
    const length = seconds * 1000;
    const start = length === 0 ? firstStart : firstStart + Math.floor((at - firstStart) / length) * length;
    const until = length === 0 ? Number.POSITIVE_INFINITY : start + length;
    const known = this.periods.get(key);
    const state = known?.start === start ? known : { start, until, count: 0, bytes: 0 };
    this.periods.set(key, state);
    return { state, retryAfter: length === 0 ? undefined : Math.ceil((until - at) / 1000) };
  }

  private filled(key: string, calls: number, seconds: number): Bucket {
    this.sweep();
    const at = this.now();
    const state = this.buckets.get(key) ?? { tokens: calls, at, until: at };
    state.tokens = Math.min(calls, state.tokens + ((at - state.at) / 1000) * (calls / seconds));
    state.at = at;
    this.buckets.set(key, state);
    return state;
  }

  private recent(key: string, seconds: number): Window {
    this.sweep();
    const at = this.now();
    const state = this.windows.get(key) ?? { entries: [], until: at };
    state.entries = state.entries.filter((entry) => entry.at > at - seconds * 1000);
    this.windows.set(key, state);
    return state;
  }

  private sweep(): void {
    const at = this.now();
    if (at - this.swept < sweepMs) return;
    this.swept = at;
    for (const all of [this.buckets, this.windows, this.periods]) {
      for (const [key, { until }] of all) if (until <= at) all.delete(key);
    }
  }
}

/** The state of one limit for one key. */
export interface Limit {
  /** Calls that are still allowed now. */
  remaining: number;
  /** Seconds until the next call is allowed; 0 when it is allowed now. */
  retryAfter: number;
  /** Counts calls. */
  take(count: number): void;
}
