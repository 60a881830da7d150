import type { RequestMessage, ResponseMessage } from "../messages.ts";
import type { Url } from "../url.ts";
import type { Guid } from "./values.ts";

/** What went wrong, as the policies in on-error see it. */
export interface LastError {
  source: string;
  reason: string;
  message: string;
  scope: string | null;
  section: string | null;
  path: string | null;
  policyId: string | null;
}

/** The subscription whose key the caller sent. */
export interface SubscriptionInfo {
  /** The name in its resource ID (sid). */
  id: string;
  displayName: string;
  /** The key that was sent. */
  key: string;
  primaryKey: string;
  secondaryKey: string;
}

/** What the `context` variable of an expression shows; absent parts are null, as in C#. */
export interface ExpressionContext {
  api: { id: string; name: string; path: string; revision: string; version: string | null };
  operation: { id: string; method: string; name: string; urlTemplate: string };
  subscription: SubscriptionInfo | null;
  request: RequestMessage;
  originalUrl: Url;
  ipAddress: string;
  matchedParameters: Map<string, string>;
  response: ResponseMessage | null;
  lastError: LastError | null;
  /** By name; value types are Boxed. */
  variables: Map<string, unknown>;
  serviceName: string;
  region: string;
  requestId: Guid;
  /** When the request came, in milliseconds since 1970. */
  receivedAt: number;
}
