import pLimit from "p-limit";
import { type Clock, systemClock } from "../../lib/clock.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { t } from "../../words/translate.ts";

/** Tier and units of an IoT Hub, from its `sku`. */
export interface HubSize {
  /** For example S1. */
  tier: string;
  units: number;
}

/**
 * An IoT Hub's throttle of registry operations a minute. A bulk call counts once per device. Source: Azure documentation,
 * "IoT Hub quotas and throttling".
 */
export function registryOperationsPerMinute(size: HubSize): number {
  return (/^[SB]3$/i.test(size.tier) ? 5_000 : 100) * size.units;
}

/** An IoT Hub's throttle of queries a minute. Each page counts as one. Source as above. */
export function queriesPerMinute(size: HubSize): number {
  return (/^[SB]3$/i.test(size.tier) ? 1_000 : 20) * size.units;
}

/**
 * An IoT Hub's throttle of reads of device twins, and of changes of them, a minute. Azure gives them per second, and applies
 * them "in minute ranges". Source as above.
 */
export function twinReadsPerMinute({ tier, units }: HubSize): number {
  return perMinuteOf(tier, units, { first: 100, second: [100, 10], third: 500 });
}

/** As `twinReadsPerMinute`, for changes. */
export function twinUpdatesPerMinute({ tier, units }: HubSize): number {
  return perMinuteOf(tier, units, { first: 50, second: [50, 5], third: 250 });
}

/** @param rates Operations a second: of S1; of S2 at least, and a unit; of S3 a unit. */
function perMinuteOf(
  tier: string,
  units: number,
  rates: { first: number; second: [number, number]; third: number },
): number {
  if (/^[SB]3$/i.test(tier)) return 60 * rates.third * units;
  if (/^[SB]2$/i.test(tier)) return 60 * Math.max(rates.second[0], rates.second[1] * units);
  return 60 * rates.first;
}

/** How long `operations` registry operations take at the tier's throttle, in milliseconds. */
export function timeAtPace(operations: number, perMinute: number): number {
  // The operations of the first minute need no wait.
  return Math.max(0, ((operations - perMinute) / perMinute) * 60_000);
}

/**
 * The wait in milliseconds after a 429 of an IoT Hub: 10 to 13 seconds. The hub sends no Retry-After, and its response
 * body asks for ten seconds.
 */
export function throttledWaitMs(random: () => number): number {
  return 10_000 * (1 + 0.3 * random());
}

/** Permission for one call. Its result is reported with `succeeded` or `throttled`. */
export interface Permit {
  cost: number;
  /** Whether the call had to wait. Only the success of such a call shows that the rate can increase. */
  waited: boolean;
  /** The latest time at which the IoT Hub received it, in milliseconds. */
  at: number;
}

/** The throttle applies to any minute on the IoT Hub's clock, which can gain 500 ppm (RFC 5905, MAXFREQ). */
const windowMs = 60_050;
/** Longest way of a call to the IoT Hub, in milliseconds. An answer that arrives earlier shows that the way was shorter. */
const longestWayMs = 250;
/** Calls within this interval are stored as one entry, so that a minute has few entries at any rate. */
const entryMs = 25;
/** The lowest rate, as a part of the tier's throttle. Other callers may use the rest. */
const lowestShare = 0.05;

/**
 * Paces registry operations, or queries, to the tier's throttle. Within any minute the whole throttle can be used at any
 * time. Until the first 429 the pacer probes: a call that would have to wait for the next minute is sent at the tier's rate
 * instead, and each success doubles that rate. After the first 429 the pacer stays within the throttle. It reduces its limit
 * when the IoT Hub rejects calls even then, and raises it again in small steps.
 */
export class Pacer {
  private readonly clock: Clock;
  private readonly random: () => number;
  private readonly limit: number;
  private readonly signal: AbortSignal | undefined;
  /** Operations a minute: the rate of probing, and after the first 429 the limit of any minute. */
  private rate: number;
  /** Operations of the last minute, by the latest time at which the IoT Hub received them, the oldest first. */
  private readonly sent: { at: number; cost: number }[] = [];
  private lastAt = 0;
  private blockedUntil = 0;
  private isProbing = true;
  private wasThrottled = false;
  private readonly serial = pLimit(1);

