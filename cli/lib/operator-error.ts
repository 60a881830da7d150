import type { Outcome } from "./exit-codes.ts";

/** A failure that is shown to the operator without a stack trace. It never contains a key. */
export class OperatorError extends Error {
  /** Determines the exit code. */
  readonly outcome: Exclude<Outcome, "done">;
  /** The service's error code, for example DeviceNotFound or AuthorizationPermissionMismatch. */
  readonly code: string | undefined;
  /** What the operator can do about it, in one or a few sentences. */
  readonly remedy: string | undefined;

  constructor(
    outcome: Exclude<Outcome, "done">,
    message: string,
    details: { code?: string; remedy?: string; cause?: unknown } = {},
  ) {
    super(message, { cause: details.cause });
    this.name = "OperatorError";
    this.outcome = outcome;
    this.code = details.code;
    this.remedy = details.remedy;
  }
}
