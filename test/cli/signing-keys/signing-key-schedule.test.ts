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
/** A file's key is valid from so long before it was made; its 30 days count from there. */
const backDatedMs = 15 * minute;
/** Storage refuses whoever's clock is further off. */
const skewMs = 15 * minute;

function pair(first: number, second: number): [AccountKey, AccountKey] {
  return [
    { name: "key1", value: "1", createdOn: first },
    { name: "key2", value: "2", createdOn: second },
  ];
}

describe("the two account keys", () => {
  test("of a new account: one signs, and the other can be made anew when a file's key cannot be valid any more", () => {
    const { signing, next, possibleFrom } = signingKeySchedule(pair(0, 0), newKeyDelayMs);
    expect(signing.name).toBe("key1");
    expect(next.name).toBe("key2");
    expect(possibleFrom).toBeGreaterThan(linkMs);
    expect(possibleFrom).toBeLessThanOrEqual(linkMs + day);
  });

  test("a new key signs when it has settled", () => {
    const keys = pair(0, 40 * day);
    expect(signingKeySchedule(keys, 40 * day + newKeyDelayMs - 1).signing.name).toBe("key1");
    expect(signingKeySchedule(keys, 40 * day + newKeyDelayMs).signing.name).toBe("key2");
    expect(signingKeySchedule(keys, 41 * day).next.name).toBe("key1");
  });

  test("no rotation at the earliest possible time ends a key of a file that is valid", () => {
    const step = fc.record({
      /** How long operators wait before they try the next thing. */
      wait: fc.integer({ min: 0, max: 40 * day }),
      what: fc.constantFrom("sign" as const, "rotate" as const),
      /** How far the operator's clock is off, and how long ago the command read the keys. */
      skew: fc.integer({ min: -skewMs, max: skewMs }),
      read: fc.integer({ min: 0, max: keyCacheMs }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let now = 0;
        let keys = pair(0, 0);
        let earlier: { from: number; keys: typeof keys }[] = [{ from: 0, keys }];
        let made = 2;
        const links: { key: string; until: number }[] = [];
        for (const { wait, what, skew, read } of steps) {
          now += wait;
          if (what === "sign") {
            const readAt = Math.max(0, now - read);
            const known = earlier.findLast(({ from }) => from <= readAt)?.keys ?? keys;
            const { signing } = signingKeySchedule(known, now + skew);
            links.push({ key: signing.value, until: now + skew - backDatedMs + linkMs });
          } else {
            const { next, possibleFrom } = signingKeySchedule(keys, now + skew);
            if (now + skew < possibleFrom) continue;
            expect(links.filter(({ key, until }) => key === next.value && until > now)).toEqual([]);
            keys = keys.map((key) =>
              key.name === next.name ? { ...key, value: String(++made), createdOn: now } : key,
            ) as typeof keys;
            earlier = [...earlier, { from: now, keys }];
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  test("around a rotation, whatever operators' clocks say and however old what they read is", () => {
    const turned = 40 * day;
    const [before, after] = [pair(0, 0), pair(0, turned)];
    const clock = fc.integer({ min: -skewMs, max: skewMs });
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: newKeyDelayMs + keyCacheMs + 2 * skewMs }),
        fc.integer({ min: 0, max: keyCacheMs }),
        clock,
        clock,
        (wait, read, signer, rotator) => {
          const now = turned + wait;
          const { signing } = signingKeySchedule(now - read < turned ? before : after, now + signer);
          const until = now + signer - backDatedMs + linkMs;
          const { next, possibleFrom } = signingKeySchedule(after, now);
          // The rotator's clock may be ahead, and says so much too early that it is time.
          const rotated = possibleFrom - rotator;
          if (signing.value === next.value) expect(until).toBeLessThanOrEqual(rotated);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test("a second rotation at the same moment ends nothing: nobody has signed with the new key yet", () => {
    const now = 40 * day;
    const first = pair(0, now);
    const again = pair(0, now + minute);
    for (const keys of [first, again])
      expect(signingKeySchedule(keys, now + 2 * minute).signing.name).toBe("key1");
  });
});
