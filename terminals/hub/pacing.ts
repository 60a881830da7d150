import { type Clock, systemClock } from "../clock.ts";
import { OperatorError } from "../errors.ts";
import { throttledBackoff } from "./backoff.ts";

/** An IoT Hub's tier and how many units of it, as its `sku` has them. */
export interface HubSize {
  /** For example S1. */
  tier: string;
  units: number;
}

/**
 * Registry operations a minute that a hub takes. Source: Azure documentation, "IoT Hub quotas and throttling".
 * A bulk call counts once for each device in it.
 */
export function registryOperationsPerMinute(size: HubSize): number {
  return (/^[SB]3$/i.test(size.tier) ? 5_000 : 100) * size.units;
}

/** Queries a minute that a hub takes; each page is one. Source as above. */
export function queriesPerMinute(size: HubSize): number {
  return (/^[SB]3$/i.test(size.tier) ? 1_000 : 20) * size.units;
}

/** About how long `operations` registry operations take at the hub's pace, in milliseconds. */
export function timeAtPace(operations: number, perMinute: number): number {
  // The first minute's allowance is there from the start.
  return Math.max(0, ((operations - perMinute) / perMinute) * 60_000);
}

/** What one call was allowed to spend; handed back with what came of it. */
export interface Permit {
  cost: number;
  /** Whether the pace held the call up: only then does its success say something about the pace. */
  waited: boolean;
}

/** The part of the tier's rate that it keeps to once a hub refuses: at all of it, each beat of a clock is a refusal. */
const safely = 0.99;
/** What the pace falls to at worst, as a part of the tier's, when other callers use the hub too. */
const slowest = 0.05;

/**
 * Holds calls to a hub's registry, or queries, to what its tier takes. The tier's rate is where it starts. While nothing is
 * refused, each call that succeeds at the pace doubles it. From the first 429 on it stays within the tier's
 * rate, slows down when the hub refuses even that, and returns to it by small steps.
 */
export class Pacer {
  private readonly clock: Clock;
  private readonly random: () => number;
  private readonly limit: number;
  private readonly signal: AbortSignal | undefined;
  private rate: number;
  private tokens: number;
  private refilledAt: number;
  private blockedUntil = 0;
  private probing = true;
  private refusedAgain = false;
  private queue: Promise<unknown> = Promise.resolve();

  /**
   * @param options.perMinute The tier's limit: `registryOperationsPerMinute` or `queriesPerMinute`.
   * @param options.random Jitter from 0 to 1; Math.random unless a test gives another.
   * @param options.signal Aborting it ends the waiting of all calls that have not been let through.
   */
  constructor(options: { perMinute: number; clock?: Clock; random?: () => number; signal?: AbortSignal }) {
    this.clock = options.clock ?? systemClock;
    this.random = options.random ?? Math.random;
    this.signal = options.signal;
    this.limit = options.perMinute;
    this.rate = options.perMinute;
    this.tokens = options.perMinute;
    this.refilledAt = this.clock.now();
  }

  /** Operations a minute at which it now lets calls through. */
  get perMinute(): number {
    return this.rate;
  }

  /**
   * Resolves when `cost` operations may be sent; first come, first served.
   * @throws OperatorError "interrupted" when the signal was aborted before that.
   */
  take(cost: number): Promise<Permit> {
    const turn = this.queue.then(() => this.wait(cost));
    this.queue = turn.catch(() => {});
    return turn;
  }

  /** The call was taken by the hub. */
  succeeded(permit: Permit): void {
    this.refusedAgain = false;
    if (!permit.waited) return;
    this.rate = this.probing ? this.rate * 2 : Math.min(this.limit * safely, this.rate + this.limit * 0.02);
  }

  /** The call was refused with 429: it spent nothing, and all calls wait. */
  throttled(permit: Permit): void {
    const now = this.clock.now();
    // Enough to try this call again, and no more: the hub has just said that it has less than we thought.
    this.tokens = Math.min(permit.cost, this.tokens + permit.cost);
    // Calls that were under way together are refused together: that is one refusal, not many.
    if (now < this.blockedUntil) return;
    this.blockedUntil = now + throttledBackoff(this.random);
    // Nothing is saved up meanwhile: a hub that counts the last minute would refuse the rush, and a gap after it.
    this.refilledAt = this.blockedUntil;
    if (this.probing) this.rate = this.limit * safely;
    // A call that is refused again and again waits each time as it is; its first refusal says all.
    else if (!this.refusedAgain) this.rate = Math.max(this.limit * slowest, this.rate * 0.8);
    this.probing = false;
    this.refusedAgain = true;
  }

  private async wait(cost: number): Promise<Permit> {
    let waited = false;
    for (;;) {
      if (this.signal?.aborted) throw new OperatorError("interrupted", "interrupted");
      const now = this.clock.now();
      const capacity = Math.max(this.limit, cost);
      const minutes = Math.max(0, now - this.refilledAt) / 60_000;
      this.tokens = Math.min(capacity, this.tokens + minutes * this.rate);
      this.refilledAt = Math.max(now, this.refilledAt);
      const forTokens = ((cost - this.tokens) / this.rate) * 60_000;
      const ms = Math.max(forTokens, this.blockedUntil - now);
      if (ms < 0.5) break;
      waited = true;
      await this.clock.sleep(Math.ceil(ms), this.signal);
    }
    this.tokens -= cost;
    return { cost, waited };
  }
}
