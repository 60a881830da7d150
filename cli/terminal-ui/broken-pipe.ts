import { reasonOf } from "../lib/file-errors.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { t } from "../words/translate.ts";
import type { OutputStreams } from "./output.ts";

/**
 * Handles a standard output that can no longer be written, for example after `npx terminals status | head -1` (EPIPE).
 * A read-only command stops, and exits 0. A command that changes something completes first.
 */
export class BrokenPipe {
  private writeError: NodeJS.ErrnoException | undefined;
  private isChanging = false;

  /** @param stop Stops a read-only command. */
  constructor({ stdout, stderr }: OutputStreams, stop: () => void) {
    // Without a listener for "error", Node ends the process at once, in the middle of a change.
    stderr.on("error", () => {});
    stdout.on("error", (error: NodeJS.ErrnoException) => {
      this.writeError ??= error;
      if (!this.isChanging) stop();
    });
  }

  /** From now on the command runs to its end, even if standard output closes. */
  keepRunning(): void {
    this.isChanging = true;
  }

  /**
   * Decides how a command ended, with a closed standard output taken into account.
   * @param error Error of the command itself; undefined when it succeeded.
   * @returns The error to report; undefined for success.
   */
  async resolveOutcome(error: OperatorError | undefined): Promise<OperatorError | undefined> {
    // Node reports the failure of the last write one turn of the event loop later.
    await new Promise((resolve) => setImmediate(resolve));
    if (!this.writeError) return error;
    const { code } = this.writeError;
    if (code === "EPIPE") return this.isChanging ? error : undefined;
    const message = t`standard output cannot be written: ${reasonOf(this.writeError)}`;
    const writeFailed = new OperatorError("failed", message, { code });
    return this.isChanging ? (error ?? writeFailed) : writeFailed;
  }
}
