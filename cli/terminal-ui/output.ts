import type { OperatorError } from "../lib/operator-error.ts";

/** How long the time looks in words: "40 s", "12 min", "3.5 h". */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

/**
 * Where a command writes. For people: notes on standard error, results on standard output. For machines (`--json`):
 * one JSON object a line on standard output, each with a `type`, and nothing else.
 */
export class Output {
  readonly json: boolean;

  constructor(options: { json?: boolean }) {
    this.json = options.json ?? false;
  }

  /** A line for people alone. */
  note(line: string): void {
    if (!this.json) process.stderr.write(`${line}\n`);
  }

  /** The same in the middle of work: a line that is drawn of it comes again below. */
  aside(line: string): void {
    this.note(process.stderr.isTTY ? `\r\u001b[K${line}` : line);
  }

  /** A result: `line` for people, the object for machines. */
  result(type: string, value: object, line: string): void {
    process.stdout.write(this.json ? `${JSON.stringify({ type, ...value })}\n` : `${line}\n`);
  }

  /** Something that did not work and did not stop the work. */
  warning(message: string): void {
    if (this.json) this.result("warning", { message }, "");
    else process.stderr.write(`Warning: ${message}\n`);
  }

  /** Why a command ends without being done; for people with what to do about it. Waiting is no error. */
  error(error: OperatorError): void {
    const isWaiting = error.outcome === "waiting";
    if (this.json) {
      this.result(isWaiting ? "waiting" : "error", errorValue(error), "");
      return;
    }
    process.stderr.write(`${isWaiting ? "Waiting" : "Error"}: ${error.message}\n`);
    if (error.remedy) process.stderr.write(`${indent(error.remedy)}\n`);
  }
}

/** An error as `--json` shows it. */
export function errorValue(error: OperatorError): { code?: string; message: string; remedy?: string } {
  const { code, message, remedy } = error;
  return { ...(code ? { code } : {}), message, ...(remedy ? { remedy } : {}) };
}

/** Rows of names and values, the values in one column. */
export function table(rows: [string, string | number][]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`).join("\n");
}

export function indent(text: string): string {
  return text.replace(/^/gm, "  ");
}
