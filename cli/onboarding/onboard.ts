import pLimit from "p-limit";
import PQueue from "p-queue";
import { bulkSize } from "../azure/iot-hub/registry.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { t } from "../words/translate.ts";
import { type Batch, readBatch } from "./batch-file/batch.ts";
import type { Terminal } from "./batch-file/rows.ts";
import { type ImportChunk, type ImportMode, ImportScheduler } from "./import-scheduler.ts";
import {
  type Chunk,
  type OnboardingContext,
  onboardChunk,
  type TakeTurn,
  type TerminalResult,
  type Turns,
} from "./onboard-chunk.ts";

/** Chunks that work at a time: while one creates containers, another seals bundles and a third adds rows. */
const workingChunks = 3;
/** Chunks whose state is read at a time. Their reads go on beside the work, so that the IoT Hub gets its calls early. */
const readingChunks = 3;
/** Maximum number of chunks that wait for the IoT Hub's throttle. It limits the memory for a batch of any size. */
const mostWaitingChunks = 50;

export interface OnboardOptions {
  /** Called for each terminal when it is onboarded or has failed. */
  onResult: (result: TerminalResult) => void;
  /** Called as soon as the run cannot continue, to end its waits for the IoT Hub. */
  onFailure?: () => void;
  /** Called with a message about what the run waits for. */
  notify?: (text: string) => void;
  /** Whether import jobs of the IoT Hub are used; default: "auto". */
  importMode?: ImportMode;
  /** Aborting it ends the run after the chunks in progress. */
  signal?: AbortSignal;
}

/**
 * Onboards a batch in chunks, the first rows first: an installer can start with them while the rest is onboarded. Running
 * it again continues, and changes nothing once all terminals are onboarded.
 * @throws OperatorError when the run cannot continue. Terminals that are onboarded by then stay onboarded.
 */
export async function onboard(
  batch: Batch,
  onboarding: OnboardingContext,
  options: OnboardOptions,
): Promise<void> {
  const { notify, signal, importMode: mode = "auto" } = options;
  const imports = await ImportScheduler.open(batch, onboarding, { mode, notify, signal });
  const running = new Set<Promise<void>>();
  const mostRunning = workingChunks + waitingChunks(onboarding.fleet.registryOperationsPerMinute);
  const failures: unknown[] = [];
  const fail = (error: unknown) => {
    failures.push(error);
    options.onFailure?.();
  };
  const hasEnded = () => failures.length > 0 || signal?.aborted === true;
  const takeTurns = chunkTurns(hasEnded, fail);
  const run = async ({ release, ...chunk }: ReleasableChunk) => {
    const results = await onboardChunk(chunk, onboarding, takeTurns());
    results.forEach(options.onResult);
    await release();
  };
  try {
    for await (const chunk of chunksOf(batch, imports)) {
      if (hasEnded()) break;
      const one: Promise<void> = run(chunk)
        .catch(fail)
        .then(() => {
          running.delete(one);
        });
      running.add(one);
      if (running.size >= mostRunning) await Promise.race(running);
    }
  } catch (error) {
    fail(error);
  }
  await Promise.all(running);
  await imports.close(failures.length === 0 && !signal?.aborted).catch(fail);
  if (failures.length > 0) throw failures[0];
}

/**
 * The turns of the chunks of one run. Of the chunks that wait for their work the one with the earliest rows is the next.
 * @param fail Called as soon as a chunk's work fails, so that no chunk waits for the IoT Hub any more: also the failing one
 *   may wait for it.
 * @returns A function that gives a chunk its turns; to be called in the order of the batch.
 */
function chunkTurns(hasEnded: () => boolean, fail: (error: unknown) => void): () => Turns {
  const reading = pLimit(readingChunks);
  const working = new PQueue({ concurrency: workingChunks });
  // One at a time, so that the first rows are sealed first. Eight bundles of a chunk are sealed at a time.
  const sealing = pLimit(1);
  let chunks = 0;
  const unlessEnded = <T>(work: () => Promise<T>): Promise<T> => {
    if (hasEnded()) throw new OperatorError("interrupted", t`interrupted`);
    return work();
  };
  return () => {
    const priority = -chunks++;
    const work: TakeTurn = async (task) => {
      try {
        return await working.add(async () => unlessEnded(task), { priority });
      } catch (error) {
        fail(error);
        throw error;
      }
    };
    return {
      read: (task) => reading(() => unlessEnded(task)),
      seal: (task) => work(() => sealing(() => unlessEnded(task))),
      work,
    };
  };
}

/**
 * The number of chunks that wait for the throttle while others work: as many as the throttle lets through in a minute, so
 * that the IoT Hub gets the calls of a minute at its start and not at the speed of the work that follows them.
 */
function waitingChunks(registryOperationsPerMinute: number): number {
  return Math.min(mostWaitingChunks, Math.ceil(registryOperationsPerMinute / bulkSize));
}

/** A chunk, and a function to call when it is complete. */
interface ReleasableChunk extends Chunk {
  release(): Promise<void>;
}

/** Splits a batch into chunks. */
async function* chunksOf(batch: Batch, imports: ImportScheduler): AsyncGenerator<ReleasableChunk> {
  let previous: Promise<ImportChunk> | undefined;
  for await (const terminals of splitTerminals(readBatch(batch), imports)) {
    // The import job of these terminals runs while the terminals before them are onboarded.
    const prepared = imports.prepareChunk(terminals);
    prepared.catch(() => {});
    if (previous) yield* splitImport(await previous);
    previous = prepared;
  }
  if (previous) yield* splitImport(await previous);
}

/** Splits the terminals of one import job into chunks. The last complete chunk releases the job's file. */
function* splitImport({ terminals, imported, ...job }: ImportChunk): Generator<ReleasableChunk> {
  let incomplete = Math.ceil(terminals.length / bulkSize);
  const release = async () => {
    if (--incomplete === 0) await job.release();
  };
  for (let start = 0; start < terminals.length; start += bulkSize) {
    yield { terminals: terminals.slice(start, start + bulkSize), imported, release };
  }
}

/** Splits the terminals of a batch into parts of at most `chunkSize`, and the first one of at most `firstChunkSize`. */
async function* splitTerminals(
  terminals: AsyncIterable<Terminal>,
  { firstChunkSize, chunkSize }: Pick<ImportScheduler, "firstChunkSize" | "chunkSize">,
): AsyncGenerator<Terminal[]> {
  let part: Terminal[] = [];
  let size = firstChunkSize;
  for await (const terminal of terminals) {
    part.push(terminal);
    if (part.length < size) continue;
    yield part;
    part = [];
    size = chunkSize;
  }
  if (part.length > 0) yield part;
}
