import type { IncomingMessage } from "node:http";
import { notInSandbox, StorageError } from "../storage-error.ts";
import { decodePath, type StorageRequest } from "../storage-request.ts";
import { type ChangeRequest, invalidTransaction, MultipartReader, serializeChangeset } from "./changeset.ts";
import type { Operation } from "./operation.ts";
import { resolveTableOperation } from "./table-operations.ts";

/** Azure's limit of the body of an entity group transaction. */
const maxBytes = 4 << 20;
const requestLinePattern = /^(POST|PUT|PATCH|MERGE|DELETE) (\S+) HTTP\/1\.1$/;
const changeOperations = new Set([
  "Table_InsertEntity",
  "Table_UpdateEntity",
  "Table_MergeEntity",
  "Table_DeleteEntity",
]);
/** The headers of a change that Azurite reads. Others are not forwarded. */
const forwardedHeaders = new Set(["accept", "content-type", "dataserviceversion", "if-match", "prefer"]);

/** A parsed entity group transaction. */
export interface Transaction {
  /** The operation of each change. */
  changes: Operation[];
  /** The same transaction, written again for Azurite. */
  body: Buffer;
}

/** Reads the whole body of a transaction. @throws StorageError 413 */
export async function readTransactionBody(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) {
      throw new StorageError(
        413,
        "RequestBodyTooLarge",
        "The request body is too large and exceeds the maximum permissible limit.",
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * Parses an entity group transaction, and writes it again for Azurite. Azurite searches the whole text for what it
 * needs, so it could find other changes in the original than the sandbox.
 * @param host The account's host name, which every change must name.
 * @throws StorageError 400 when the transaction is not one changeset of changes to one table; 501 for queries in it.
 */
export function parseTransaction(request: StorageRequest, text: Buffer, host: string): Transaction {
  const batch = /^multipart\/mixed; *boundary="?(batch_[\w-]+)"?$/i.exec(
    String(request.headers["content-type"] ?? ""),
  )?.[1];
  if (!batch) {
    throw invalidTransaction("Its content type is not multipart/mixed with a boundary batch_….");
  }
  const reader = new MultipartReader(text.toString("utf8"));
  reader.skipBlankLines();
  reader.expectLine(`--${batch}`);
  const changeset = /^multipart\/mixed; *boundary="?([\w-]+)"?$/i.exec(
    reader.readHeaders().get("content-type") ?? "",
  )?.[1];
  if (!changeset) throw invalidTransaction("It has no changeset.");
  reader.skipBlankLines();
  const changes: Change[] = [];
  reader.expectLine(`--${changeset}`);
  do changes.push(readChange(reader, request, host));
  while (reader.expectOneOf(`--${changeset}`, `--${changeset}--`) === `--${changeset}`);
  reader.skipBlankLines();
  reader.expectLine(`--${batch}--`);
  reader.skipBlankLines();
  if (!reader.isAtEnd) throw invalidTransaction("There is text after its end.");
  const tables = new Set(changes.map(({ address }) => address.split("(")[0]!.toLowerCase()));
  if (tables.size > 1) throw invalidTransaction("It changes more than one table.");
  return {
    changes: changes.map(({ operation }) => operation),
    body: serializeChangeset(changes, batch, host),
  };
}

interface Change extends ChangeRequest {
  operation: Operation;
}

function readChange(reader: MultipartReader, request: StorageRequest, host: string): Change {
  const type = reader.readHeaders().get("content-type");
  if (type?.toLowerCase() !== "application/http") {
    throw invalidTransaction("A part is not application/http.");
  }
  const line = reader.readLine();
  if (/^(GET|HEAD) /.test(line)) throw notInSandbox("queries in an entity group transaction");
  const [, verb, target] = requestLinePattern.exec(line) ?? [];
  const url = URL.parse(target ?? "");
  if (!verb || !url) throw invalidTransaction("A part does not begin with a request line.");
  if (url.protocol !== "https:" || url.host !== host || url.search !== "" || url.hash !== "") {
    throw invalidTransaction("A part does not name an address of this account.");
  }
  const headers = reader.readHeaders();
  if (headers.has("x-http-method")) throw notInSandbox("X-HTTP-Method in an entity group transaction");
  const method = verb === "MERGE" ? "PATCH" : verb;
  const address = decodePath(url.pathname).slice(1);
  const operation = resolveTableOperation({
    ...request,
    method,
    segments: [address],
    query: url.searchParams,
    headers: Object.fromEntries(headers),
  });
  if (!changeOperations.has(operation.name)) {
    throw invalidTransaction("A part is not a change to a row.");
  }
  return {
    method,
    address: address.replace(/[^\w()',=.~-]/gu, encodeURIComponent),
    headers: [...headers].filter(([name]) => forwardedHeaders.has(name)),
    json: readJson(reader),
    operation,
  };
}

function readJson(reader: MultipartReader): string {
  const text = reader.readBody().join(" ").trim();
  if (text === "") return "";
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) throw new SyntaxError();
  } catch {
    throw invalidTransaction("The body of a part is not a JSON object.");
  }
  // Azurite splits lines with a regular expression, for which these two characters are line ends.
  return text.replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}
