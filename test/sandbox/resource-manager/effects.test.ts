import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { z } from "zod";
import { effects } from "../../../sandbox/resource-manager/effects/effects.ts";
import { resourceTypes } from "../../../sandbox/resource-manager/resource-type-registry.ts";

/** What a zod schema is made of, as far as its inputs go. */
type Schema = z.core.$ZodTypes;

/** The paths at which a type takes values: lists are looked into, dictionaries of objects too, with * for the key. */
function leaves(schema: Schema, path = ""): string[] {
  const { def } = schema._zod;
  switch (def.type) {
    case "optional":
      return leaves(def.innerType as Schema, path);
    case "object":
      return Object.entries(def.shape).flatMap(([name, inner]) =>
        leaves(inner as Schema, path === "" ? name : `${path}.${name}`),
      );
    case "array":
      return leaves(def.element as Schema, path);
    case "record":
      return leaves(def.valueType as Schema, path).map((leaf) =>
        leaf === path ? path : leaf.replace(path, `${path}.*`),
      );
    case "union":
      return def.options.flatMap((option) => leaves(option as Schema, path));
    default:
      return [path];
  }
}

/** The longest path of those given that is the leaf's own, or leads to it. */
const covering = (paths: string[], leaf: string) =>
  paths
    .filter((path) => leaf === path || leaf.startsWith(`${path}.`))
    .sort((one, other) => other.length - one.length)[0];

test.each(resourceTypes.map((type) => [type.token, type] as const))(
  "every input of %s does something, or has a reason not to",
  (token, type) => {
    const declared = effects[token] ?? {};
    const paths = Object.keys(declared);
    const inputs = [...new Set(leaves(type.inputs as unknown as Schema))];
    expect(inputs.filter((leaf) => covering(paths, leaf) === undefined)).toEqual([]);
    // Nothing is said of inputs that are no longer taken.
    const used = new Set(inputs.map((leaf) => covering(paths, leaf)));
    expect(paths.filter((path) => !used.has(path))).toEqual([]);
    for (const [path, effect] of Object.entries(declared)) {
      if ("inert" in effect) {
        expect(effect.inert.length).toBeGreaterThan(10);
        continue;
      }
      // The file that is to act on it speaks of it, by the SDK's name or by Azure's.
      const name = path.split(".").at(-1) as string;
      const names = [name, type.renames?.[name] ?? name];
      const text = readFileSync(join(import.meta.dirname, "../../../sandbox", effect.actedOnIn), "utf8");
      const found = names.some((each) => new RegExp(`\\b${RegExp.escape(each)}\\b`).test(text));
      expect(found, `${effect.actedOnIn} speaks of ${path}`).toBe(true);
    }
  },
);

test("there are effects of known types only", () => {
  expect(Object.keys(effects).sort()).toEqual(resourceTypes.map(({ token }) => token).sort());
});
