import { printable } from "../lib/printable.ts";
import { clearLine, type OutputStream } from "./output.ts";

const redrawMs = 200;
const plainLineMs = 10_000;

/**
 * A progress line. On a terminal it is redrawn in place every 200 ms; elsewhere, for example in a log file, it is
 * written as a new line every 10 seconds. So it is where TERM is "dumb", since such a terminal cannot erase a line, and
 * where CI is set, since a pipeline keeps each redrawing in its log.
 */
export class LiveLine {
  private readonly text: () => string;
  private readonly quiet: boolean;
  private readonly stream: OutputStream;
  private readonly isRedrawn: boolean;
  private readonly timer: NodeJS.Timeout | undefined;

  /**
   * @param text Returns the current text of the line.
   * @param options.quiet Draws nothing.
   * @param options.stream Default standard error.
   */
  constructor(text: () => string, options: { quiet: boolean; stream?: OutputStream }) {
    this.text = text;
    this.quiet = options.quiet;
    this.stream = options.stream ?? process.stderr;
    const { TERM, CI } = process.env;
    this.isRedrawn = this.stream.isTTY === true && TERM !== "dumb" && !CI;
    if (this.quiet) return;
    this.timer = setInterval(() => this.draw(), this.isRedrawn ? redrawMs : plainLineMs);
    this.timer.unref();
  }

  draw(): void {
    if (this.quiet) return;
    const text = printable(this.text());
    this.stream.write(this.isRedrawn ? `${clearLine}${this.fit(text)}` : `${text}\n`);
  }

  /**
   * The part of a text that fits on one line of the terminal. A longer one would wrap, and each redraw would leave a line.
   * The last column stays free, since some terminals wrap as soon as it is written.
   */
  private fit(text: string): string {
    const width = (this.stream.columns || 80) - 1;
    const characters = [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
    return characters.length <= width ? text : `${characters.slice(0, Math.max(0, width - 1)).join("")}…`;
  }

  /** Clears the line, lets `write` write other lines, and draws the line again below them. */
  writeAbove(write: () => void): void {
    this.clear();
    write();
    if (this.isRedrawn) this.draw();
  }

  /** Stops drawing, and clears the line. */
  stop(): void {
    clearInterval(this.timer);
    this.clear();
  }

  private clear(): void {
    if (this.isRedrawn && !this.quiet) this.stream.write(clearLine);
  }
}
