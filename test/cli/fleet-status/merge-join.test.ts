import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mapInOrder, mergeJoin } from "../../../cli/fleet-status/merge-join.ts";
import { collect, compareIds, keyedEntries, streamOf } from "./streams.ts";

describe("mergeJoin", () => {
  test("yields each ID once, in order, with the entries of all sources", async () => {
    await fc.assert(
      fc.asyncProperty(keyedEntries, keyedEntries, keyedEntries, async (a, b, c) => {
        const sorted = { a: a.toSorted(compareIds), b: b.toSorted(compareIds), c: c.toSorted(compareIds) };
        const joined = await collect(
          mergeJoin({ a: streamOf(sorted.a), b: streamOf(sorted.b), c: streamOf(sorted.c) }),
        );
        const ids = [...new Set([...a, ...b, ...c].map(({ id }) => id))].sort();
        expect(joined).toEqual(
          ids.map((id) => ({
            id,
            a: sorted.a.filter((one) => one.id === id),
            b: sorted.b.filter((one) => one.id === id),
            c: sorted.c.filter((one) => one.id === id),
          })),
        );
      }),
    );
  });

  test("fails with the error of the source that fails", async () => {
    const failing = (async function* (): AsyncGenerator<{ id: string }> {
      yield { id: "a" };
      throw new Error("away");
    })();
    const other = streamOf([{ id: "a" }, { id: "b" }]);
    await expect(collect(mergeJoin({ a: failing, b: other }))).rejects.toThrow("away");
  });
});

describe("mapInOrder", () => {
  test("yields the results in order and runs at most the given number of calls at a time", async () => {
    let running = 0;
    let most = 0;
    const work = async (n: number) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, (n * 7) % 5));
      running--;
      return n * 2;
    };
    const numbers = Array.from({ length: 40 }, (_, n) => n);
    expect(await collect(mapInOrder(streamOf(numbers), 6, work))).toEqual(numbers.map((n) => n * 2));
    expect(most).toBeLessThanOrEqual(6);
    expect(most).toBeGreaterThan(1);
  });
});
