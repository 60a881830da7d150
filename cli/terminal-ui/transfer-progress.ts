import { t } from "../words/translate.ts";
import { formatBytes, formatDuration } from "./format.ts";
import { LiveLine } from "./live-line.ts";
import type { OutputStream } from "./output.ts";

/** Progress of a file transfer. A transfer that ends before the first redraw shows nothing. */
export class TransferProgress {
  private readonly title: string;
  private readonly total: number;
  private readonly startedAt = Date.now();
  private readonly live: LiveLine;
  private transferred = 0;

  /**
   * @param options.title Begins the line, for example "sending employees.csv".
   * @param options.total Size of the file in bytes.
   * @param options.quiet Draws nothing.
   */
  constructor(options: { title: string; total: number; quiet: boolean; stream?: OutputStream }) {
    this.title = options.title;
    this.total = options.total;
    this.live = new LiveLine(() => this.line(), options);
  }

  /** Counts transferred bytes. */
  readonly add = (bytes: number): void => {
    this.transferred += bytes;
  };

  /** Current text of the line. */
  line(now = Date.now()): string {
    const rate = this.transferred / Math.max((now - this.startedAt) / 1000, 0.001);
    return [
      t`${this.title}: ${formatBytes(this.transferred)} of ${formatBytes(this.total)}`,
      `${formatBytes(rate)}/s`,
      ...(rate > 0 ? [t`about ${formatDuration((this.total - this.transferred) / rate)} left`] : []),
    ].join(", ");
  }

  /** Stops drawing, and clears the line. */
  stop(): void {
    this.live.stop();
  }
}
