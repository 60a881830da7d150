import type { IncomingMessage } from "node:http";

/** The storage services that the sandbox has. */
export type Service = "blob" | "table";

/** How a request proves itself. */
export type Credential =
  | { kind: "sharedKey" }
  /** A SAS signed with an account key; `policy` names its stored access policy. */
  | { kind: "sas"; scope: "account" | "service"; policy: string | undefined; start?: string; expiry?: string }
  /** A SAS signed with a user delegation key. */
  | { kind: "userDelegationSas" }
  | { kind: "bearer"; header: string }
  | { kind: "anonymous" };

/** A request to a storage account, taken apart. */
export interface StorageRequest {
  method: string;
  /** Path segments, decoded: container and blob, or the table's address. */
  segments: string[];
  query: URLSearchParams;
  headers: IncomingMessage["headers"];
  credential: Credential;
}

/**
 * Takes a request apart, the path just as Azurite does, so that what is authorized is what is done.
 * @throws URIError when its path is not properly encoded.
 */
export function readRequest(req: IncomingMessage): StorageRequest {
  const [path = "/", search = ""] = (req.url ?? "/").split(/\?(.*)/s);
  const query = new URLSearchParams(search);
  const parts = decodeURIComponent(path).replace(/^\//, "").split("/");
  const segments = [parts[0] ?? "", parts.slice(1).join("/")].filter((segment) => segment !== "");
  return {
    method: req.method ?? "GET",
    segments,
    query,
    headers: req.headers,
    credential: credentialOf(req.headers.authorization, query),
  };
}

function credentialOf(authorization: string | undefined, query: URLSearchParams): Credential {
  if (authorization) {
    if (/^SharedKey(Lite)? /i.test(authorization)) return { kind: "sharedKey" };
    return { kind: "bearer", header: authorization };
  }
  if (!query.has("sig")) return { kind: "anonymous" };
  if (query.has("skoid")) return { kind: "userDelegationSas" };
  return {
    kind: "sas",
    scope: query.has("ss") ? "account" : "service",
    policy: query.get("si") ?? undefined,
    start: query.get("st") ?? undefined,
    expiry: query.get("se") ?? undefined,
  };
}
