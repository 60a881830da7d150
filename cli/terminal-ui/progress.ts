import { LiveLine } from "./live-line.ts";
import { duration } from "./output.ts";

/** How far a run is, with its rate and the time to go. */
export class Progress {
  private readonly total: number;
  private readonly firstGuessSeconds: number;
  private readonly startedAt = Date.now();
  private readonly live: LiveLine;
  private done = 0;
  private failed = 0;

  /**
   * @param options.total How many there are to do.
   * @param options.firstGuessSeconds How long it may take, said until there is a rate.
   * @param options.quiet Draws nothing.
   */
  constructor(options: {
    total: number;
    firstGuessSeconds: number;
    quiet: boolean;
    stream?: NodeJS.WriteStream;
  }) {
    this.total = options.total;
    this.firstGuessSeconds = options.firstGuessSeconds;
    this.live = new LiveLine(() => this.line(), options);
    this.live.draw();
  }

  /** One more is done, or has failed. */
  count(failed: boolean): void {
    this.done++;
    if (failed) this.failed++;
  }

  /** The line as it is now. */
  line(now = Date.now()): string {
    const seconds = (now - this.startedAt) / 1000;
    const rate = this.done / Math.max(seconds, 0.001);
    const left = this.done > 0 ? (this.total - this.done) / rate : this.firstGuessSeconds;
    const togo = this.done > 0 || left >= 1 ? [`about ${duration(left)} to go`] : [];
    const parts = [
      `${this.done} of ${this.total} terminals`,
      ...(this.done > 0 ? [`${rate.toFixed(rate < 10 ? 1 : 0)} a second`] : []),
      ...togo,
      ...(this.failed > 0 ? [`${this.failed} failed`] : []),
    ];
    return parts.join(", ");
  }

  /** Writes other lines while the line is out of their way. */
  above(write: () => void): void {
    this.live.above(write);
  }

  /** Stops drawing, and clears the line. */
  stop(): void {
    this.live.stop();
  }
}
