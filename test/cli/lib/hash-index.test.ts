import fc from "fast-check";
import { expect, test } from "vitest";
import { HashIndex } from "../../../cli/lib/hash-index.ts";

test("a HashIndex returns the same values as a Map", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string({ maxLength: 3 }), fc.nat()), { maxLength: 3_000 }), (pairs) => {
      const index = new HashIndex();
      const map = new Map<string, number>();
      for (const [key, value] of pairs) {
        expect(index.set(key, value)).toBe(map.get(key));
        map.set(key, value);
      }
      for (const [key, value] of map) expect(index.get(key)).toBe(value);
      expect(index.size).toBe(map.size);
      expect(index.get("no such key")).toBeUndefined();
    }),
    { numRuns: 30 },
  );
});
