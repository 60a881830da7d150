import { afterAll, beforeAll, expect, test } from "vitest";
import { changed, fleet, unknownText } from "./fleet.ts";
import { type Pack, type Shown, startPack } from "./pack.ts";

let pack: Pack;
let good: Shown[];
beforeAll(async () => {
  [pack, good] = await Promise.all([startPack(), fleet()]);
});
afterAll(() => pack.close());

/** The fleet as the first preview of a new stack shows it: every ID, and every name with a suffix, is not known. */
function firstPreview(resources: Shown[]): Shown[] {
  const hide = (value: unknown): unknown => {
    if (typeof value === "string")
      return /\/resourceGroups\/|abc123|object-id$/.test(value) ? unknownText : value;
    if (Array.isArray(value)) return value.map(hide);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, hide(inner)]));
  };
  return resources.map((resource) => ({
    ...resource,
    properties: hide(resource.properties) as Record<string, unknown>,
  }));
}

test("the first preview of a new stack passes, without a word about what is not known yet", async () => {
  const previewed = firstPreview(good);
  expect(JSON.stringify(previewed)).toContain(unknownText);
  expect(await pack.judge(previewed)).toEqual([]);
});

test("what is known already is judged already, beside what is not", async () => {
  const previewed = firstPreview(good);
  const cases: [string, string, unknown, string][] = [
    ["terminals-hub", "properties.disableLocalAuth", false, "no-hub-level-sas"],
    ["operators-hub-registry", "principalType", "User", "roles-for-groups-and-services"],
    ["files-account", "location", "northeurope", "allowed-regions"],
    ["files-lifecycle", "policy.rules", [], "files-are-deleted"],
    ["observability-hub-diagnostics", "logs", [], "diagnostics-present"],
    ["observability-files-blobs-diagnostics", "logs", [], "diagnostics-present"],
  ];
  for (const [name, path, value, rule] of cases) {
    const found = await pack.judge(changed(previewed, name, path, value));
    expect([...new Set(found.map((violation) => violation.rule))]).toEqual([rule]);
    expect(found.every(({ level }) => level === "mandatory")).toBe(true);
  }
});

test("a missing role shows in the first preview", async () => {
  const previewed = firstPreview(good).filter(({ name }) => name !== "operators-file-keys");
  const found = await pack.judge(previewed);
  expect(found.map(({ rule, urn }) => [rule, urn.split("::").at(-1)])).toEqual([
    ["needed-roles-present", "files-account"],
  ]);
});

test("any single value may be unknown, and no rule stumbles over it", async () => {
  const stumbled: unknown[] = [];
  for (const resource of good.filter(({ type }) => !type.startsWith("terminal-fleet:"))) {
    for (const property of Object.keys(resource.properties)) {
      const found = await pack.judge([
        { ...resource, properties: { ...resource.properties, [property]: unknownText } },
      ]);
      const own = found.filter(({ rule }) => !stackRules.has(rule));
      if (own.length > 0) stumbled.push({ resource: resource.name, property, own });
    }
  }
  expect(stumbled).toEqual([]);
});

/** On their own, resources lack what the stack as a whole must hold. */
const stackRules = new Set([
  "audit-log-is-kept",
  "diagnostics-present",
  "files-are-deleted",
  "files-can-be-recovered",
  "needed-roles-present",
]);
