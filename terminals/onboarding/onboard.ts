import { type Batch, readBatch, type Terminal } from "../batch/batch.ts";
import { bulkSize } from "../hub/registry.ts";
import { type Onboarding, onboardWave, type TerminalResult } from "./wave.ts";

/**
 * Waves under way at once: while one waits for the hub, another makes containers and a third writes rows. It also
 * bounds the memory, whatever the batch's size.
 */
const wavesAtOnce = 3;

/**
 * Onboards a batch, wave by wave; running it again continues, and changes nothing once all is done.
 * @param options.onResult Called for each terminal, when it is done or has failed for good.
 * @param options.onFailure Called at once when the run cannot go on, so that what waits for the hub need not.
 * @param options.signal Aborting it ends the run after the waves that are under way.
 * @throws OperatorError when the run cannot go on; what was done until then stands.
 */
export async function onboard(
  batch: Batch,
  onboarding: Onboarding,
  options: { onResult: (result: TerminalResult) => void; onFailure?: () => void; signal?: AbortSignal },
): Promise<void> {
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  try {
    for await (const wave of waves(batch)) {
      if (failures.length > 0 || options.signal?.aborted) break;
      const one: Promise<void> = onboardWave(wave, onboarding)
        .then((results) => results.forEach(options.onResult))
        .catch((error) => {
          failures.push(error);
          options.onFailure?.();
        })
        .then(() => {
          running.delete(one);
        });
      running.add(one);
      if (running.size >= wavesAtOnce) await Promise.race(running);
    }
  } catch (error) {
    failures.push(error);
  }
  await Promise.all(running);
  if (failures.length > 0) throw failures[0];
}

async function* waves(batch: Batch): AsyncGenerator<Terminal[]> {
  let wave: Terminal[] = [];
  for await (const terminal of readBatch(batch)) {
    wave.push(terminal);
    if (wave.length === bulkSize) {
      yield wave;
      wave = [];
    }
  }
  if (wave.length > 0) yield wave;
}
