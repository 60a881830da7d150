import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setImmediate as yieldToEventLoop } from "node:timers/promises";
import type { HubError } from "../errors.ts";
import type { Hub } from "../hub.ts";
import { parseJson } from "../parse-json.ts";
import { type BulkFailure, type BulkRegistry, bulkLimit } from "../registry/bulk.ts";
import type { BlobContainer } from "./blob-container.ts";

/** The names of blobs that the service uses. */
export const devicesBlob = "devices.txt";
export const errorsBlob = "importErrors.log";

/**
 * Applies devices.txt line by line. The error of a line goes to importErrors.log in the output container, and the job
 * continues. Without errors that blob is not written. Memory does not grow with the file.
 * @param reportProgress Called after each batch.
 * @param isStopped Called after each batch; the import ends when it returns true.
 */
export async function importDevices(
  bulk: BulkRegistry,
  hub: Hub,
  containers: { input: BlobContainer; output: BlobContainer; inputBlob: string },
  reportProgress: (percent: number) => void,
  isStopped: () => boolean,
): Promise<void> {
  await containers.output.deleteIfExists(errorsBlob);
  const { stream, bytes } = await containers.input.read(containers.inputBlob);
  let readBytes = 0;
  const countLine = (line: string) => {
    readBytes += Buffer.byteLength(line) + 1;
  };
  const failures = applyEntries(bulk, hub, readEntries(stream, countLine), () => {
    reportProgress(bytes === 0 ? 100 : Math.min(100, Math.floor((readBytes / bytes) * 100)));
    return isStopped();
  });
  const first = await failures.next();
  if (!first.done) await containers.output.write(errorsBlob, errorLines(first.value, failures));
}

/** Applies entries in batches and yields the failures. */
async function* applyEntries(
  bulk: BulkRegistry,
  hub: Hub,
  entries: AsyncIterable<Entry>,
  shouldStop: () => boolean,
): AsyncGenerator<BulkFailure> {
  let batch: unknown[] = [];
  for await (const entry of entries) {
    if ("errorCode" in entry) yield entry;
    else batch.push(entry);
    if (batch.length < bulkLimit) continue;
    yield* bulk.apply(hub, batch);
    batch = [];
    if (shouldStop()) return;
    await yieldToEventLoop();
  }
  yield* bulk.apply(hub, batch);
}

async function* readEntries(input: Readable, onLine: (line: string) => void): AsyncGenerator<Entry> {
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  let readError: Error | undefined;
  // readline ignores errors of its input, so a read error would look like the end of the file.
  input.once("error", (error) => {
    readError = error;
    lines.close();
  });
  for await (const line of lines) {
    onLine(line);
    if (line.trim() !== "") yield parseLine(line);
  }
  if (readError) throw readError;
}

async function* errorLines(first: BulkFailure, others: AsyncIterable<BulkFailure>): AsyncGenerator<string> {
  yield `${JSON.stringify(first)}\r\n`;
  for await (const failure of others) yield `${JSON.stringify(failure)}\r\n`;
}

/** A line that can be applied, or the reason why it cannot. */
type Entry = BulkFailure | { id: unknown };

/** Parses a line. A live hub requires a status on every line, even for a deletion (mwalser/terraform-provider-iothub). */
function parseLine(line: string): Entry {
  let entry: { id?: unknown; status?: unknown } | null;
  try {
    entry = parseJson(line.replace(/^\uFEFF/, ""), "The line") as typeof entry;
  } catch (error) {
    return failure("", (error as HubError).message);
  }
  if (entry?.status) return { ...entry, id: entry.id };
  return failure(String(entry?.id ?? ""), "BadRequest: status is missing.");
}

const failure = (deviceId: string, errorStatus: string): BulkFailure => ({
  deviceId,
  errorCode: 400004,
  errorStatus,
});
