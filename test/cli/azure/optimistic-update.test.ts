import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { conflict, updateOptimistically } from "../../../cli/azure/optimistic-update.ts";

/** A clock whose waits take no time. */
function recordingClock() {
  const waits: number[] = [];
  return { waits, now: () => 0, sleep: async (ms: number) => void waits.push(ms) };
}

describe("updateOptimistically", () => {
  test("returns the first result that is no conflict, after one wait per conflict", async () => {
    const clock = recordingClock();
    let calls = 0;
    const result = await updateOptimistically("the twin", async () => (++calls < 4 ? conflict : { calls }), {
      clock,
      random: () => 1,
      range: { firstMs: 10, longestMs: 25 },
    });
    expect(result).toEqual({ calls: 4 });
    expect(clock.waits).toEqual([10, 20, 25]);
  });

  test("an attempt that returns undefined has succeeded", async () => {
    const clock = recordingClock();
    expect(await updateOptimistically("the twin", async () => undefined, { clock })).toBe(undefined);
    expect(clock.waits).toEqual([]);
  });

  test("gives up after the last attempt, and names the resource", async () => {
    const clock = recordingClock();
    const update = updateOptimistically("the device twin example-001", async () => conflict, {
      clock,
      attempts: 3,
    });
    await expect(update).rejects.toMatchObject({
      outcome: "failed",
      code: "ConcurrentModification",
      message: "gave up after 3 concurrent modifications of the device twin example-001",
    });
    expect(clock.waits).toHaveLength(2);
  });

  test("throws an error of the attempt as it is, without another attempt", async () => {
    let calls = 0;
    const failing = async () => {
      calls++;
      throw new Error("no such terminal");
    };
    await expect(updateOptimistically("the twin", failing)).rejects.toThrow(/^no such terminal$/);
    expect(calls).toBe(1);
  });

  test("ends with 'interrupted' when the signal is aborted after a conflict", async () => {
    const update = updateOptimistically("the twin", async () => conflict, { signal: AbortSignal.abort() });
    await expect(update).rejects.toMatchObject({ outcome: "interrupted" });
  });
});

/** A resource with an ETag. Reading and writing take a turn of the event loop each, so that clients interleave. */
class Resource {
  value = 0;
  private etag = 0;

  async read(): Promise<{ value: number; etag: number }> {
    await setImmediate();
    return { value: this.value, etag: this.etag };
  }

  async write(value: number, etag: number): Promise<boolean> {
    await setImmediate();
    if (etag !== this.etag) return false;
    this.value = value;
    this.etag++;
    return true;
  }
}

test("no increment of many concurrent clients is lost or applied twice", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 }),
      fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
      async (increments, stream) => {
        const resource = new Resource();
        const clock = {
          now: () => 0,
          sleep: async (ms: number) => {
            for (let turns = Math.round(ms); turns > 0; turns--) await setImmediate();
          },
        };
        const add = (amount: number) =>
          updateOptimistically(
            "the resource",
            async () => {
              const { value, etag } = await resource.read();
              return (await resource.write(value + amount, etag)) || conflict;
            },
            { clock, random: () => stream.next().value, range: { firstMs: 2, longestMs: 32 } },
          );
        await Promise.all(increments.map(add));
        expect(resource.value).toBe(increments.reduce((sum, amount) => sum + amount, 0));
      },
    ),
    { numRuns: 50 },
  );
});
