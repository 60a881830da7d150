import { CsException } from "../expressions/exception.ts";

/** A failed call, before the on-error section runs. */
export class GatewayError extends Error {
  /** Status of the response, unless on-error changes it. */
  readonly status: number;
  /** Machine-readable: context.LastError.Reason. Source: "Error handling in API Management policies". */
  readonly reason: string;
  /** Headers of the response. */
  readonly headers: Record<string, string>;
  /** Where it happened. The pipeline fills it in. */
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

  /** The JSON body that Azure returns. An internal error shows the caller an activity ID only. */
  body(activityId: string): string {
    return this.status === 500
      ? `{ "statusCode": 500, "message": "Internal server error", "activityId": ${JSON.stringify(activityId)} }`
      : `{ "statusCode": ${this.status}, "message": ${JSON.stringify(this.message)} }`;
  }
}

/** Converts any error of a step to a GatewayError. */
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
