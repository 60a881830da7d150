import type { IncomingMessage } from "node:http";
import { authenticationFailed, invalidUri, StorageError } from "./storage-error.ts";

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
  /** Its path as it came and its query as it was read: what Azurite is asked, so that both read the same. */
  target: string;
}

/** Path and query, after the scheme and host that a client may send too (RFC 9112, absolute form). */
const targetPattern = /^(?:https?:\/\/[^/?]*)?(?<path>\/[^?]*)?(?:\?(?<query>.*))?$/i;
/** Azurite's parser stops at a thousand and says nothing. No client sends as many as this. */
const maxParameters = 100;

/**
 * Takes a request apart, just as Azurite does, so that what is authorized is what is done.
 * @throws StorageError 400 when its path or query can be read in two ways.
 */
export function readRequest(req: IncomingMessage): StorageRequest {
  const url = req.url ?? "";
  const parts = targetPattern.exec(url)?.groups;
  // Azurite would end the path at a number sign, and clean up what is not printable.
  if (!parts || !/^[!"$-~]*$/.test(url)) throw invalidUri();
  const path = parts.path ?? "/";
  const query = new URLSearchParams(`&${parts.query ?? ""}`);
  checkParameters(query);
  const [container = "", ...rest] = decodePath(path).slice(1).split("/");
  const blob = rest.join("/");
  if (container === "" && blob !== "") throw invalidUri();
  return {
    method: req.method ?? "GET",
    segments: [container, blob].filter((segment) => segment !== ""),
    query,
    headers: req.headers,
    credential: credentialOf(req.headers.authorization, query),
    target: path + serialize(query),
  };
}

/** A path as Azurite decodes it: once, and before it is cut at slashes. @throws StorageError 400 */
export function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw invalidUri();
  }
}

/** Which of two values counts, and whether brackets make a list, is read differently by different parsers. */
function checkParameters(query: URLSearchParams): void {
  const names = [...query.keys()];
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw invalidQuery(`${twice} is given twice.`);
  const brackets = names.find((name) => /[[\]]/.test(name));
  if (brackets !== undefined) throw invalidQuery(`${brackets} is no name of a parameter.`);
  if (names.length > maxParameters) throw invalidQuery("There are too many.");
}

function invalidQuery(why: string): StorageError {
  return new StorageError(
    400,
    "InvalidQueryParameterValue",
    `Value for one of the query parameters specified in the request URI is invalid. ${why}`,
  );
}

function serialize(query: URLSearchParams): string {
  const pairs = [...query].map((pair) => pair.map(encodeURIComponent).join("="));
  return pairs.length > 0 ? `?${pairs.join("&")}` : "";
}

/** A signature is looked at as one whatever else comes with it; how Azure takes both is not documented. */
function credentialOf(authorization: string | undefined, query: URLSearchParams): Credential {
  if (authorization !== undefined) {
    if (query.has("sig")) {
      throw authenticationFailed("A request has an Authorization header or a signature, not both.");
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
    // An account SAS has no stored access policy, so there nobody has signed the parameter.
    policy: (scope === "service" && query.get("si")) || undefined,
    start: query.get("st") ?? undefined,
    expiry: query.get("se") ?? undefined,
  };
}
