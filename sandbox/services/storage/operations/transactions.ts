import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { notInSandbox, StorageError } from "../storage-error.ts";
import { decodePath, type StorageRequest } from "../storage-request.ts";
import type { Operation } from "./operations.ts";
import { tableOperation } from "./table-operations.ts";

/** Azure's limit for the body of an entity group transaction. */
const maxBytes = 4 << 20;
const requestLine = /^(POST|PUT|PATCH|MERGE|DELETE) (\S+) HTTP\/1\.1$/;
const headerPattern = /^([\w-]+): *([^{}]*)$/;
const changingMethods = new Set([
  "Table_InsertEntity",
  "Table_UpdateEntity",
  "Table_MergeEntity",
  "Table_DeleteEntity",
]);
/** The headers of a part that mean something to Azurite; others say nothing that it would do. */
const meant = new Set(["accept", "content-type", "dataserviceversion", "if-match", "prefer"]);
const crlf = "\r\n";

/** An entity group transaction, taken apart: what each change needs, and the body that says the same to Azurite. */
export interface Transaction {
  changes: Operation[];
  body: Buffer;
}

/** One change, as it was read. */
interface Change {
  method: string;
  /** Below the account, for example keys(PartitionKey='p',RowKey='r'); encoded. */
  address: string;
  headers: [name: string, value: string][];
  /** On one line; empty when there is none. */
  json: string;
  operation: Operation;
}

/** Reads a transaction's body whole. @throws StorageError 413 */
export async function readBody(req: IncomingMessage): Promise<Buffer> {
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
 * Takes a transaction apart. Azurite looks for what it needs anywhere in the text, so it gets one that is made anew
 * from what was read here.
 * @param host The account's own host, which every change must name.
 * @throws StorageError 400 for whatever is not one changeset of changes to one table; 501 for reading in one.
 */
export function readTransaction(request: StorageRequest, text: Buffer, host: string): Transaction {
  const batch = /^multipart\/mixed; *boundary="?(batch_[\w-]+)"?$/i.exec(
    String(request.headers["content-type"] ?? ""),
  )?.[1];
  if (!batch) throw invalid("Its content type is not multipart/mixed with a boundary batch_….");
  const lines = new Lines(text.toString("utf8"));
  lines.skipBlank();
  lines.expect(`--${batch}`);
  const changeset = /^multipart\/mixed; *boundary="?([\w-]+)"?$/i.exec(
    lines.headers().get("content-type") ?? "",
  )?.[1];
  if (!changeset) throw invalid("It has no changeset.");
  lines.skipBlank();
  const changes: Change[] = [];
  lines.expect(`--${changeset}`);
  do changes.push(readChange(lines, request, host));
  while (lines.choose(`--${changeset}`, `--${changeset}--`) === `--${changeset}`);
  lines.skipBlank();
  lines.expect(`--${batch}--`);
  lines.skipBlank();
  if (!lines.atEnd) throw invalid("Something follows its end.");
  const tables = new Set(changes.map(({ address }) => address.split("(")[0]!.toLowerCase()));
  if (tables.size > 1) throw invalid("Its changes are to more than one table.");
  return { changes: changes.map(({ operation }) => operation), body: serialize(changes, batch, host) };
}

function readChange(lines: Lines, request: StorageRequest, host: string): Change {
  const type = lines.headers().get("content-type");
  if (type?.toLowerCase() !== "application/http") throw invalid("A part is not application/http.");
  const line = lines.next();
  if (/^(GET|HEAD) /.test(line)) throw notInSandbox("queries in an entity group transaction");
  const [, verb, target] = requestLine.exec(line) ?? [];
  const url = URL.parse(target ?? "");
  if (!verb || !url) throw invalid("A part does not begin with a request line.");
  if (url.protocol !== "https:" || url.host !== host || url.search !== "" || url.hash !== "") {
    throw invalid("A part does not name an address of this account.");
  }
  const headers = lines.headers();
  if (headers.has("x-http-method")) throw notInSandbox("X-HTTP-Method in an entity group transaction");
  const method = verb === "MERGE" ? "PATCH" : verb;
  const address = decodePath(url.pathname).slice(1);
  const operation = tableOperation({
    ...request,
    method,
    segments: [address],
    query: url.searchParams,
    headers: Object.fromEntries(headers),
  });
  if (!changingMethods.has(operation.name)) throw invalid("A part is not a change to a row.");
  return {
    method,
    address: address.replace(/[^\w()',=.~-]/gu, encodeURIComponent),
    headers: [...headers].filter(([name]) => meant.has(name)),
    json: readJson(lines),
    operation,
  };
}

function readJson(lines: Lines): string {
  const text = lines.untilBoundary().join(" ").trim();
  if (text === "") return "";
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) throw new SyntaxError();
  } catch {
    throw invalid("A part's body is not a JSON object.");
  }
  // To Azurite these two end a line, as they do in JavaScript's patterns.
  return text.replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}

/** As the official client writes it, with a boundary that nothing in it can repeat. */
function serialize(changes: Change[], batch: string, host: string): Buffer {
  const changeset = `changeset_${randomUUID()}`;
  const parts = changes.map(({ method, address, headers, json }) =>
    [
      `--${changeset}`,
      "Content-Type: application/http",
      "Content-Transfer-Encoding: binary",
      "",
      `${method} https://${host}/${address} HTTP/1.1`,
      ...headers.map((header) => header.join(": ")),
      "",
      "",
      ...(json ? [json] : []),
    ].join(crlf),
  );
  const text = [
    `--${batch}`,
    `Content-Type: multipart/mixed; boundary=${changeset}`,
    "",
    "",
    ...parts,
    `--${changeset}--`,
    `--${batch}--`,
    "",
  ].join(crlf);
  return Buffer.from(text);
}

/** The lines of a multipart body, read one after the other. */
class Lines {
  private readonly lines: string[];
  private at = 0;

  constructor(text: string) {
    this.lines = text.split(/\r?\n/);
  }

  get atEnd(): boolean {
    return this.at >= this.lines.length;
  }

  next(): string {
    const line = this.lines[this.at++];
    if (line === undefined) throw invalid("It ends too early.");
    return line;
  }

  expect(line: string): void {
    if (this.next() !== line) throw invalid(`It has no ${line} where that belongs.`);
  }

  skipBlank(): void {
    while (this.lines[this.at] === "") this.at++;
  }

  /** Headers and the blank line after them. */
  headers(): Map<string, string> {
    const headers = new Map<string, string>();
    for (let line = this.next(); line !== ""; line = this.next()) {
      const [, name, value] = headerPattern.exec(line) ?? [];
      const key = name?.toLowerCase() ?? "";
      if (key === "" || headers.has(key)) throw invalid("A header is malformed, or there twice.");
      headers.set(key, value!.trimEnd());
    }
    return headers;
  }

  /** The lines before the next boundary. */
  untilBoundary(): string[] {
    const begin = this.at;
    while (!this.atEnd && !this.lines[this.at]!.startsWith("--")) this.at++;
    return this.lines.slice(begin, this.at);
  }

  /** The next line, which must be one of these. */
  choose(...lines: string[]): string {
    const line = this.next();
    if (!lines.includes(line)) throw invalid("A part does not end as it should.");
    return line;
  }
}

function invalid(why: string): StorageError {
  return new StorageError(
    400,
    "InvalidInput",
    `One of the request inputs is not valid. The entity group transaction cannot be read. ${why}`,
  );
}
