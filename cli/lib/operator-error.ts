import type { Outcome } from "./exit-codes.ts";

/**
 * Text that a person reads. A string is one line: a line break in it belongs to a value, and is shown as its code. A text
 * of several lines is an array.
 */
export type Lines = string | readonly string[];

/** A failure that is shown to the operator without a stack trace. It never contains a key. */
export class OperatorError extends Error {
  /** Determines the exit code. */
  readonly outcome: Exclude<Outcome, "done">;
  /** The service's error code, for example DeviceNotFound or AuthorizationPermissionMismatch. */
  readonly code: string | undefined;
  /** The message, line by line. */
  readonly lines: readonly string[];
  /** What the operator can do about it, in one or a few sentences, line by line; empty without a remedy. */
  readonly remedyLines: readonly string[];

  constructor(
    outcome: Exclude<Outcome, "done">,
    message: Lines,
    details: { code?: string; remedy?: Lines; cause?: unknown } = {},
  ) {
    const lines = toLines(message);
    super(lines.join("\n"), { cause: details.cause });
    this.name = "OperatorError";
    this.outcome = outcome;
    this.code = details.code;
    this.lines = lines;
    this.remedyLines = details.remedy === undefined ? [] : toLines(details.remedy);
  }

  /** What the operator can do about it, as one text. */
  get remedy(): string | undefined {
    return this.remedyLines.length > 0 ? this.remedyLines.join("\n") : undefined;
  }

  /** The same error, with a text before its message that says what it concerns, for example a terminal ID. */
  about(prefix: string): OperatorError {
    const [first = "", ...rest] = this.lines;
    const { outcome, code, remedyLines, cause } = this;
    const remedy = remedyLines.length > 0 ? remedyLines : undefined;
    return new OperatorError(outcome, [`${prefix}${first}`, ...rest], { code, remedy, cause });
  }
}

/** A text as lines. */
export function toLines(text: Lines): readonly string[] {
  return typeof text === "string" ? [text] : text;
}
