import { getSystemErrorMessage } from "node:util";
import { t } from "../words/translate.ts";
import { OperatorError } from "./operator-error.ts";

/**
 * The error for a file or folder that the operator named and that cannot be used.
 * @param what What failed.
 */
export function fileError(path: string, what: "read" | "written" | "made", error: unknown): OperatorError {
  const reason = reasonOf(error);
  const messages = {
    read: () => t`${path} cannot be read: ${reason}`,
    written: () => t`${path} cannot be written: ${reason}`,
    made: () => t`${path} cannot be made: ${reason}`,
  };
  return new OperatorError("usage", messages[what](), { cause: error });
}

/**
 * The operating system's reason, without the system call and the path that Node's messages add. Reasons that people do not
 * understand have words of their own.
 */
export function reasonOf(error: unknown): string {
  const { code, errno, message } = error as NodeJS.ErrnoException;
  // Node's own check before it removes a file has the second code, and an `errno` that is not negative.
  if (code === "EISDIR" || code === "ERR_FS_EISDIR") return t`it is a folder`;
  if (code === "ENOSPC") return t`the disk is full`;
  // The words of the most frequent ones are those of getSystemErrorMessage.
  if (code === "ENOENT") return t`no such file or directory`;
  if (code === "EACCES") return t`permission denied`;
  if (code === "EPERM") return t`operation not permitted`;
  if (code === "EROFS") return t`read-only file system`;
  if (code === "ENOTDIR") return t`not a directory`;
  if (code === "EDQUOT") return t`the disk space that you may use is used up`;
  return typeof errno === "number" && errno < 0 ? getSystemErrorMessage(errno) : message;
}

/** Whether an error comes from the operating system. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error && "errno" in error;
}
