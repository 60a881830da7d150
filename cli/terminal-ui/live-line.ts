const redrawMs = 200;
const plainLineMs = 10_000;

/**
 * A line that says how far something is: drawn again and again in one place on a terminal, a plain line now and then
 * elsewhere.
 */
export class LiveLine {
  private readonly text: () => string;
  private readonly quiet: boolean;
  private readonly stream: NodeJS.WriteStream;
  private readonly timer: NodeJS.Timeout | undefined;

  /**
   * @param text The line as it is now.
   * @param options.quiet Draws nothing.
   * @param options.stream Default standard error.
   */
  constructor(text: () => string, options: { quiet: boolean; stream?: NodeJS.WriteStream }) {
    this.text = text;
    this.quiet = options.quiet;
    this.stream = options.stream ?? process.stderr;
    if (this.quiet) return;
    this.timer = setInterval(() => this.draw(), this.stream.isTTY ? redrawMs : plainLineMs);
    this.timer.unref();
  }

  draw(): void {
    if (this.quiet) return;
    this.stream.write(this.stream.isTTY ? `\r\u001b[K${this.text()}` : `${this.text()}\n`);
  }

  /** Writes other lines while the line is out of their way. */
  above(write: () => void): void {
    this.clear();
    write();
    if (this.stream.isTTY) this.draw();
  }

  /** Stops drawing, and clears the line. */
  stop(): void {
    clearInterval(this.timer);
    this.clear();
  }

  private clear(): void {
    if (this.stream.isTTY && !this.quiet) this.stream.write("\r\u001b[K");
  }
}
