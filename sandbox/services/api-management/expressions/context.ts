import type { RequestMessage, ResponseMessage } from "../messages.ts";
import type { Url } from "../url.ts";
import type { Guid } from "./values.ts";

/** context.LastError in the on-error section. */
export interface LastError {
  source: string;
  reason: string;
  message: string;
  scope: string | null;
  section: string | null;
  path: string | null;
  policyId: string | null;
}

/** The subscription whose key is in the request. */
export interface SubscriptionInfo {
  /** The name in its resource ID (sid). */
  id: string;
  displayName: string;
  /** The key in the request. */
  key: string;
  primaryKey: string;
  secondaryKey: string;
}

/** The data behind the `context` variable of expressions. Absent parts are null, as in C#. */
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
  /** Variables by name. Value types are `Boxed`. */
  variables: Map<string, unknown>;
  serviceName: string;
  region: string;
  requestId: Guid;
  /** When the gateway received the request, in milliseconds since 1970. */
  receivedAt: number;
}
