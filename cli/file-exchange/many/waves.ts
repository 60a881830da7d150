import pMap from "p-map";
import { OperatorError } from "../../lib/operator-error.ts";

/** How a run over many terminals proceeds. */
export interface WaveOptions {
  /** Number of terminals of the first wave. A wave without a failure is followed by one of twice the size. */
  firstSize: number;
  /** The run stops after this many failures; default: it does not. */
  stopAfter?: number;
  /** Terminals at once; default 32. */
  concurrency?: number;
  signal: AbortSignal;
}

/** What a run does. */
export interface WaveWork {
  /** Called before a wave. When it throws, the wave does not begin. */
  begin?(terminals: string[]): Promise<void>;
  /** Handles one terminal. Its OperatorError is the terminal's failure. */
  handle(terminal: string): Promise<void>;
  /** Called after a wave. */
  end?(done: string[], failures: WaveFailure[]): Promise<void>;
}

/** A terminal for which the work failed. */
export interface WaveFailure {
  terminal: string;
  error: OperatorError;
}

/** The result of a run. */
export interface WaveResult {
  done: string[];
  failures: WaveFailure[];
  notTried: string[];
  /** Why terminals were not tried: the limit of failures, an interruption, or an error that concerns all terminals. */
  stoppedBy: "failures" | "interrupted" | OperatorError | undefined;
}

/** No wave is larger. A failure is then known after at most as many terminals. */
const largestSize = 1_000;
const defaultConcurrency = 32;

/**
 * Handles many terminals in waves, the first one small, so that a wrong file or a missing right is known before all
 * terminals are touched. A wave with a failure is followed by one of the first size. An error that is not about one terminal
 * alone, such as a missing role or a service that is away, stops the run.
 */
export async function runInWaves(
  terminals: readonly string[],
  work: WaveWork,
  options: WaveOptions,
): Promise<WaveResult> {
  const { firstSize, stopAfter = Number.POSITIVE_INFINITY, signal } = options;
  const result: WaveResult = { done: [], failures: [], notTried: [], stoppedBy: undefined };
  let general: OperatorError | undefined;
  const findStop = () => {
    if (general) return general;
    if (signal.aborted) return "interrupted" as const;
    return result.failures.length >= stopAfter ? ("failures" as const) : undefined;
  };
  let start = 0;
  for (let size = firstSize; start < terminals.length && !findStop(); ) {
    const wave = terminals.slice(start, start + size);
    await work.begin?.(wave);
    const done: string[] = [];
    const failures: WaveFailure[] = [];
    const handle = async (terminal: string) => {
      if (findStop()) {
        result.notTried.push(terminal);
        return;
      }
      try {
        await work.handle(terminal);
        done.push(terminal);
        result.done.push(terminal);
      } catch (error) {
        if (!(error instanceof OperatorError)) throw error;
        const failure = { terminal, error };
        failures.push(failure);
        result.failures.push(failure);
        if (error.outcome !== "failed") general ??= error;
      }
    };
    const concurrency = options.concurrency ?? defaultConcurrency;
    try {
      await pMap(wave, handle, { concurrency });
    } finally {
      await work.end?.(done, failures);
    }
    start += wave.length;
    size = failures.length > 0 ? firstSize : Math.min(2 * size, Math.max(largestSize, firstSize));
  }
  result.notTried.push(...terminals.slice(start));
  result.stoppedBy = result.notTried.length > 0 ? findStop() : undefined;
  return result;
}
