import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setImmediate as breathe } from "node:timers/promises";
import type { HubError } from "../errors.ts";
import type { Hub } from "../hub.ts";
import { parseJson } from "../json.ts";
import { type BulkFailure, type BulkRegistry, bulkLimit } from "../registry/bulk.ts";
import type { BlobContainer } from "./blob-container.ts";

/** The service's names of its blobs. */
export const devicesBlob = "devices.txt";
export const errorsBlob = "importErrors.log";

/**
 * Applies devices.txt line by line. What is wrong with a line goes to importErrors.log in the output container, and
 * the job goes on; without errors there is no such blob. Memory does not grow with the file.
 * @param progress Told how many of a hundred parts are done.
 * @param cancelled Asked between batches.
 */
export async function importDevices(
  bulk: BulkRegistry,
  hub: Hub,
  containers: { input: BlobContainer; output: BlobContainer; inputBlob: string },
  progress: (percent: number) => void,
  cancelled: () => boolean,
): Promise<void> {
  await containers.output.deleteIfExists(errorsBlob);
  const { stream, bytes } = await containers.input.read(containers.inputBlob);
  let done = 0;
  const counted = (line: string) => {
    done += Buffer.byteLength(line) + 1;
  };
  const failures = apply(bulk, hub, entries(stream, counted), () => {
    progress(bytes === 0 ? 100 : Math.min(100, Math.floor((done / bytes) * 100)));
    return cancelled();
  });
  const first = await failures.next();
  if (!first.done) await containers.output.write(errorsBlob, log(first.value, failures));
}

/** Applies entries batch by batch and gives the failures as they come. */
async function* apply(
  bulk: BulkRegistry,
  hub: Hub,
  source: AsyncIterable<Entry>,
  stop: () => boolean,
): AsyncGenerator<BulkFailure> {
  let batch: unknown[] = [];
  for await (const entry of source) {
    if ("errorCode" in entry) yield entry;
    else batch.push(entry);
    if (batch.length < bulkLimit) continue;
    yield* bulk.apply(hub, batch);
    batch = [];
    if (stop()) return;
    await breathe();
  }
  yield* bulk.apply(hub, batch);
}

async function* entries(input: Readable, seen: (line: string) => void): AsyncGenerator<Entry> {
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  let broken: Error | undefined;
  // Readline passes on no errors of its input: it would end as if the file did.
  input.once("error", (error) => {
    broken = error;
    lines.close();
  });
  for await (const line of lines) {
    seen(line);
    if (line.trim() !== "") yield readLine(line);
  }
  if (broken) throw broken;
}

async function* log(first: BulkFailure, others: AsyncIterable<BulkFailure>): AsyncGenerator<string> {
  yield `${JSON.stringify(first)}\r\n`;
  for await (const failure of others) yield `${JSON.stringify(failure)}\r\n`;
}

/** A line that can be applied, or why it cannot. */
type Entry = BulkFailure | { id: unknown };

/** A live hub wants a status on every line, also to delete (mwalser/terraform-provider-iothub). */
function readLine(line: string): Entry {
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
