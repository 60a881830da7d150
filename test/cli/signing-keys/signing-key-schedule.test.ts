import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type AccountKey,
  keyCacheMs,
  newKeyDelayMs,
  signingKeySchedule,
} from "../../../cli/signing-keys/signing-key-schedule.ts";

const minute = 60_000;
const day = 24 * 60 * minute;
const linkMs = 30 * day;
/** A file link is valid from this long before its creation; its 30 days count from there. */
const backDatedMs = 15 * minute;
/** Azure Storage rejects requests from clocks that are further off. */
const maxClockSkewMs = 15 * minute;

function keyPair(first: number, second: number): [AccountKey, AccountKey] {
  return [
    { name: "key1", value: "1", createdOn: first },
    { name: "key2", value: "2", createdOn: second },
  ];
}

describe("the schedule of the two account keys", () => {
  test("lets the first key of a new account sign, and the other rotate once no file link can be valid", () => {
    const { signing, next, possibleFrom } = signingKeySchedule(keyPair(0, 0), newKeyDelayMs);
    expect(signing.name).toBe("key1");
    expect(next.name).toBe("key2");
    expect(possibleFrom).toBeGreaterThan(linkMs);
    expect(possibleFrom).toBeLessThanOrEqual(linkMs + day);
  });

  test("lets a new key sign once its delay has passed", () => {
    const keys = keyPair(0, 40 * day);
    expect(signingKeySchedule(keys, 40 * day + newKeyDelayMs - 1).signing.name).toBe("key1");
    expect(signingKeySchedule(keys, 40 * day + newKeyDelayMs).signing.name).toBe("key2");
    expect(signingKeySchedule(keys, 41 * day).next.name).toBe("key1");
  });

  test("never lets a rotation at the earliest possible time end a valid file link", () => {
    const step = fc.record({
      /** Time that operators wait before the next step. */
      wait: fc.integer({ min: 0, max: 40 * day }),
      action: fc.constantFrom("sign" as const, "rotate" as const),
      /** How far the operator's clock is off. */
      skew: fc.integer({ min: -maxClockSkewMs, max: maxClockSkewMs }),
      /** How long ago the command read the keys. */
      cacheAge: fc.integer({ min: 0, max: keyCacheMs }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let now = 0;
        let keys = keyPair(0, 0);
        let history: { from: number; keys: typeof keys }[] = [{ from: 0, keys }];
        let keyCount = 2;
        const links: { key: string; validUntil: number }[] = [];
        for (const { wait, action, skew, cacheAge } of steps) {
          now += wait;
          if (action === "sign") {
            const readAt = Math.max(0, now - cacheAge);
            const cached = history.findLast(({ from }) => from <= readAt)?.keys ?? keys;
            const { signing } = signingKeySchedule(cached, now + skew);
            links.push({ key: signing.value, validUntil: now + skew - backDatedMs + linkMs });
          } else {
            const { next, possibleFrom } = signingKeySchedule(keys, now + skew);
            if (now + skew < possibleFrom) continue;
            expect(links.filter(({ key, validUntil }) => key === next.value && validUntil > now)).toEqual([]);
            keys = keys.map((key) =>
              key.name === next.name ? { ...key, value: String(++keyCount), createdOn: now } : key,
            ) as typeof keys;
            history = [...history, { from: now, keys }];
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  test("keeps links valid that were signed around a rotation, with any clock skew and age of the key cache", () => {
    const rotatedAt = 40 * day;
    const [before, after] = [keyPair(0, 0), keyPair(0, rotatedAt)];
    const clockSkew = fc.integer({ min: -maxClockSkewMs, max: maxClockSkewMs });
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: newKeyDelayMs + keyCacheMs + 2 * maxClockSkewMs }),
        fc.integer({ min: 0, max: keyCacheMs }),
        clockSkew,
        clockSkew,
        (wait, cacheAge, signerSkew, rotatorSkew) => {
          const now = rotatedAt + wait;
          const cached = now - cacheAge < rotatedAt ? before : after;
          const { signing } = signingKeySchedule(cached, now + signerSkew);
          const validUntil = now + signerSkew - backDatedMs + linkMs;
          const { next, possibleFrom } = signingKeySchedule(after, now);
          // A clock that is ahead lets its operator rotate that much too early.
          const nextRotation = possibleFrom - rotatorSkew;
          if (signing.value === next.value) expect(validUntil).toBeLessThanOrEqual(nextRotation);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test("lets the old key sign after two rotations at the same moment, so that the second one ends no link", () => {
    const now = 40 * day;
    const first = keyPair(0, now);
    const again = keyPair(0, now + minute);
    for (const keys of [first, again])
      expect(signingKeySchedule(keys, now + 2 * minute).signing.name).toBe("key1");
  });
});
