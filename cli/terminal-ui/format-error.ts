import { CommanderError } from "@commander-js/extra-typings";
import { isSystemError, reasonOf } from "../lib/file-errors.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { t } from "../words/translate.ts";
import { translateUsageError } from "./commander-words.ts";

/** Converts any thrown value to an OperatorError: a usage error, an error of the operating system, or a defect. */
export function formatError(error: unknown): OperatorError {
  if (error instanceof OperatorError) return error;
  if (error instanceof CommanderError) {
    return new OperatorError("usage", translateUsageError(error.message.replace(/^error: /, "")), {
      remedy: helpHint(),
    });
  }
  if (isSystemError(error)) {
    const { code, syscall, path } = error;
    const reason = reasonOf(error);
    const isDiskFull = code === "ENOSPC" || code === "EDQUOT";
    // The error of a write to an open file names no file.
    const message =
      path === undefined && isDiskFull
        ? t`a file cannot be written: ${reason}`
        : `${path ?? syscall}: ${reason}`;
    const remedy = isDiskFull ? t`Free disk space, and run the command again: it continues.` : undefined;
    return new OperatorError("failed", message, { code, remedy, cause: error });
  }
  return new OperatorError("defect", defectLines(error), {
    remedy: t`Report this text to the maintainers. It holds no key.`,
  });
}

/** The message of a defect on one line, as it may quote text from outside, and the stack below it. */
function defectLines(error: unknown): string[] {
  const first = t`defect of this program: ${String(error)}`;
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  return [first, ...stack.split("\n").filter((line) => /^ {4}at /.test(line))];
}

/** Remedy of every usage error. */
export function helpHint(): string {
  return t`Add --help for the options and examples.`;
}
