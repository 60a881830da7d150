import { setTimeout as sleep } from "node:timers/promises";
import type { Fixture } from "./fixture.ts";
import type { Target } from "./targets/target.ts";

/** How a behaviour of Azure is known. */
export type Knowledge =
  /** Microsoft's documentation or REST reference says it. */
  | "documented"
  /** A published record of calls to the live service shows it. */
  | "recorded"
  /** The official SDK sends or requires it. */
  | "SDK"
  /** Users of the service report it. */
  | "reported"
  /** No source says it. It follows from other behaviours. */
  | "inferred";

/** The services that checks use. Each is created when the first check needs it. */
export type Service = "resource-manager" | "storage" | "iot-hub" | "api-management";

/** One behaviour of Azure, which a run compares with a target. */
export interface Check {
  /** The service, a slash and a name that no other check of the service has. It stays the same in later versions. */
  id: `${Service}/${string}`;
  /** A sentence about the behaviour. */
  title: string;
  /** What Azure answers: statuses, codes, times. */
  azure: string;
  /** URL of the page that the behaviour is known from. */
  source: string;
  known: Knowledge;
  /** Where the sandbox differs from Azure; default: no difference is known. */
  differs?: string;
  /** The section of the fidelity page that has the check's row. */
  section: string;
  /** Sends the calls and records what the target does. It throws when it cannot tell. */
  run(trial: Trial): Promise<void>;
}

/** One value that a check has seen. */
export interface Observation {
  what: string;
  /** JSON. The values of two runs are compared. */
  observed: unknown;
  expected: unknown;
  ok: boolean;
}

/** A time that a check has measured. Times of two runs are shown, and never compared. */
export interface Measurement {
  what: string;
  seconds: number;
}

/** What a check gets: the target, the shared resources, and a record of what it sees. */
export class Trial {
  readonly target: Target;
  readonly fixture: Fixture;
  readonly observations: Observation[] = [];
  readonly measurements: Measurement[] = [];
  /** A text of lower-case letters and digits that no other check of any run has. For names of resources and devices. */
  readonly name: string;
  private readonly signal: AbortSignal | undefined;

  constructor(fixture: Fixture, name: string, signal?: AbortSignal) {
    this.target = fixture.target;
    this.fixture = fixture;
    this.name = name;
    this.signal = signal;
  }

  /** Records a value, and whether it is the expected one. Both must be JSON, without names of this run. */
  expect(what: string, observed: unknown, expected: unknown): void {
    const ok = JSON.stringify(observed) === JSON.stringify(expected);
    this.observations.push({ what, observed: observed ?? null, expected: expected ?? null, ok });
  }

  /** Records a time in seconds. */
  measure(what: string, milliseconds: number): void {
    this.measurements.push({ what, seconds: Math.round(milliseconds / 100) / 10 });
  }

  /**
   * Repeats a call until its result is true.
   * @param seconds Real time after which the check cannot tell.
   * @returns The milliseconds that it took.
   * @throws Error at the end of the time.
   */
  async until(what: string, seconds: number, isDone: () => boolean | Promise<boolean>): Promise<number> {
    const start = performance.now();
    while (!(await isDone())) {
      if (performance.now() - start > seconds * 1000) throw new Error(`waited ${seconds} s for ${what}`);
      await sleep(this.target.pollMs, undefined, { signal: this.signal });
    }
    return performance.now() - start;
  }
}
