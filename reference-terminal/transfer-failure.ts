import type { FailureReason } from "@terminal-fleet/cli/terminal-support";
import { statusOf } from "@terminal-fleet/cli/terminal-support";

/** What a try at an offer came to when it did not work: whether another try is worth it, and why. */
export interface TransferFailure {
  /** Undefined when trying again is all there is to do. */
  reason: FailureReason | undefined;
  /** How many tries such a failure gets before it is the last word. */
  tries: number;
  /** For the log: a code or a name, never a message, since messages can quote addresses with their keys. */
  code: string;
}

/** A stored access policy may take half a minute to work; with the waits between them, so many tries take longer. */
const triesOfRefused = 6;
const triesOfOthers = 3;

/** A failure that the terminal itself found. */
export class Unfit extends Error {
  readonly reason: FailureReason;

  constructor(reason: FailureReason) {
    super(reason);
    this.reason = reason;
  }
}

const diskCodes = new Set(["ENOSPC", "EDQUOT", "EROFS", "EACCES", "EPERM", "EIO", "EFBIG"]);

/** What an error of a transfer means. */
export function transferFailure(error: unknown): TransferFailure {
  const { code, name, details } = error as { code?: string; name?: string; details?: { errorCode?: string } };
  const shown = code ?? details?.errorCode ?? name ?? "unknown";
  if (error instanceof Unfit) {
    return {
      reason: error.reason,
      tries: error.reason === "mismatch" ? triesOfOthers : 1,
      code: error.reason,
    };
  }
  if (code && diskCodes.has(code)) return { reason: "disk", tries: triesOfOthers, code };
  switch (statusOf(error)) {
    case 401:
    case 403:
      return { reason: "refused", tries: triesOfRefused, code: shown };
    case 404:
      return { reason: "missing", tries: 1, code: shown };
    default:
      return { reason: undefined, tries: Number.POSITIVE_INFINITY, code: shown };
  }
}
