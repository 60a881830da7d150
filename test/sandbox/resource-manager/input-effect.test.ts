import { expect, test } from "vitest";
import { z } from "zod";
import {
  enforced,
  listInputs,
  noEffect,
  restricted,
} from "../../../sandbox/resource-manager/input-effect.ts";
import { resourceTypes } from "../../../sandbox/resource-manager/resource-type-registry.ts";

test.each(resourceTypes.map((type) => [type.token, type] as const))(
  "every input of %s says whether the sandbox acts on it, restricts it or ignores it, and why",
  (_token, type) => {
    const inputs = listInputs(type.inputs);
    expect(inputs.filter(({ effect }) => effect === undefined).map(({ path }) => path)).toEqual([]);
    for (const { path, effect } of inputs) {
      expect(effect?.note.trim().length, `length of the note at ${path}`).toBeGreaterThan(10);
    }
  },
);

test("an input without a mark is listed without an effect, at any depth", () => {
  const schema = z.strictObject({
    marked: enforced(z.string(), "changes an answer"),
    list: z.array(z.strictObject({ forgotten: z.boolean().optional() })).optional(),
    byName: z.record(z.string(), z.strictObject({ forgotten: z.number() })),
  });
  expect(listInputs(schema).filter(({ effect }) => !effect)).toEqual([
    { path: "list.forgotten", effect: undefined },
    { path: "byName.*.forgotten", effect: undefined },
  ]);
});

test("a mark holds for the inputs below it, except where they have one of their own", () => {
  const schema = z.strictObject({
    outer: noEffect(
      z
        .strictObject({ own: restricted(z.string(), "one value is refused"), inherited: z.string() })
        .optional(),
      "nothing reads it",
    ),
  });
  expect(listInputs(schema)).toEqual([
    { path: "outer.own", effect: { kind: "restricted", note: "one value is refused" } },
    { path: "outer.inherited", effect: { kind: "none", note: "nothing reads it" } },
  ]);
});

test("the alternatives of a union are all listed, and an input of several alternatives once", () => {
  const schema = z.strictObject({
    either: enforced(
      z.discriminatedUnion("kind", [
        z.strictObject({ kind: z.literal("a"), first: z.string() }),
        z.strictObject({ kind: z.literal("b"), second: z.string() }),
      ]),
      "chooses one",
    ),
  });
  expect(listInputs(schema).map(({ path }) => path)).toEqual([
    "either.kind",
    "either.first",
    "either.second",
  ]);
});

test("marking a shared schema leaves other uses of it unmarked", () => {
  const shared = z.boolean();
  const schema = z.strictObject({ one: enforced(shared, "changes an answer"), other: shared });
  expect(listInputs(schema)[1]).toEqual({ path: "other", effect: undefined });
});
