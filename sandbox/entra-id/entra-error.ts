import { randomUUID } from "node:crypto";

/** OAuth's error codes of a rejected token request. */
export type OAuthError =
  | "invalid_request"
  | "invalid_client"
  | "invalid_resource"
  | "invalid_scope"
  | "unauthorized_client"
  | "unsupported_grant_type";

/** An error response of the token endpoint, with Microsoft Entra's error code. */
export class EntraError extends Error {
  readonly error: OAuthError;
  /** The number after AADSTS. */
  readonly code: number;

  constructor(error: OAuthError, code: number, message: string) {
    super(message);
    this.error = error;
    this.code = code;
  }

  get status(): 400 | 401 {
    return this.error === "invalid_client" ? 401 : 400;
  }

  /** The body of the response. @param now Milliseconds since 1970. */
  body(now: number): Record<string, unknown> {
    const timestamp = new Date(now).toISOString().replace("T", " ").replace(/\..*/, "Z");
    const [trace, correlation] = [randomUUID(), randomUUID()];
    return {
      error: this.error,
      error_description:
        `AADSTS${this.code}: ${this.message} Trace ID: ${trace} Correlation ID: ${correlation} ` +
        `Timestamp: ${timestamp}`,
      error_codes: [this.code],
      timestamp,
      trace_id: trace,
      correlation_id: correlation,
      error_uri: `https://login.microsoftonline.com/error?code=${this.code}`,
    };
  }
}
