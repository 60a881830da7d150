import type { IncomingMessage } from "node:http";
import type { StorageRequest } from "./requests.ts";
import { StorageError } from "./storage-error.ts";

/** Azure's limit for the body of an entity group transaction. */
const MAX_BYTES = 4 << 20;
const PART = /^(GET|POST|PUT|PATCH|MERGE|DELETE) (\S+) HTTP\/1\.1\r?\n((?:[^\r\n]+\r?\n)*)/gm;

/** Whether the request is an entity group transaction, whose parts are authorized one by one. */
export function isTransaction(request: StorageRequest): boolean {
  return request.method === "POST" && request.segments[0] === "$batch";
}

/** Reads a transaction's body whole. @throws StorageError 413 */
export async function readBody(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BYTES) {
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

/** The requests inside a transaction's multipart body, as far as authorizing them needs. */
export function partsOf(request: StorageRequest, body: Buffer): StorageRequest[] {
  return [...body.toString("utf8").matchAll(PART)].map(([, method, url, headerLines]) => {
    const { pathname, searchParams } = new URL(url!, "http://account");
    return {
      method: method!,
      segments: [decodeURIComponent(pathname.slice(1))],
      query: searchParams,
      headers: Object.fromEntries(
        headerLines!
          .split(/\r?\n/)
          .filter((line) => line !== "")
          .map((line) => {
            const [name, ...value] = line.split(":");
            return [name!.toLowerCase(), value.join(":").trim()];
          }),
      ),
      credential: request.credential,
    };
  });
}
