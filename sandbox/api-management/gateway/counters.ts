/** Counts calls for rate-limit, rate-limit-by-key and quota-by-key. Kept in memory, as the gateway's own are. */
export class Counters {
  private readonly buckets = new Map<string, { tokens: number; at: number }>();
  private readonly windows = new Map<string, { at: number; count: number }[]>();
  private readonly periods = new Map<string, { start: number; count: number; bytes: number }>();
  private readonly now: () => number;

  constructor(now: () => number) {
    this.now = now;
  }

  /**
   * The v2 tiers' rate limit: a bucket of `calls` that fills evenly over `seconds`.
   * Source: "Advanced request throttling", Classic versus v2 tiers.
   * @returns Whole calls left, and the seconds until there is one again.
   */
  bucket(key: string, calls: number, seconds: number): Limit {
    const at = this.now();
    const known = this.buckets.get(key) ?? { tokens: calls, at };
    const filled = Math.min(calls, known.tokens + ((at - known.at) / 1000) * (calls / seconds));
    const state = { tokens: filled, at };
    this.buckets.set(key, state);
    return {
      remaining: Math.floor(filled + 1e-9),
      retryAfter: filled >= 1 ? 0 : Math.ceil(((1 - filled) * seconds) / calls - 1e-9),
      take: (count) => {
        state.tokens = Math.max(0, state.tokens - count);
      },
    };
  }

  /** The classic tiers' rate limit: at most `calls` in any `seconds`. */
  window(key: string, calls: number, seconds: number): Limit {
    const at = this.now();
    const kept = (this.windows.get(key) ?? []).filter((entry) => entry.at > at - seconds * 1000);
    this.windows.set(key, kept);
    const used = kept.reduce((sum, entry) => sum + entry.count, 0);
    const oldest = kept[0]?.at ?? at;
    return {
      remaining: Math.max(0, calls - used),
      retryAfter: used < calls ? 0 : Math.ceil((oldest + seconds * 1000 - at) / 1000),
      take: (count) => {
        kept.push({ at, count });
      },
    };
  }

  /**
   * quota-by-key: calls and bytes in periods of fixed length.
   * @param seconds Length of a period; 0 for one without end.
   * @param firstStart When the first period began, in milliseconds since 1970.
   */
  period(key: string, seconds: number, firstStart: number) {
    const at = this.now();
    const length = seconds * 1000;
    const start = length === 0 ? firstStart : firstStart + Math.floor((at - firstStart) / length) * length;
    const known = this.periods.get(key);
    const state = known?.start === start ? known : { start, count: 0, bytes: 0 };
    this.periods.set(key, state);
    return { state, retryAfter: length === 0 ? undefined : Math.ceil((start + length - at) / 1000) };
  }
}

/** The state of one limit for one key. */
export interface Limit {
  /** Calls that may still be made now. */
  remaining: number;
  /** Seconds until one may be made; 0 when it may be made now. */
  retryAfter: number;
  /** Counts calls. */
  take(count: number): void;
}
