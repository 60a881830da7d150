import { authenticationFailed } from "../storage-error.ts";

/** A SAS that an account key signed. */
export interface SasCredential {
  kind: "sas";
  scope: "account" | "service";
  /** Name of the stored access policy; a service SAS only. */
  policy: string | undefined;
  /** Signed start (st), as sent. */
  start?: string;
  /** Signed expiry (se), as sent. */
  expiry?: string;
}

/** How a request authenticates. */
export type Credential =
  | { kind: "sharedKey" }
  | SasCredential
  /** A SAS that a user delegation key signed. */
  | { kind: "userDelegationSas" }
  | { kind: "bearer"; header: string }
  | { kind: "anonymous" };

/**
 * Determines how a request authenticates. It verifies no signature: Azurite does that.
 * @throws StorageError 403 when the request has both an Authorization header and a SAS. Azure's behaviour in that case
 *   is not documented.
 */
export function parseCredential(authorization: string | undefined, query: URLSearchParams): Credential {
  if (authorization !== undefined) {
    if (query.has("sig")) {
      throw authenticationFailed("A request must not have both an Authorization header and a signature.");
    }
    if (/^SharedKey(Lite)? /i.test(authorization)) return { kind: "sharedKey" };
    return { kind: "bearer", header: authorization };
  }
  if (!query.has("sig")) return { kind: "anonymous" };
  if (query.has("skoid")) return { kind: "userDelegationSas" };
  const scope = query.has("ss") ? "account" : "service";
  return {
    kind: "sas",
    scope,
    // An account SAS has no stored access policy, so its signature does not cover the parameter si.
    policy: (scope === "service" && query.get("si")) || undefined,
    start: query.get("st") ?? undefined,
    expiry: query.get("se") ?? undefined,
  };
}
