import type { OperatorError } from "../lib/operator-error.ts";
import { indent } from "./format.ts";

/** A stream that is written to; on a terminal with `isTTY` and its width in columns. */
export type OutputStream = NodeJS.WritableStream & { isTTY?: boolean; columns?: number };

/** Streams that an `Output` writes to; the default is the process's own. */
export interface OutputStreams {
  stdout: OutputStream;
  stderr: OutputStream;
}

/**
 * What a command writes. For people: notes on standard error, results on standard output. With `--json`, for programs:
 * one JSON object per line on standard output, each with a `type`, and nothing on standard error.
 */
export class Output {
  readonly json: boolean;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;

  constructor(options: { json?: boolean } & Partial<OutputStreams>) {
    this.json = options.json ?? false;
    this.stdout = options.stdout ?? process.stdout;
    this.stderr = options.stderr ?? process.stderr;
  }

  /** Writes a line for people; with `--json` nothing. */
  note(line: string): void {
    if (!this.json) this.stderr.write(`${line}\n`);
  }

  /** Writes a note while a progress line is shown: clears that line first. The next redraw shows it again. */
  noteAboveProgress(line: string): void {
    this.note(this.stderr.isTTY ? `\r\u001b[K${line}` : line);
  }

  /** Writes a result: `line` for people, or with `--json` the object. */
  result(type: string, value: object, line: string): void {
    this.stdout.write(this.json ? `${JSON.stringify({ type, ...value })}\n` : `${line}\n`);
  }

  /** Writes a problem that does not stop the command. */
  warning(message: string): void {
    if (this.json) this.result("warning", { message }, "");
    else this.stderr.write(`Warning: ${message}\n`);
  }

  /** Writes why a command ended without success, and the remedy. The outcome "waiting" is not called an error. */
  error(error: OperatorError): void {
    const isWaiting = error.outcome === "waiting";
    if (this.json) {
      this.result(isWaiting ? "waiting" : "error", errorValue(error), "");
      return;
    }
    this.stderr.write(`${isWaiting ? "Waiting" : "Error"}: ${error.message}\n`);
    if (error.remedy) this.stderr.write(`${indent(error.remedy)}\n`);
  }
}

/** An error as `--json` writes it. */
export function errorValue(error: OperatorError): { code?: string; message: string; remedy?: string } {
  const { code, message, remedy } = error;
  return { ...(code ? { code } : {}), message, ...(remedy ? { remedy } : {}) };
}
