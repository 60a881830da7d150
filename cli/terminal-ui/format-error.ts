import { CommanderError } from "commander";
import { isSystemError, reasonOf } from "../lib/file-errors.ts";
import { OperatorError } from "../lib/operator-error.ts";

/** Whatever ended a command, as it is told: a wrong command line, what the operating system refused, or a defect. */
export function formatError(error: unknown): OperatorError {
  if (error instanceof OperatorError) return error;
  if (error instanceof CommanderError) {
    return new OperatorError("usage", error.message.replace(/^error: /, ""), { remedy: helpHint });
  }
  if (isSystemError(error)) {
    const { code, syscall, path } = error;
    return new OperatorError("failed", `${path ?? syscall}: ${reasonOf(error)}`, { code, cause: error });
  }
  return new OperatorError("defect", `a defect of this program: ${(error as Error).stack}`);
}

/** What a usage error ends with. */
export const helpHint = "Add --help for the options and examples.";
