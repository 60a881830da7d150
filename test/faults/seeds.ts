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

/** A small part of the seeds in every test run; all of them with `npm run test:faults` (vitest --mode faults). */
export function seedsOf(scenario: { few: number; all: number }): number[] {
  const only = process.env.FAULT_SEED;
  if (only) return [Number(only)];
  const count = process.env.MODE === "faults" ? scenario.all : scenario.few;
  return Array.from({ length: count }, (_, seed) => seed);
}

/** Names the seed in whatever `work` throws, and how to run it again. */
export async function seeded(scenario: string, seed: number, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const again = `FAULT_SEED=${seed} npx vitest run test/faults -t "${scenario}"`;
    throw new Error(`${scenario}, seed ${seed}: ${(error as Error).message}\nAgain with: ${again}`, {
      cause: error,
    });
  }
}
