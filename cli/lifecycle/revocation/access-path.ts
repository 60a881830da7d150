import type { OperatorError } from "../../lib/operator-error.ts";

/** The three ways in which a terminal reaches Azure. */
export type AccessPath = "hub" | "files" | "flow";

/** The result of closing one access path. */
export interface AccessPathResult {
  accessPath: AccessPath;
  /** True only when the service confirmed it after the change. */
  closed: boolean;
  /** What was changed and verified, in a few words. */
  what: string;
  /** Whether the service has any record of the terminal. */
  known: boolean;
  /** How long it took, in milliseconds. */
  ms: number;
  error?: OperatorError;
}

/** A closed access path: what was changed and verified, and whether the service has a record of the terminal. */
export type Closed = Pick<AccessPathResult, "what" | "known">;

/** An access path that the service had a record of. */
export const closed = (what: string): Closed => ({ what, known: true });

/** An access path of a terminal that the service has no record of. */
export const unknown = (what: string): Closed => ({ what, known: false });
