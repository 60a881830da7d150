import pLimit from "p-limit";
import { type Clock, systemClock } from "../../lib/clock.ts";
import { OperatorError } from "../../lib/operator-error.ts";

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

/**
 * The wait in milliseconds after a 429 of an IoT Hub: 10 to 13 seconds. The hub sends no Retry-After, and its response
 * body asks for ten seconds.
 */
export function throttledWaitMs(random: () => number): number {
  return 10_000 * (1 + 0.3 * random());
}

/** What one call was allowed to spend; handed back with what came of it. */
export interface Permit {
  cost: number;
  /** Whether the pace held the call up: only then does its success say something about the pace. */
  waited: boolean;
  /** When it counts as sent. */
  at: number;
}

/** The hub's limit holds for any minute of its own; what was sent counts a little longer, for answers that travel. */
const windowMs = 60_250;
/** Calls of one such moment are remembered together, by its end: a minute has few of them, whatever is sent. */
const momentMs = 250;
/** What the pace falls to at worst, as a part of the tier's, when other callers use the hub too. */
const slowest = 0.05;

/**
 * Holds calls to a hub's registry, or queries, to what its tier takes in any minute: all of that is used, however it is
 * spread. While nothing has been refused, a call that would wait for the minute to pass is tried at the tier's rate, and
 * each that succeeds so doubles it. From the first 429 on it stays within the tier's limit, keeps to less when the hub
 * refuses even that, and returns to it by small steps.
 */
export class Pacer {
  private readonly clock: Clock;
  private readonly random: () => number;
  private readonly limit: number;
  private readonly signal: AbortSignal | undefined;
  /** Operations a minute: while nothing was refused, the rate that is tried; afterwards, what any minute may hold. */
  private rate: number;
  /** What was sent in the last minute, the oldest first. */
  private readonly sent: { at: number; cost: number }[] = [];
  private lastAt = 0;
  private blockedUntil = 0;
  private probing = true;
  private refusedAgain = false;
  private readonly serial = pLimit(1);

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
    return this.serial(() => this.wait(cost));
  }

  /** The call was taken by the hub. */
  succeeded(permit: Permit): void {
    this.refusedAgain = false;
    if (!permit.waited) return;
    this.rate = this.probing ? this.rate * 2 : Math.min(this.limit, this.rate + this.limit * 0.02);
  }

  /** The call was refused with 429: it spent nothing, and all calls wait. */
  throttled(permit: Permit): void {
    const now = this.clock.now();
    const moment = this.sent.find(({ at }) => at === permit.at);
    if (moment) moment.cost -= permit.cost;
    // Calls that were under way together are refused together: that is one refusal, not many.
    if (now < this.blockedUntil) return;
    this.blockedUntil = now + throttledWaitMs(this.random);
    if (this.probing) this.rate = this.limit;
    // A call that is refused again and again waits each time as it is; its first refusal says all.
    else if (!this.refusedAgain) this.rate = Math.max(this.limit * slowest, this.rate * 0.8);
    this.probing = false;
    this.refusedAgain = true;
  }

  private async wait(cost: number): Promise<Permit> {
    for (let waited = false; ; waited = true) {
      if (this.signal?.aborted) throw new OperatorError("interrupted", "interrupted");
      const now = this.clock.now();
      const ms = Math.max(this.holdUp(cost, now), this.blockedUntil - now);
      if (ms < 0.5) return { cost, waited, at: this.record(cost, now) };
      await this.clock.sleep(Math.ceil(ms), this.signal);
    }
  }

  /** How long `cost` more operations have to wait, in milliseconds. */
  private holdUp(cost: number, now: number): number {
    while (this.sent[0] && this.sent[0].at + windowMs <= now) this.sent.shift();
    // A call that costs more than a minute's operations goes alone.
    let over = this.sent.reduce((sum, { cost }) => sum + cost, 0) + cost - Math.max(this.window, cost);
    if (over <= 0) return 0;
    let free = now;
    for (const { at, cost } of this.sent) {
      free = at + windowMs;
      over -= cost;
      if (over <= 0) break;
    }
    return Math.min(free, this.probing ? this.lastAt + (cost / this.rate) * 60_000 : free) - now;
  }

  /** What any minute may hold. */
  private get window(): number {
    return this.probing ? this.limit : this.rate;
  }

  /** @returns The moment that it counts for. */
  private record(cost: number, now: number): number {
    this.lastAt = now;
    const at = Math.ceil(now / momentMs) * momentMs;
    const last = this.sent.at(-1);
    if (last?.at === at) last.cost += cost;
    else this.sent.push({ at, cost });
    return at;
  }
}
