import fc from "fast-check";
import { expect, test } from "vitest";
import { type NameKind, Names, nameRules, physicalName, suffixLength } from "../../components/names.ts";
import { countTypes, deploy, find, outputValue } from "./deployment.ts";

const kinds = Object.keys(nameRules) as NameKind[];
const suffixes = fc.string({
  unit: fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz0123456789"),
  minLength: suffixLength,
  maxLength: suffixLength,
});
const purposes = [
  "terminals",
  "files",
  "imports",
  "flow",
  "flowkeys",
  "terminal-operators",
  "hub-throttles-operators",
];

test("Azure accepts every name of the program with any suffix", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...kinds),
      fc.constantFrom(...purposes),
      fc.constantFrom("dev", "prod"),
      suffixes,
      (kind, purpose, environment, suffix) => {
        const rule = nameRules[kind];
        const simple = rule.separator === "" ? purpose.replaceAll("-", "").slice(0, 9) : purpose;
        const name = physicalName(kind, simple, environment, suffix);
        expect(name.length).toBeGreaterThanOrEqual(rule.length[0]);
        expect(name.length).toBeLessThanOrEqual(rule.length[1]);
        expect(name.startsWith(rule.prefix)).toBe(true);
        expect(name.endsWith(suffix)).toBe(rule.suffixed);
      },
    ),
  );
});

test("a purpose that leads to a name that Azure would reject is an error", () => {
  fc.assert(
    fc.property(fc.constantFrom(...kinds), fc.string(), suffixes, (kind, purpose, suffix) => {
      let name: string;
      try {
        name = physicalName(kind, purpose, "dev", suffix);
      } catch (error) {
        expect((error as Error).message).toContain(`is not a valid name for the kind ${kind}`);
        return;
      }
      expect(name).toMatch(nameRules[kind].pattern);
      expect(name.length).toBeLessThanOrEqual(nameRules[kind].length[1]);
    }),
  );
});

test("two names differ when their purpose, environment or suffix differs", () => {
  const names = ["dev", "prod"].flatMap((environment) =>
    ["files", "flowkeys"].flatMap((purpose) =>
      ["abc123", "abc124"].map((suffix) => physicalName("storageAccount", purpose, environment, suffix)),
    ),
  );
  expect(new Set(names).size).toBe(names.length);
  expect(names[0]).toBe("stfilesdevabc123");
});

test("names that must be unique in Azure or in the tenant, or that Azure keeps after a deletion, end in the suffix", () => {
  expect(kinds.filter((kind) => nameRules[kind].suffixed).sort()).toEqual([
    "apiManagement",
    "application",
    "iotHub",
    "logWorkspace",
    "role",
    "storageAccount",
  ]);
});

test("declares one random string of lower-case letters and digits as the suffix of all names", async () => {
  const { resources, result } = await deploy(() => {
    const names = new Names("names", { environment: "prod" });
    return [names.of("iotHub", "terminals"), names.of("resourceGroup", "flow")] as const;
  });
  expect(countTypes(resources)).toEqual({
    "terminal-fleet:components:Names": 1,
    "random:index/randomString:RandomString": 1,
  });
  expect(find(resources, "names-suffix").inputs).toEqual({
    length: 6,
    lower: true,
    numeric: true,
    upper: false,
    special: false,
  });
  expect(await outputValue(result[0])).toBe("iot-terminals-prod-abc123");
  expect(await outputValue(result[1])).toBe("rg-flow-prod");
});
