import type { Readable } from "node:stream";
import { isRestError, RestError } from "@azure/core-rest-pipeline";
import type { BlobClient, BlobDownloadResponseParsed } from "@azure/storage-blob";
import { Backoff } from "../lib/backoff.ts";
import { systemClock } from "../lib/clock.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { t } from "../words/translate.ts";

/** Gives up after this many broken connections in a row without a byte received. */
const maxBreaks = 5;
const retryRange = { firstMs: 500, longestMs: 5_000 };

/** How a blob is downloaded. */
export interface DownloadOptions {
  /** Position of the first byte; default: 0. */
  offset?: number;
  signal?: AbortSignal;
  /** The blob only grows and is never replaced. Default: false, and a change during the download fails with 412. */
  isAppendOnly?: boolean;
  /** Receives the blob's properties before any content. The download ends with the error that it throws. */
  onAnswer?: (blob: BlobDownloadResponseParsed) => void;
}

/**
 * Downloads a blob as a stream of chunks. After a broken connection it continues at the next missing byte. The retry
 * of the SDK itself gives up instead.
 * @throws RestError when Azure Storage rejects the request, or the connection breaks repeatedly.
 */
export async function* downloadBlob(blob: BlobClient, options: DownloadOptions = {}): AsyncGenerator<Buffer> {
  const { offset = 0, signal: abortSignal, isAppendOnly = false, onAnswer } = options;
  let position = offset;
  let etag: string | undefined;
  let isFirst = true;
  const backoff = new Backoff({ clock: systemClock, range: retryRange });
  for (;;) {
    const conditions = { ifMatch: etag };
    const answer = await blob.download(position, undefined, { abortSignal, conditions });
    const stream = answer.readableStreamBody as Readable;
    if (isFirst) reportAnswer(answer, stream, onAnswer);
    isFirst = false;
    if (!isAppendOnly) etag = answer.etag;
    const end = position + (answer.contentLength ?? Number.POSITIVE_INFINITY);
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        position += chunk.length;
        backoff.reset();
        yield chunk;
      }
      return;
    } catch (error) {
      if (abortSignal?.aborted || isRestError(error)) throw error;
      if (position === end) return;
      if (backoff.failures >= maxBreaks) throw brokenConnectionError(error);
      await backoff.wait(abortSignal);
    }
  }
}

/**
 * Downloads a blob into memory.
 * @param maxBytes No such blob is larger.
 * @throws RestError as `downloadBlob`; OperatorError for a larger blob.
 */
export async function downloadWhole(
  blob: BlobClient,
  maxBytes: number,
  options: DownloadOptions = {},
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of downloadBlob(blob, options)) {
    length += chunk.length;
    if (length > maxBytes) {
      throw new OperatorError("failed", t`${blob.name} has more than ${maxBytes / 1024 / 1024} MB`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function reportAnswer(
  answer: BlobDownloadResponseParsed,
  stream: Readable,
  onAnswer: DownloadOptions["onAnswer"],
): void {
  try {
    onAnswer?.(answer);
  } catch (error) {
    stream.destroy();
    throw error;
  }
}

function brokenConnectionError(cause: unknown): RestError {
  const error = new RestError(t`the connection broke repeatedly during the download`, { code: "ECONNRESET" });
  error.cause = cause;
  return error;
}
