import { CsException } from "../expressions/exception.ts";

/** A call that went wrong, before on-error has been asked what to do about it. */
export class GatewayError extends Error {
  /** What the caller gets unless on-error decides otherwise. */
  readonly status: number;
  /** Machine-readable: context.LastError.Reason. Source: "Error handling in API Management policies". */
  readonly reason: string;
  /** Headers of the answer. */
  readonly headers: Record<string, string>;
  /** Where it happened; filled in on its way up. */
  source: string | undefined;
  path: string | undefined;
  policyId: string | undefined;

  constructor(
    status: number,
    reason: string,
    message: string,
    options: { source?: string; headers?: Record<string, string> } = {},
  ) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.source = options.source;
    this.headers = options.headers ?? {};
  }

  /** The JSON that Azure answers; a failure inside the gateway tells the caller nothing but an activity ID. */
  body(activityId: string): string {
    return this.status === 500
      ? `{ "statusCode": 500, "message": "Internal server error", "activityId": ${JSON.stringify(activityId)} }`
      : `{ "statusCode": ${this.status}, "message": ${JSON.stringify(this.message)} }`;
  }
}

/** Any error of a step as one of the gateway's. */
export function asGatewayError(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  if (error instanceof CsException) {
    return new GatewayError(
      500,
      "ExpressionValueEvaluationFailure",
      `Expression evaluation failed. ${error.message}`,
    );
  }
  throw error;
}
