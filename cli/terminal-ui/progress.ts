import { count, formatNumber, t } from "../words/translate.ts";
import { formatDuration } from "./format.ts";
import { LiveLine } from "./live-line.ts";
import type { OutputStream } from "./output.ts";

/** A run without a result for this long waits for the throttle, if the throttle is used up. */
const waitMs = 2_000;

/** Progress of a run over many terminals: how many are processed, the rate and the estimated time left. */
export class Progress {
  private readonly total: number;
  /** How long the service's throttle makes the run take. */
  private readonly estimatedSeconds: number;
  private readonly perMinute: number;
  private readonly startedAt = Date.now();
  private readonly live: LiveLine;
  private processed = 0;
  private failed = 0;
  /** Processed terminals that took none of the service's operations. */
  private free = 0;
  private lastAt = this.startedAt;

  /**
   * @param options.total Number of terminals.
   * @param options.estimatedSeconds Estimated duration. With a throttle it counts until the run is faster than the throttle, without one until there is a rate.
   * @param options.perMinute Operations of the throttle a minute, one for each terminal; default: no throttle.
   * @param options.quiet Draws nothing.
   */
  constructor(options: {
    total: number;
    estimatedSeconds: number;
    perMinute?: number;
    quiet: boolean;
    stream?: OutputStream;
  }) {
    this.total = options.total;
    this.estimatedSeconds = options.estimatedSeconds;
    this.perMinute = options.perMinute ?? Number.POSITIVE_INFINITY;
    this.live = new LiveLine(() => this.line(), options);
    this.live.draw();
  }

  /** Counts one more processed terminal. @param isFree Whether it took no operation of the service. */
  count({ hasFailed, isFree = false }: { hasFailed: boolean; isFree?: boolean }): void {
    this.processed++;
    this.lastAt = Date.now();
    if (isFree) this.free++;
    if (hasFailed) this.failed++;
  }

  /** Current text of the line. */
  line(now = Date.now()): string {
    const { processed, total, failed } = this;
    const rate = processed / Math.max((now - this.startedAt) / 1000, 0.001);
    const throttleSeconds = this.throttleSecondsLeft(now);
    const secondsLeft =
      throttleSeconds > 0 ? throttleSeconds : processed > 0 ? (total - processed) / rate : 0;
    const isWaiting = throttleSeconds > 0 && this.isThrottleUsed(now) && now - this.lastAt > waitMs;
    return [
      t`${processed} of ${count(total, "terminal")}`,
      ...(processed > 0 ? [t`${formatNumber(rate, rate < 10 ? 1 : 0)} per second`] : []),
      ...(processed > 0 || secondsLeft >= 1 ? [t`about ${formatDuration(secondsLeft)} left`] : []),
      ...(isWaiting ? [t`waiting for the hub's throttle`] : []),
      ...(failed > 0 ? [t`${failed} failed`] : []),
    ].join(", ");
  }

  /**
   * How long the throttle still makes the run take. The first minute's operations need no wait, so that the rate at the
   * beginning does not show it. 0 when the run is faster than the throttle: then the service does not apply it.
   */
  private throttleSecondsLeft(now: number): number {
    if (this.perMinute === Number.POSITIVE_INFINITY && this.processed > 0) return 0;
    const seconds = (now - this.startedAt) / 1000;
    const operations = this.processed - this.free;
    const isFaster = operations > this.perMinute * (1 + seconds / 60) * 1.05;
    const freeSeconds = (this.free / this.perMinute) * 60;
    return isFaster ? 0 : Math.max(0, this.estimatedSeconds - freeSeconds - seconds);
  }

  /** Whether nearly all operations that the throttle allows by now are used. */
  private isThrottleUsed(now: number): boolean {
    const minutes = Math.floor((now - this.startedAt) / 60_000);
    return this.processed - this.free >= this.perMinute * (1 + minutes) * 0.8;
  }

  /** Lets `write` write other lines above the progress line. */
  writeAbove(write: () => void): void {
    this.live.writeAbove(write);
  }

  /** Stops drawing, and clears the line. */
  stop(): void {
    this.live.stop();
  }
}
