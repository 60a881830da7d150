import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Pacer, registryOperationsPerMinute, timeAtPace } from "../../../../cli/azure/iot-hub/pacing.ts";

/** A hub that takes a call or refuses it. */
abstract class Hub {
  refused = 0;
  protected readonly perMinute: number;

  constructor(perMinute: number) {
    this.perMinute = perMinute;
  }

  takes(cost: number, now: number): boolean {
    const taken = this.room(now) >= cost;
    if (taken) this.spend(cost, now);
    else this.refused++;
    return taken;
  }

  protected abstract room(now: number): number;
  protected abstract spend(cost: number, now: number): void;
}

/** Refills `perMinute` operations a minute. */
class BucketHub extends Hub {
  private tokens = this.perMinute;
  private at = 0;

  protected room(now: number): number {
    this.tokens = Math.min(this.perMinute, this.tokens + ((now - this.at) / 60_000) * this.perMinute);
    this.at = now;
    return this.tokens;
  }

  protected spend(cost: number): void {
    this.tokens -= cost;
  }
}

/** Takes `perMinute` operations in any 60 seconds. */
class WindowHub extends Hub {
  private taken: { at: number; cost: number }[] = [];

  protected room(now: number): number {
    this.taken = this.taken.filter(({ at }) => at > now - 60_000);
    return this.perMinute - this.taken.reduce((sum, { cost }) => sum + cost, 0);
  }

  protected spend(cost: number, now: number): void {
    this.taken.push({ at: now, cost });
  }
}

/** Sends `calls` bulk calls of 100, one after the other, and answers how long that took. */
async function run(options: { calls: number; tier: number; hub?: Hub; seed: number }) {
  let now = 0;
  const clock = {
    now: () => now,
    sleep: async (ms: number) => {
      now += ms;
    },
  };
  let state = options.seed;
  const random = () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
  const pacer = new Pacer({ perMinute: options.tier, clock, random });
  for (let done = 0; done < options.calls; ) {
    const permit = await pacer.acquire(100);
    now += 50;
    if (options.hub && !options.hub.takes(100, now)) {
      pacer.throttled(permit);
    } else {
      pacer.succeeded(permit);
      done++;
    }
  }
  return { ms: now, pacer };
}

describe("pacing", () => {
  test("the throttles of the tiers", () => {
    expect(registryOperationsPerMinute({ tier: "S1", units: 2 })).toBe(200);
    expect(registryOperationsPerMinute({ tier: "S2", units: 1 })).toBe(100);
    expect(registryOperationsPerMinute({ tier: "F1", units: 1 })).toBe(100);
    expect(registryOperationsPerMinute({ tier: "S3", units: 3 })).toBe(15_000);
    expect(timeAtPace(100, 100)).toBe(0);
    expect(timeAtPace(1_000, 100)).toBe(9 * 60_000);
  });

  test("uses at least 95 % of the throttle, with any jitter", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(100, 200, 1_000, 5_000),
        fc.constantFrom(BucketHub, WindowHub),
        fc.integer({ min: 1, max: 1_000_000 }),
        async (tier, HubKind, seed) => {
          const calls = Math.max(60, tier / 5);
          const { ms } = await run({ calls, tier, hub: new HubKind(tier), seed });
          // Of the time after the first minute's operations, which are there from the start.
          expect(timeAtPace(calls * 100, tier) / ms).toBeGreaterThanOrEqual(0.95);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("a minute of calls begins a minute after the answers to the last one, and no call arrives too early", async () => {
    const wayMs = fc.integer({ min: 0, max: 250 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(wayMs, wayMs), { minLength: 8, maxLength: 8 }), async (ways) => {
        let now = 1_000_000;
        const clock = {
          now: () => now,
          sleep: async (ms: number) => {
            now += ms;
          },
        };
        const pacer = new Pacer({ perMinute: 100, clock, random: () => 0 });
        // Probing ends, and the rejected call does not count.
        pacer.throttled(await pacer.acquire(100));
        let receivedAt = 0;
        let answeredAt = 0;
        for (const [there, back] of ways) {
          const permit = await pacer.acquire(100);
          const atOnce = receivedAt === 0;
          expect(now + there - receivedAt).toBeGreaterThanOrEqual(60_000);
          if (!atOnce) expect(now - answeredAt).toBeLessThanOrEqual(60_075);
          receivedAt = now + there;
          now += there + back;
          answeredAt = now;
          pacer.succeeded(permit);
        }
      }),
      { numRuns: 50 },
    );
  });

  test("soon stops to pace a hub without a throttle", async () => {
    const { ms } = await run({ calls: 1_000, tier: 100, seed: 1 });
    expect(ms).toBeLessThan(1_000 * 50 + 130_000);
  });

  test("causes few rejections when other callers use half of the throttle", async () => {
    const hub = new BucketHub(100);
    const { ms, pacer } = await run({ calls: 30, tier: 200, hub, seed: 7 });
    expect(hub.refused).toBeLessThan(90);
    expect(ms).toBeLessThan(1.3 * timeAtPace(3_000, 100));
    expect(pacer.perMinute).toBeLessThanOrEqual(210);
  });

  test("lets calls through in their order", async () => {
    const pacer = new Pacer({ perMinute: 60_000_000 });
    const order: number[] = [];
    await Promise.all([1, 2, 3].map((n) => pacer.acquire(100).then(() => order.push(n))));
    expect(order).toEqual([1, 2, 3]);
  });

  test("reduces the rate once for calls that are rejected together", () => {
    const pacer = new Pacer({ perMinute: 100, clock: { now: () => 0, sleep: async () => {} } });
    const permit = { cost: 1, waited: true, at: 0 };
    pacer.throttled(permit);
    const { perMinute } = pacer;
    for (let call = 0; call < 10; call++) pacer.throttled(permit);
    expect(pacer.perMinute).toBe(perMinute);
  });
});
