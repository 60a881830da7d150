import fc from "fast-check";
import { expect, test } from "vitest";
import { Random } from "../../../sandbox/pulumi-providers/random.ts";
import { unknownValue } from "../../../sandbox/pulumi-providers/wire.ts";

const target = { token: "random:index/randomString:RandomString", name: "suffix" };
const random = new Random();
const check = async (news: Parameters<typeof random.create>[1]) =>
  (await random.check({ ...target, olds: {}, news, seed: new Uint8Array() })).failures;
const draw = async (news: Parameters<typeof random.create>[1]) => (await random.create(target, news)).id;

test("a string has the requested length and kinds of characters", async () => {
  const least = fc.integer({ min: 0, max: 4 });
  const settings = fc.record({
    length: fc.integer({ min: 16, max: 64 }),
    lower: fc.boolean(),
    minLower: least,
    minNumeric: least,
    minSpecial: least,
    minUpper: least,
    special: fc.boolean(),
    upper: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(settings, async (given) => {
      expect(await check(given)).toEqual([]);
      const result = await draw(given);
      expect(result).toHaveLength(given.length);
      const count = (pattern: RegExp) => [...result].filter((each) => pattern.test(each)).length;
      const [lower, upper, numeric] = [count(/[a-z]/), count(/[A-Z]/), count(/[0-9]/)];
      const special = count(/[!@#$%&*()\-_=+[\]{}<>:?]/);
      expect(lower + upper + numeric + special).toBe(given.length);
      expect(
        [lower, upper, numeric, special].map(
          (n, i) => n >= [given.minLower, given.minUpper, given.minNumeric, given.minSpecial][i]!,
        ),
      ).toEqual([true, true, true, true]);
      if (!given.lower && given.minLower === 0) expect(lower).toBe(0);
      if (!given.upper && given.minUpper === 0) expect(upper).toBe(0);
      if (!given.special && given.minSpecial === 0) expect(special).toBe(0);
    }),
  );
});

test("overrideSpecial sets the special characters", async () => {
  const given = { length: 40, lower: false, upper: false, numeric: false, overrideSpecial: "." };
  expect(await draw(given)).toBe(".".repeat(40));
});

test.each([
  [{}, "missing required property 'length'"],
  [{ length: 0 }, "'length' is not valid"],
  [{ length: 3, minLower: 2, minUpper: 2 }, "'length' must be at least 4"],
  [{ length: 3, lower: false, upper: false, numeric: false, special: false }, "at least one of"],
  [{ length: 3, shape: "round" }, "'shape' is not a property"],
])("%o is refused", async (given, failure) => {
  expect(await check(given as { length: number })).toEqual([expect.stringContaining(failure)]);
});

test("two strings differ, and a string stays the same until an input changes", async () => {
  expect(await draw({ length: 16 })).not.toBe(await draw({ length: 16 }));
  const olds = { inputs: { length: 16, keepers: { region: "westeurope" } } };
  const diff = (news: Parameters<typeof random.create>[1]) => random.diff(target, olds, news).changes;
  expect(diff(olds.inputs)).toEqual(new Map());
  // An input that is set to its default is not a change.
  expect(diff({ ...olds.inputs, special: true, number: true })).toEqual(new Map());
  for (const news of [
    { ...olds.inputs, length: 17 },
    { ...olds.inputs, special: false },
    { length: 16, keepers: { region: "norwayeast" } },
    { length: 16, keepers: { region: unknownValue } },
    { length: 16 },
  ]) {
    const changes = [...diff(news).values()];
    expect(changes.length).toBeGreaterThan(0);
    expect(changes.every(({ replace }) => replace)).toBe(true);
  }
});

test("the result is unknown in a preview and survives a refresh", async () => {
  expect(random.preview(target, { length: 8 })).toMatchObject({
    length: 8,
    result: unknownValue,
    lower: true,
  });
  const { id, outputs } = await random.create(target, { length: 8 });
  expect(await random.read(target, id, { inputs: { length: 8 }, outputs })).toEqual({
    id,
    inputs: { length: 8 },
    outputs,
  });
});
