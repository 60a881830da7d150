import { count, formatNumber, t } from "../words/translate.ts";
import { formatDuration } from "./format.ts";
import { LiveLine } from "./live-line.ts";
import type { OutputStream } from "./output.ts";

/** Progress of a run over many terminals: how many are processed, the rate and the estimated time left. */
export class Progress {
  private readonly total: number;
  private readonly estimatedSeconds: number;
  private readonly startedAt = Date.now();
  private readonly live: LiveLine;
  private processed = 0;
  private failed = 0;

  /**
   * @param options.total Number of terminals.
   * @param options.estimatedSeconds Estimated duration, shown until there is a rate.
   * @param options.quiet Draws nothing.
   */
  constructor(options: {
    total: number;
    estimatedSeconds: number;
    quiet: boolean;
    stream?: OutputStream;
  }) {
    this.total = options.total;
    this.estimatedSeconds = options.estimatedSeconds;
    this.live = new LiveLine(() => this.line(), options);
    this.live.draw();
  }

  /** Counts one more processed terminal. */
  count({ hasFailed }: { hasFailed: boolean }): void {
    this.processed++;
    if (hasFailed) this.failed++;
  }

  /** Current text of the line. */
  line(now = Date.now()): string {
    const { processed, total, failed } = this;
    const rate = processed / Math.max((now - this.startedAt) / 1000, 0.001);
    const secondsLeft = processed > 0 ? (total - processed) / rate : this.estimatedSeconds;
    return [
      t`${processed} of ${count(total, "terminal")}`,
      ...(processed > 0 ? [t`${formatNumber(rate, rate < 10 ? 1 : 0)} per second`] : []),
      ...(processed > 0 || secondsLeft >= 1 ? [t`about ${formatDuration(secondsLeft)} left`] : []),
      ...(failed > 0 ? [t`${failed} failed`] : []),
    ].join(", ");
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
