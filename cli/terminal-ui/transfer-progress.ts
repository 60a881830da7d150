import { LiveLine } from "./live-line.ts";
import { duration } from "./output.ts";

/** How far a transfer of bytes is; one that ends at once is not told of. */
export class TransferProgress {
  private readonly what: string;
  private readonly total: number;
  private readonly startedAt = Date.now();
  private readonly live: LiveLine;
  private done = 0;

  /**
   * @param options.what Begins the line, for example "sending employees.csv".
   * @param options.total Bytes to do.
   * @param options.quiet Draws nothing.
   */
  constructor(options: { what: string; total: number; quiet: boolean; stream?: NodeJS.WriteStream }) {
    this.what = options.what;
    this.total = options.total;
    this.live = new LiveLine(() => this.line(), options);
  }

  /** So many bytes more are done. */
  readonly add = (bytes: number): void => {
    this.done += bytes;
  };

  /** The line as it is now. */
  line(now = Date.now()): string {
    const rate = this.done / Math.max((now - this.startedAt) / 1000, 0.001);
    const left = rate > 0 ? [`about ${duration((this.total - this.done) / rate)} to go`] : [];
    return [`${this.what}: ${bytes(this.done)} of ${bytes(this.total)}`, `${bytes(rate)}/s`, ...left].join(
      ", ",
    );
  }

  /** Stops drawing, and clears the line. */
  stop(): void {
    this.live.stop();
  }
}

const units = ["B", "kB", "MB", "GB", "TB"];

/** A size in words, in powers of 1000: "0 B", "4.2 MB". */
export function bytes(count: number): string {
  let value = count;
  let unit = 0;
  for (; value >= 999.5 && unit < units.length - 1; unit++) value /= 1000;
  return `${unit === 0 ? Math.round(value) : value.toFixed(value < 9.95 ? 1 : 0)} ${units[unit]}`;
}
