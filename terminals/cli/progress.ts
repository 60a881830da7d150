import { duration } from "./output.ts";

const redrawMs = 200;
const plainLineMs = 10_000;

/**
 * How far a run is, with its rate and the time to go: one line that is drawn again and again on a terminal, a plain
 * line now and then elsewhere.
 */
export class Progress {
  private readonly total: number;
  private readonly stream: NodeJS.WriteStream;
  private readonly firstGuessSeconds: number;
  private readonly quiet: boolean;
  private readonly startedAt = Date.now();
  private readonly timer: NodeJS.Timeout;
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
    this.quiet = options.quiet;
    this.stream = options.stream ?? process.stderr;
    const every = this.stream.isTTY ? redrawMs : plainLineMs;
    this.timer = setInterval(() => this.draw(), every);
    this.timer.unref();
    if (this.quiet) clearInterval(this.timer);
    else this.draw();
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

  /** Stops drawing, and clears the line. */
  stop(): void {
    clearInterval(this.timer);
    if (this.stream.isTTY && !this.quiet) this.stream.write("\r\u001b[K");
  }

  private draw(): void {
    this.stream.write(this.stream.isTTY ? `\r\u001b[K${this.line()}` : `${this.line()}\n`);
  }
}
