import fc from "fast-check";
import { expect, test } from "vitest";
import { Backoff, backoffMs } from "../../../cli/lib/backoff.ts";

test("waits double from the first to the longest, and jitter takes away at most half", () => {
  const range = { firstMs: 100, longestMs: 1_000 };
  expect([1, 2, 3, 4, 5, 100].map((attempt) => backoffMs(attempt, () => 1, range))).toEqual([
    100, 200, 400, 800, 1_000, 1_000,
  ]);
  const number = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2_000 }), number, (attempt, random) => {
      const longest = backoffMs(attempt, () => 1, range);
      const wait = backoffMs(attempt, () => random, range);
      expect(wait).toBeGreaterThanOrEqual(longest / 2);
      expect(wait).toBeLessThanOrEqual(longest);
    }),
  );
});

test("a reset backoff starts again with the shortest wait", async () => {
  const waits: number[] = [];
  const clock = { now: () => 0, sleep: async (ms: number) => void waits.push(ms) };
  const backoff = new Backoff({ clock, random: () => 1, range: { firstMs: 10, longestMs: 100 } });
  await backoff.wait();
  await backoff.wait();
  expect(backoff.failures).toBe(2);
  backoff.reset();
  await backoff.wait();
  expect(waits).toEqual([10, 20, 10]);
});
