import { type FailureReason, statusOf } from "@terminal-fleet/cli/terminal-support";

/** A failed attempt to process an offer. */
export interface TransferFailure {
  /** The reason to report after the last attempt; undefined when the attempt is always repeated. */
  reason: FailureReason | undefined;
  /** Number of attempts before the failure is final. */
  attempts: number;
  /** A code or name for the log. It is never an error message, because messages can contain URLs with signatures. */
  code: string;
}

/** A stored access policy may take 30 seconds to take effect. With the waits, so many attempts take longer. */
const refusedAttempts = 6;
const defaultAttempts = 3;

/** A failure that the terminal itself detected. */
export class TransferError extends Error {
  readonly reason: FailureReason;

  constructor(reason: FailureReason) {
    super(reason);
    this.reason = reason;
  }
}

const diskCodes = new Set(["ENOSPC", "EDQUOT", "EROFS", "EACCES", "EPERM", "EIO", "EFBIG"]);

/** Decides by an error whether a transfer is repeated, and how it is reported. */
export function classifyFailure(error: unknown): TransferFailure {
  const { code, name, details } = error as { code?: string; name?: string; details?: { errorCode?: string } };
  const shown = code ?? details?.errorCode ?? name ?? "unknown";
  if (error instanceof TransferError) {
    const { reason } = error;
    return { reason, attempts: reason === "mismatch" ? defaultAttempts : 1, code: reason };
  }
  if (code && diskCodes.has(code)) return { reason: "disk", attempts: defaultAttempts, code };
  switch (statusOf(error)) {
    case 401:
    case 403:
      return { reason: "refused", attempts: refusedAttempts, code: shown };
    case 404:
      return { reason: "missing", attempts: 1, code: shown };
    default:
      return { reason: undefined, attempts: Number.POSITIVE_INFINITY, code: shown };
  }
}