  /**
   * @param options.perMinute The tier's throttle: `registryOperationsPerMinute` or `queriesPerMinute`.
   * @param options.random Returns a number from 0 to 1, for jitter; default Math.random.
   * @param options.signal Aborting it rejects all waiting calls.
   */
  constructor(options: { perMinute: number; clock?: Clock; random?: () => number; signal?: AbortSignal }) {
    this.clock = options.clock ?? systemClock;
    this.random = options.random ?? Math.random;
    this.signal = options.signal;
    this.limit = options.perMinute;
    this.rate = options.perMinute;
  }

  /** The current rate, in operations a minute. */
  get perMinute(): number {
    return this.rate;
  }

  /**
   * Resolves when `cost` operations may be sent, in the order of the calls.
   * @throws OperatorError "interrupted" when the signal is aborted before.
   */
  acquire(cost: number): Promise<Permit> {
    return this.serial(() => this.wait(cost));
  }

  /** Reports that the IoT Hub accepted the call. */
  succeeded(permit: Permit): void {
    this.wasThrottled = false;
    const receivedBefore = roundUp(this.clock.now());
    if (receivedBefore < permit.at && this.remove(permit)) this.add(permit.cost, receivedBefore);
    if (!permit.waited) return;
    this.rate = this.isProbing ? this.rate * 2 : Math.min(this.limit, this.rate + this.limit * 0.02);
  }

  /** Reports that the IoT Hub rejected the call with 429. It does not count, and all calls wait. */
  throttled(permit: Permit): void {
    const now = this.clock.now();
    this.remove(permit);
    // Concurrent calls are rejected together. That counts as one rejection.
    if (now < this.blockedUntil) return;
    this.blockedUntil = now + throttledWaitMs(this.random);
    if (this.isProbing) this.rate = this.limit;
    // A call that is rejected repeatedly waits each time. Only its first rejection reduces the rate.
    else if (!this.wasThrottled) this.rate = Math.max(this.limit * lowestShare, this.rate * 0.8);
    this.isProbing = false;
    this.wasThrottled = true;
  }

  private async wait(cost: number): Promise<Permit> {
    for (let waited = false; ; waited = true) {
      if (this.signal?.aborted) throw new OperatorError("interrupted", t`interrupted`);
      const now = this.clock.now();
      const roomMs = this.waitMs(cost, now);
      const blockedMs = this.blockedUntil - now;
      if (Math.max(roomMs, blockedMs) < 0.5) return { cost, waited, at: this.record(cost, now) };
      // Answers to calls can make room earlier than expected now, by the longest way at most.
      const sureMs = roomMs > longestWayMs ? roomMs - longestWayMs : roomMs;
      await this.clock.sleep(Math.ceil(Math.max(sureMs, blockedMs)), this.signal);
    }
  }

  /** How long `cost` more operations have to wait, in milliseconds. */
  private waitMs(cost: number, now: number): number {
    while (this.sent[0] && this.sent[0].at + windowMs <= now) this.sent.shift();
    // A call with more operations than the limit is sent alone.
    let excess = this.sent.reduce((sum, { cost }) => sum + cost, 0) + cost - Math.max(this.minuteLimit, cost);
    if (excess <= 0) return 0;
    let freeAt = now;
    for (const { at, cost } of this.sent) {
      freeAt = at + windowMs;
      excess -= cost;
      if (excess <= 0) break;
    }
    return Math.min(freeAt, this.isProbing ? this.lastAt + (cost / this.rate) * 60_000 : freeAt) - now;
  }

  /** The limit of any minute. */
  private get minuteLimit(): number {
    return this.isProbing ? this.limit : this.rate;
  }

  /** @returns The latest time at which the IoT Hub receives the call. */
  private record(cost: number, now: number): number {
    this.lastAt = now;
    const at = roundUp(now + longestWayMs);
    this.add(cost, at);
    return at;
  }

  private add(cost: number, at: number): void {
    const index = this.sent.findLastIndex((entry) => entry.at <= at);
    const entry = this.sent[index];
    if (entry?.at === at) entry.cost += cost;
    else this.sent.splice(index + 1, 0, { at, cost });
  }

  /** @returns False when the call was received more than a minute ago. */
  private remove({ at, cost }: Permit): boolean {
    const entry = this.sent.find((one) => one.at === at);
    if (entry) entry.cost -= cost;
    return entry !== undefined;
  }
}

const roundUp = (ms: number) => Math.ceil(ms / entryMs) * entryMs;
