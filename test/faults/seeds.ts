import pMap from "p-map";
import { expect, test } from "vitest";

/** Choices that a seed decides: the same seed makes the same choices in the same order. */
export class Choices {
  private state: number;

  constructor(seed: number) {
    this.state = Math.imul(seed + 1, 0x9e3779b1) >>> 0;
  }

  /** At least 0 and below 1 (Mulberry32). */
  fraction(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.fraction() * (high - low + 1));
  }

  chance(part: number): boolean {
    return this.fraction() < part;
  }

  one<T>(values: readonly T[]): T {
    return values[Math.floor(this.fraction() * values.length)] as T;
  }
}

/**
 * A test that runs a scenario with many seeds, some at a time: `few` in every test run, `all` with
 * `npm run test:faults` (vitest --mode faults), one alone with FAULT_SEED. It tells of every seed that failed, and
 * how to run it again.
 */
export function seeded(
  scenario: string,
  count: { few: number; all: number; atOnce: number },
  run: (seed: number) => Promise<void>,
): void {
  const full = process.env.MODE === "faults";
  const only = process.env.FAULT_SEED;
  const seeds = only
    ? [Number(only)]
    : Array.from({ length: full ? count.all : count.few }, (_, seed) => seed);
  test(`${scenario}: ${seeds.length} ${seeds.length === 1 ? "seed" : "seeds"}`, async () => {
    const failures: string[] = [];
    const one = async (seed: number) => {
      try {
        await run(seed);
      } catch (error) {
        const again = `FAULT_SEED=${seed} npx vitest run test/faults -t "${scenario}"`;
        failures.push(`${scenario}, seed ${seed}: ${(error as Error).message}\nAgain with: ${again}`);
        console.error(failures.at(-1));
      }
    };
    await pMap(seeds, one, { concurrency: count.atOnce });
    expect(failures.join("\n\n")).toBe("");
  });
}
