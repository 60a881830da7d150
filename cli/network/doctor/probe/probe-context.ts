import type { Surroundings } from "../surroundings.ts";

/** What every probe gets. */
export interface ProbeContext {
  surroundings: Surroundings;
  /** Limit of one stage in milliseconds. */
  stageMs: number;
  /** Aborts at the end of the run. */
  stop: AbortSignal;
}
