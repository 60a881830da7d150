import pMap from "p-map";
import { expect, test } from "vitest";

/** Pseudo-random choices: the same seed gives the same choices in the same order. */
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

  /** An integer from `low` to `high`, both included. */
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
 * Defines a test that runs a scenario with many seeds, `atOnce` of them at a time: the first `few` seeds in every test
 * run, `all` with `npm run test:faults` (vitest --mode faults), and a single one with FAULT_SEED. The test lists each
 * seed that failed with the command that runs it again.
 * @param scenario What holds for every seed, as a sentence.
 */
export function seeded(
  scenario: string,
  count: { few: number; all: number; atOnce: number },
  run: (seed: number) => Promise<void>,
): void {
  const isComplete = process.env.TEST_MODE === "faults";
  const single = process.env.FAULT_SEED;
  const seeds = single
    ? [Number(single)]
    : Array.from({ length: isComplete ? count.all : count.few }, (_, seed) => seed);
  test(`${scenario} (${seeds.length} ${seeds.length === 1 ? "seed" : "seeds"})`, async () => {
    const failures: string[] = [];
    const runOne = async (seed: number) => {
      try {
        await run(seed);
      } catch (error) {
        const again = `FAULT_SEED=${seed} npx vitest run test/faults -t "${scenario}"`;
        failures.push(`${scenario}, seed ${seed}: ${(error as Error).message}\nRun it again: ${again}`);
        console.error(failures.at(-1));
      }
    };
    await pMap(seeds, runOne, { concurrency: count.atOnce });
    expect(failures.join("\n\n")).toBe("");
  });
}
