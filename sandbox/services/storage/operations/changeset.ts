import { randomUUID } from "node:crypto";
import { StorageError } from "../storage-error.ts";

const headerPattern = /^([\w-]+): *([^{}]*)$/;
const crlf = "\r\n";

/** One change to a row, as it appears in a changeset. */
export interface ChangeRequest {
  method: string;
  /** Encoded path below the account, for example keys(PartitionKey='p',RowKey='r'). */
  address: string;
  headers: [name: string, value: string][];
  /** One line; empty when the change has no body. */
  json: string;
}

/** Reads the lines of a multipart body in order. */
export class MultipartReader {
  private readonly lines: string[];
  private position = 0;

  constructor(text: string) {
    this.lines = text.split(/\r?\n/);
  }

  get isAtEnd(): boolean {
    return this.position >= this.lines.length;
  }

  readLine(): string {
    const line = this.lines[this.position++];
    if (line === undefined) throw invalidTransaction("It ends too early.");
    return line;
  }

  /** Reads a line that must be equal to `line`. */
  expectLine(line: string): void {
    if (this.readLine() !== line) throw invalidTransaction(`The line ${line} is missing.`);
  }

  /** Reads a line that must be equal to one of `lines`, and returns it. */
  expectOneOf(...lines: string[]): string {
    const line = this.readLine();
    if (!lines.includes(line)) throw invalidTransaction("A part does not end with a boundary.");
    return line;
  }

  skipBlankLines(): void {
    while (this.lines[this.position] === "") this.position++;
  }

  /** Reads headers, and the blank line after them. The names are in lower case. */
  readHeaders(): Map<string, string> {
    const headers = new Map<string, string>();
    for (let line = this.readLine(); line !== ""; line = this.readLine()) {
      const [, name, value] = headerPattern.exec(line) ?? [];
      const key = name?.toLowerCase() ?? "";
      if (key === "" || headers.has(key)) throw invalidTransaction("A header is malformed or repeated.");
      headers.set(key, value!.trimEnd());
    }
    return headers;
  }

  /** Reads the lines before the next boundary. */
  readBody(): string[] {
    const start = this.position;
    while (!this.isAtEnd && !this.lines[this.position]!.startsWith("--")) this.position++;
    return this.lines.slice(start, this.position);
  }
}

/**
 * Writes a transaction with one changeset in the form of the official client.
 * @param batch Boundary of the batch. The boundary of the changeset is random, so that no change can contain it.
 * @param host Host name of the account.
 */
export function serializeChangeset(changes: ChangeRequest[], batch: string, host: string): Buffer {
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

/** 400 for a malformed transaction. */
export function invalidTransaction(reason: string): StorageError {
  return new StorageError(
    400,
    "InvalidInput",
    `One of the request inputs is not valid. The entity group transaction is malformed. ${reason}`,
  );
}
