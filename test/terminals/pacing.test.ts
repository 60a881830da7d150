import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Pacer, registryOperationsPerMinute, timeAtPace } from "../../terminals/hub/pacing.ts";

/** A hub that refills `perMinute` operations a minute and refuses a call that it has not enough for. */
class Hub {
  private tokens: number;
  private at = 0;
  refused = 0;
  taken = 0;
  private readonly perMinute: number;

  constructor(perMinute: number) {
    this.perMinute = perMinute;
    this.tokens = perMinute;
  }

  takes(cost: number, now: number): boolean {
    this.tokens = Math.min(this.perMinute, this.tokens + ((now - this.at) / 60_000) * this.perMinute);
    this.at = now;
    const allowed = this.tokens >= cost;
    if (allowed) {
      this.tokens -= cost;
      this.taken += cost;
    } else {
      this.refused++;
    }
    return allowed;
  }
}

/** Sends `calls` bulk calls of 100, one after the other, and answers how long that took. */
async function run(options: {
  calls: number;
  tier: number;
  hub?: Hub;
  seed: number;
  disturb?: () => number;
}) {
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
    const permit = await pacer.take(100);
    now += 50;
    if (options.disturb && options.hub) options.hub.takes(options.disturb(), now);
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
  test("the tiers' limits", () => {
    expect(registryOperationsPerMinute({ tier: "S1", units: 2 })).toBe(200);
    expect(registryOperationsPerMinute({ tier: "S2", units: 1 })).toBe(100);
    expect(registryOperationsPerMinute({ tier: "F1", units: 1 })).toBe(100);
    expect(registryOperationsPerMinute({ tier: "S3", units: 3 })).toBe(15_000);
    expect(timeAtPace(100, 100)).toBe(0);
    expect(timeAtPace(1_000, 100)).toBe(9 * 60_000);
  });

  test("95% of the tier's limit at least, whatever the jitter", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(100, 200, 1_000, 5_000),
        fc.integer({ min: 1, max: 1_000_000 }),
        async (tier, seed) => {
          const calls = Math.max(60, tier / 5);
          const { ms } = await run({ calls, tier, hub: new Hub(tier), seed });
          const best = timeAtPace(calls * 100, tier);
          expect(best / ms).toBeGreaterThanOrEqual(0.95);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("a hub without a throttle is soon used without one", async () => {
    const { ms } = await run({ calls: 1_000, tier: 100, seed: 1 });
    expect(ms).toBeLessThan(1_000 * 50 + 130_000);
  });

  test("a hub that takes half of the tier's rate, because others use it too, is not beaten up", async () => {
    const hub = new Hub(100);
    const { ms, pacer } = await run({ calls: 30, tier: 200, hub, seed: 7 });
    expect(hub.refused).toBeLessThan(90);
    expect(ms).toBeLessThan(1.3 * timeAtPace(3_000, 100));
    expect(pacer.perMinute).toBeLessThanOrEqual(210);
  });

  test("calls wait their turn", async () => {
    const pacer = new Pacer({ perMinute: 60_000_000 });
    const order: number[] = [];
    await Promise.all([1, 2, 3].map((n) => pacer.take(100).then(() => order.push(n))));
    expect(order).toEqual([1, 2, 3]);
  });

  test("calls that are refused together slow it down once", () => {
    const pacer = new Pacer({ perMinute: 100, clock: { now: () => 0, sleep: async () => {} } });
    for (let call = 0; call < 10; call++) pacer.throttled({ cost: 1, waited: true });
    expect(pacer.perMinute).toBe(80);
  });
});
