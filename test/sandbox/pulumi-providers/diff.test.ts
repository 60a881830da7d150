import fc from "fast-check";
import { expect, test } from "vitest";
import { applyDrift, compare } from "../../../sandbox/pulumi-providers/diff.ts";
import type { Properties, Value } from "../../../sandbox/pulumi-providers/provider.ts";
import { fromStruct, toStruct, unknownValue } from "../../../sandbox/pulumi-providers/wire.ts";
import { fillPath, matchPath } from "../../../sandbox/resource-manager/resource-ids.ts";

/** Any inputs that a program can set. */
const { value } = fc.letrec<{ value: Value; properties: Properties }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((each) => each + 0),
    fc.string(),
    fc.constant(unknownValue),
    fc.array(tie("value"), { maxLength: 4 }),
    tie("properties"),
  ),
  properties: fc.dictionary(fc.stringMatching(/^[a-z]\w{0,8}$/), tie("value"), {
    maxKeys: 5,
    noNullPrototype: true,
  }),
}));

const inputs = fc.dictionary(fc.stringMatching(/^[a-z]\w{0,8}$/), value, {
  maxKeys: 5,
  noNullPrototype: true,
});

test("properties survive the conversion to and from the engine's form", () => {
  fc.assert(
    fc.property(inputs, (given) => {
      expect(fromStruct(toStruct(given))).toEqual(given);
    }),
  );
});

test("a property with the value null is dropped, at any depth", () => {
  expect(fromStruct(toStruct({ a: null, b: { c: null, d: [{ e: null }] } }))).toEqual({ b: { d: [{}] } });
});

test("an asset or a secret is refused", () => {
  const asset = { "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", text: "x" };
  expect(() => toStruct({ a: asset })).toThrow(/assets/);
});

test("equal inputs have no difference, and one changed value is found at its path", () => {
  fc.assert(
    fc.property(inputs, (given) => {
      expect(compare(given, structuredClone(given), new Set()).size).toBe(0);
    }),
  );
  fc.assert(
    fc.property(inputs, fc.string(), (given, extra) => {
      const changes = compare(given, { ...given, zzzzzzzzzz: extra }, new Set(["zzzzzzzzzz"]));
      expect([...changes]).toEqual([["zzzzzzzzzz", { kind: "add", replace: true }]]);
    }),
  );
});

test("paths lead into objects and lists, and a replacing property includes all properties below it", () => {
  const olds = {
    sku: { name: "S1", capacity: 1 },
    rules: [{ name: "a" }, { name: "b" }],
    tags: { owner: "x" },
  };
  const news = { sku: { name: "S2", capacity: 1 }, rules: [{ name: "a" }, { name: "c" }, { name: "d" }] };
  const changes = compare(olds, news, new Set(["sku", "rules[].name"]));
  expect(Object.fromEntries(changes)).toEqual({
    "sku.name": { kind: "update", replace: true },
    "rules[1].name": { kind: "update", replace: true },
    "rules[2]": { kind: "add", replace: false },
    tags: { kind: "delete", replace: false },
  });
  expect(compare({ __note: 1 }, { __note: 2 }, new Set()).size).toBe(0);
});

test("drift changes the inputs by changed outputs, but does not add defaults", () => {
  const before = { kind: "a", tags: { owner: "x" }, filledIn: 1, gone: true };
  const after = { kind: "a", tags: { owner: "y" }, filledIn: 1, new: "z" };
  expect(applyDrift({ kind: "a", tags: { owner: "x" }, gone: true }, before, after)).toEqual({
    kind: "a",
    tags: { owner: "y" },
    new: "z",
  });
  fc.assert(
    fc.property(inputs, inputs, (given, outputs) => {
      expect(applyDrift(given, outputs, structuredClone(outputs))).toEqual(given);
    }),
  );
});

test("an ID that was filled from a path matches it again, in any case", () => {
  const name = fc.stringMatching(/^[\w.()-]{1,20}$/);
  const path =
    "/subscriptions/{subscriptionId}/resourceGroups/{group}/providers/Microsoft.Storage/storageAccounts/{name}";
  fc.assert(
    fc.property(name, name, name, (subscriptionId, group, account) => {
      const names = { subscriptionId, group, name: account };
      const id = fillPath(path, names);
      expect(matchPath(path, id)?.names).toEqual(names);
      expect(matchPath(path, id.replace("resourceGroups", "RESOURCEGROUPS"))?.names).toEqual(names);
      expect(matchPath(path, `${id}/blobServices/default`)).toBeUndefined();
    }),
  );
  const scoped = "/{scope}/providers/Microsoft.Authorization/roleAssignments/{name}";
  expect(matchPath(scoped, fillPath(scoped, { scope: "/subscriptions/a", name: "b" }))?.names).toEqual({
    scope: "subscriptions/a",
    name: "b",
  });
});
