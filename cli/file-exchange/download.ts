import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { isRestError, RestError } from "@azure/core-rest-pipeline";
import type { BlobClient, BlobDownloadResponseParsed } from "@azure/storage-blob";

/** Broken connections in a row, without a byte in between, after which it is given up. */
const mostBreaks = 5;

/** How a blob is fetched. */
export interface DownloadOptions {
  /** The first byte wanted; default 0. */
  offset?: number;
  signal?: AbortSignal;
  /** The blob is added to and never replaced; default false: when it changes meanwhile, the rest fails with 412. */
  isAppendOnly?: boolean;
  /** Sees what the blob is before any of it is given out; what it throws ends the transfer. */
  onAnswer?: (blob: BlobDownloadResponseParsed) => void;
}

/**
 * A blob's content, piece by piece. A connection that breaks in the middle is made anew, from the byte on that is
 * missing; the SDK's own retrying ends with an error instead.
 * @throws RestError when storage refuses, or the connection breaks again and again.
 */
export async function* downloadBlob(blob: BlobClient, options: DownloadOptions = {}): AsyncGenerator<Buffer> {
  const { offset: from = 0, signal: abortSignal, isAppendOnly: grows = false, onAnswer } = options;
  let position = from;
  let etag: string | undefined;
  let isFirst = true;
  for (let breaks = 0; ; ) {
    const conditions = { ifMatch: etag };
    const answer = await blob.download(position, undefined, { abortSignal, conditions });
    const stream = answer.readableStreamBody as Readable;
    if (isFirst) seen(answer, stream, onAnswer);
    isFirst = false;
    if (!grows) etag = answer.etag;
    const end = position + (answer.contentLength ?? Number.POSITIVE_INFINITY);
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        position += chunk.length;
        breaks = 0;
        yield chunk;
      }
      return;
    } catch (error) {
      if (abortSignal?.aborted || isRestError(error)) throw error;
      if (position === end) return;
      if (++breaks > mostBreaks) throw broken(error);
      await sleep(500 * breaks, undefined, { signal: abortSignal });
    }
  }
}

function seen(
  answer: BlobDownloadResponseParsed,
  stream: Readable,
  onAnswer: ((blob: BlobDownloadResponseParsed) => void) | undefined,
): void {
  try {
    onAnswer?.(answer);
  } catch (error) {
    stream.destroy();
    throw error;
  }
}

function broken(cause: unknown): RestError {
  const error = new RestError("the connection breaks in the middle of it", { code: "ECONNRESET" });
  error.cause = cause;
  return error;
}
