import { reasonOf } from "../lib/file-errors.ts";
import { OperatorError } from "../lib/operator-error.ts";

/**
 * Who reads what a command writes can go away: `terminals status | head -1` closes the pipe after a line. A command
 * that only looks ends then, and it is no failure. One that changes something completes it, unheard.
 */
export class BrokenPipe {
  private gone: NodeJS.ErrnoException | undefined;
  private isChange = false;

  /** @param end Ends a command that only looks. */
  constructor(end: () => void) {
    // Without a listener, Node ends the process in the middle of whatever it is doing.
    process.stderr.on("error", () => {});
    process.stdout.on("error", (error: NodeJS.ErrnoException) => {
      this.gone ??= error;
      if (!this.isChange) end();
    });
  }

  /** A command that changes something begins. */
  expectChange(): void {
    this.isChange = true;
  }

  /**
   * What there is to tell of a command that has ended.
   * @param told What it ended with; undefined when all went well.
   */
  async judge(told: OperatorError | undefined): Promise<OperatorError | undefined> {
    // What became of the last line is known a moment after it was written.
    await new Promise((resolve) => setImmediate(resolve));
    if (!this.gone) return told;
    const { code } = this.gone;
    if (code === "EPIPE") return this.isChange ? told : undefined;
    const message = `standard output cannot be written: ${reasonOf(this.gone)}`;
    const lost = new OperatorError("failed", message, { code });
    return this.isChange ? (told ?? lost) : lost;
  }
}
