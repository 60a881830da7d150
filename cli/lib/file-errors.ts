import { getSystemErrorMessage } from "node:util";
import { OperatorError } from "./errors.ts";

/**
 * A file or folder that the operator named and that cannot be used, in words that name it.
 * @param what What cannot be done with it, for example "read".
 */
export function fileError(path: string, what: "read" | "written" | "made", error: unknown): OperatorError {
  return new OperatorError("usage", `${path} cannot be ${what}: ${reasonOf(error)}`, { cause: error });
}

/** Why the operating system refused, without the call and the path that Node's messages add. */
export function reasonOf(error: unknown): string {
  const { errno, message } = error as NodeJS.ErrnoException;
  return typeof errno === "number" ? getSystemErrorMessage(errno) : message;
}

/** Whether the operating system refused something. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error && "errno" in error;
}
