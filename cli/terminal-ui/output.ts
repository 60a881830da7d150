import { type Lines, type OperatorError, toLines } from "../lib/operator-error.ts";
import { printable, printableJson } from "../lib/printable.ts";
import { t } from "../words/translate.ts";

/** A stream that is written to; on a terminal with `isTTY` and its width in columns. */
export type OutputStream = NodeJS.WritableStream & { isTTY?: boolean; columns?: number };

/** Streams that an `Output` writes to; the default is the process's own. */
export interface OutputStreams {
  stdout: OutputStream;
  stderr: OutputStream;
}

/** Names beside a collected remedy. */
const maxNamed = 3;

/** Clears the line of a terminal that the cursor is on. */
export const clearLine = "\r\u001b[K";

/**
 * What a command writes. For people: notes on standard error, results on standard output. With `--json`, for programs:
 * one JSON object per line on standard output, each with a `type`, and nothing on standard error.
 *
 * Every text may contain values from outside, so each character that could act on a terminal is written as its code. That
 * includes line breaks: a string is one line, and a text of several lines is an array.
 */
export class Output {
  readonly json: boolean;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  private readonly remedies = new Map<string, { lines: readonly string[]; names: string[]; count: number }>();

  constructor(options: { json?: boolean } & Partial<OutputStreams>) {
    this.json = options.json ?? false;
    this.stdout = options.stdout ?? process.stdout;
    this.stderr = options.stderr ?? process.stderr;
  }

  /** Writes lines for people; with `--json` nothing. */
  note(text: Lines): void {
    if (!this.json) this.stderr.write(layOut(text));
  }

  /** Writes a note while a progress line is shown: clears that line first. The next redraw shows it again. */
  noteAboveProgress(text: Lines): void {
    if (!this.json && this.stderr.isTTY) this.stderr.write(clearLine);
    this.note(text);
  }

  /** Writes a result: `text` for people, or with `--json` the object. */
  result(type: string, value: object, text: Lines): void {
    this.stdout.write(this.json ? `${printableJson({ type, ...value })}\n` : layOut(text));
  }

  /** As `result`. @param lines Lines that are printable already, with colours of this program. */
  coloredResult(type: string, value: object, lines: readonly string[]): void {
    if (this.json) this.result(type, value, "");
    else this.stdout.write(lines.map((line) => `${line}\n`).join(""));
  }

  /** Writes lines for people among the results; with `--json` nothing. */
  line(text: Lines): void {
    if (!this.json) this.stdout.write(layOut(text));
  }

  /** Writes a problem that does not stop the command. */
  warning(text: Lines): void {
    const lines = toLines(text);
    const message = lines.join("\n");
    if (this.json) this.result("warning", { message }, "");
    else this.note([t`Warning: ${lines[0] ?? ""}`, ...lines.slice(1)]);
  }

  /** Writes why a command ended without success, and the remedy. The outcome "waiting" is not called an error. */
  error(error: OperatorError): void {
    const isWaiting = error.outcome === "waiting";
    if (this.json) {
      this.result(isWaiting ? "waiting" : "error", errorValue(error), "");
      return;
    }
    this.note(error.about(isWaiting ? t`Waiting: ` : t`Error: `).lines);
    this.remedy(error);
  }

  /**
   * Keeps the remedy of one of several failures for `writeRemedies`. With `--json` the failure has it itself. Remedies that
   * differ only in the name are one.
   * @param name What failed, for example a terminal ID.
   * @param placeholder What the remedy of several has in place of the name; default TERMINAL.
   */
  collectRemedy(
    name: string,
    { remedyLines }: Pick<OperatorError, "remedyLines">,
    placeholder = "TERMINAL",
  ): void {
    if (this.json || remedyLines.length === 0) return;
    const key = remedyLines.map((line) => replaceName(line, name, placeholder)).join("\n");
    const collected = this.remedies.get(key) ?? { lines: remedyLines, names: [], count: 0 };
    collected.count++;
    if (collected.names.length < maxNamed) collected.names.push(name);
    this.remedies.set(key, collected);
  }

  /**
   * Writes each collected remedy once, with what it is for.
   * @param where The stream of the failures: results are on standard output, notes on standard error. Default "results".
   */
  writeRemedies(where: "results" | "notes" = "results"): void {
    for (const [key, { lines: ofFirst, names, count: number }] of this.remedies) {
      const lines = number > 1 ? key.split("\n") : ofFirst;
      const more = number - names.length;
      const named = more > 0 ? t`${names.join(", ")} and ${more} more` : names.join(", ");
      const who = number > 1 ? t`${number} times (${named})` : named;
      const isOnly = this.remedies.size === 1 && number === 1;
      const [first = "", ...rest] = lines;
      const text = isOnly ? lines : [t`${who}: ${first}`, ...rest];
      const indented = text.map((line) => `  ${line}`);
      if (where === "notes") this.note(indented);
      else this.line(indented);
    }
    this.remedies.clear();
  }

  /** Writes the remedy of an error below it; nothing when there is none. */
  remedy({ remedyLines }: Pick<OperatorError, "remedyLines">): void {
    if (remedyLines.length > 0) this.note(remedyLines.map((line) => `  ${line}`));
  }
}

/** Replaces a name where it is a whole word, for example an argument of a command. */
function replaceName(text: string, name: string, placeholder: string): string {
  return text.replace(new RegExp(`(?<![\\w-])${RegExp.escape(name)}(?![\\w-])`, "g"), () => placeholder);
}

function layOut(text: Lines): string {
  return toLines(text)
    .map((line) => `${printable(line)}\n`)
    .join("");
}

/** An error as `--json` writes it. */
export function errorValue(error: OperatorError): { code?: string; message: string; remedy?: string } {
  const { code, message, remedy } = error;
  return { ...(code ? { code } : {}), message, ...(remedy ? { remedy } : {}) };
}
