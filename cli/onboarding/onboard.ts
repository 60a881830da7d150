import { bulkSize } from "../azure/iot-hub/registry.ts";
import { type Batch, readBatch } from "./batch-file/batch.ts";
import type { Terminal } from "./batch-file/rows.ts";
import { type ImportChunk, type ImportMode, ImportScheduler } from "./import-scheduler.ts";
import { type Chunk, type OnboardingContext, onboardChunk, type TerminalResult } from "./onboard-chunk.ts";

/**
 * Waves under way at once: while one waits for the hub, another makes containers and a third writes rows. It also
 * bounds the memory, whatever the batch's size.
 */
const wavesAtOnce = 3;

export interface OnboardOptions {
  /** Called for each terminal, when it is done or has failed for good. */
  onResult: (result: TerminalResult) => void;
  /** Called at once when the run cannot go on, so that what waits for the hub need not. */
  onFailure?: () => void;
  /** Told what it waits for, in words for people. */
  notify?: (text: string) => void;
  /** Whether the hub's import jobs are used; default "auto". */
  importMode?: ImportMode;
  /** Aborting it ends the run after the waves that are under way. */
  signal?: AbortSignal;
}

/**
 * Onboards a batch, wave by wave; running it again continues, and changes nothing once all is done.
 * @throws OperatorError when the run cannot go on; what was done until then stands.
 */
export async function onboard(
  batch: Batch,
  onboarding: OnboardingContext,
  options: OnboardOptions,
): Promise<void> {
  const { notify, signal, importMode: mode = "auto" } = options;
  const imports = await ImportScheduler.open(batch, onboarding, { mode, notify, signal });
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const fail = (error: unknown) => {
    failures.push(error);
    options.onFailure?.();
  };
  try {
    for await (const { settled, ...wave } of waves(batch, imports)) {
      if (failures.length > 0 || signal?.aborted) break;
      const one: Promise<void> = onboardChunk(wave, onboarding)
        .then(async (results) => {
          results.forEach(options.onResult);
          await settled();
        })
        .catch(fail)
        .then(() => {
          running.delete(one);
        });
      running.add(one);
      if (running.size >= wavesAtOnce) await Promise.race(running);
    }
  } catch (error) {
    fail(error);
  }
  await Promise.all(running);
  await imports.close(failures.length === 0 && !signal?.aborted).catch(fail);
  if (failures.length > 0) throw failures[0];
}

/** The batch in waves, each with what is to be called when it is done. */
async function* waves(
  batch: Batch,
  imports: ImportScheduler,
): AsyncGenerator<Chunk & { settled(): Promise<void> }> {
  let next: Promise<ImportChunk> | undefined;
  for await (const terminals of inParts(readBatch(batch), imports.chunkSize)) {
    // While this one's identities are imported, the one before it is worked on.
    const chunk = imports.prepareChunk(terminals);
    chunk.catch(() => {});
    if (next) yield* wavesOf(await next);
    next = chunk;
  }
  if (next) yield* wavesOf(await next);
}

function* wavesOf(chunk: ImportChunk): Generator<Chunk & { settled(): Promise<void> }> {
  let left = Math.ceil(chunk.terminals.length / bulkSize);
  const settled = async () => {
    if (--left === 0) await chunk.release();
  };
  for (let start = 0; start < chunk.terminals.length; start += bulkSize) {
    const terminals = chunk.terminals.slice(start, start + bulkSize);
    yield { terminals, imported: chunk.imported, settled };
  }
}

async function* inParts(terminals: AsyncIterable<Terminal>, size: number): AsyncGenerator<Terminal[]> {
  let part: Terminal[] = [];
  for await (const terminal of terminals) {
    part.push(terminal);
    if (part.length < size) continue;
    yield part;
    part = [];
  }
  if (part.length > 0) yield part;
}
