import type { IncomingMessage } from "node:http";
import { type Credential, parseCredential } from "./authentication/credentials.ts";
import { invalidUri, StorageError } from "./storage-error.ts";

/** The storage services of the sandbox. */
export type Service = "blob" | "table";

/** A parsed request to a storage account. */
export interface StorageRequest {
  method: string;
  /** Decoded segments of the path: container and blob, or the address of a table. */
  segments: string[];
  query: URLSearchParams;
  headers: IncomingMessage["headers"];
  credential: Credential;
  /** The path as received and the parsed query, for Azurite, so that Azurite parses the same request. */
  target: string;
}

/** Path and query, without the optional scheme and host of the absolute form (RFC 9112). */
const targetPattern = /^(?:https?:\/\/[^/?]*)?(?<path>\/[^?]*)?(?:\?(?<query>.*))?$/i;
/** Azurite silently ignores parameters after the thousandth. No client sends as many as this limit. */
const maxParameters = 100;

/**
 * Parses a request in the same way as Azurite, so that Azurite runs the operation that the sandbox authorizes.
 * @throws StorageError 400 when the path or query is ambiguous.
 */
export function parseRequest(req: IncomingMessage): StorageRequest {
  const url = req.url ?? "";
  const parts = targetPattern.exec(url)?.groups;
  // Azurite would end the path at a number sign, and normalize characters that are not printable.
  if (!parts || !/^[!"$-~]*$/.test(url)) throw invalidUri();
  const path = parts.path ?? "/";
  const query = new URLSearchParams(`&${parts.query ?? ""}`);
  verifyParameters(query);
  const [container = "", ...rest] = decodePath(path).slice(1).split("/");
  const blob = rest.join("/");
  if (container === "" && blob !== "") throw invalidUri();
  return {
    method: req.method ?? "GET",
    segments: [container, blob].filter((segment) => segment !== ""),
    query,
    headers: req.headers,
    credential: parseCredential(req.headers.authorization, query),
    target: path + serializeQuery(query),
  };
}

/** Decodes a path as Azurite does: once, before it is split at slashes. @throws StorageError 400 */
export function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw invalidUri();
  }
}

/** Rejects repeated parameters and names with brackets, because parsers interpret them differently. */
function verifyParameters(query: URLSearchParams): void {
  const names = [...query.keys()];
  const repeated = names.find((name, i) => names.indexOf(name) < i);
  if (repeated !== undefined) throw invalidQuery(`${repeated} is given twice.`);
  const bracketed = names.find((name) => /[[\]]/.test(name));
  if (bracketed !== undefined) throw invalidQuery(`${bracketed} is not a valid parameter name.`);
  if (names.length > maxParameters) throw invalidQuery(`There are more than ${maxParameters} parameters.`);
}

function invalidQuery(reason: string): StorageError {
  return new StorageError(
    400,
    "InvalidQueryParameterValue",
    `Value for one of the query parameters specified in the request URI is invalid. ${reason}`,
  );
}

function serializeQuery(query: URLSearchParams): string {
  const pairs = [...query].map((pair) => pair.map(encodeURIComponent).join("="));
  return pairs.length > 0 ? `?${pairs.join("&")}` : "";
}
