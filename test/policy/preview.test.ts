import { afterAll, beforeAll, expect, test } from "vitest";
import { rules } from "../../policies/rules.ts";
import { type Change, drop, madeFrom, set } from "./changes.ts";
import { changed, fleet, unknownText } from "./fleet.ts";
import { type Pack, type Shown, startPack } from "./pack.ts";

let pack: Pack;
let good: Shown[];
beforeAll(async () => {
  [pack, good] = await Promise.all([startPack(), fleet()]);
});
afterAll(() => pack.close());

/**
 * The fleet as the first preview of a new stack shows it: every ID and every name that Azure or a suffix gives is
 * not known, and with them the whole of the hub's properties and of the Flow API's policy, which hold some.
 */
function firstPreview(resources: Shown[]): Shown[] {
  const hide = (value: unknown): unknown => {
    if (typeof value === "string")
      return /\/resourceGroups\/|abc123|^rg-|object-id$/.test(value) ? unknownText : value;
    if (Array.isArray(value)) return value.map(hide);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, hide(inner)]));
  };
  const hidden = resources.map((resource) => ({
    ...resource,
    properties: hide(resource.properties) as Record<string, unknown>,
  }));
  return changed(hidden, "terminals-hub", "properties", unknownText);
}

const named = (found: Awaited<ReturnType<Pack["judge"]>>) =>
  found
    .filter(({ level }) => level === "mandatory")
    .map(({ rule, urn }) => `${rule} ${urn.split("::").at(-1)}`);

test("the first preview of a new stack passes, and says in a line what it has not judged", async () => {
  const previewed = firstPreview(good);
  expect(previewed.find(({ name }) => name === "flow-policy")?.properties.value).toBe(unknownText);
  const found = await pack.judge(previewed);
  expect(found.map(({ rule, level }) => [rule, level])).toEqual([
    ["previews-say-what-they-leave", "advisory"],
  ]);
  for (const left of [/properties of terminals-hub/, /value of flow-policy/, /scope of \d+ resources/]) {
    expect(found[0]?.message).toMatch(left);
  }
  expect(found[0]?.message).toContain("npm run judge");
  expect(found[0]?.message.length).toBeLessThan(1000);
});

test("where every value is known, nothing is said of it; and nothing is carried over", async () => {
  await pack.judge(firstPreview(good));
  expect(await pack.judge(good)).toEqual([]);
});

test.each<[string, string, Change]>([
  [
    "roles-for-groups-and-services",
    "operators-hub-registry",
    set("operators-hub-registry", "principalType", "User"),
  ],
  ["allowed-regions", "observability-workspace", set("observability-workspace", "location", "northeurope")],
  ["files-are-deleted", "files-account", set("files-lifecycle", "policy.rules", [])],
  ["diagnostics-present", "terminals-hub", set("observability-hub-diagnostics", "logs", [])],
  ["diagnostics-present", "files-account", set("observability-files-blobs-diagnostics", "logs", [])],
  ["needed-roles-present", "files-account", drop("operators-file-keys")],
  ["every-api-has-both-doors", "flow-api", drop("flow-policy")],
  ["every-api-has-both-doors", "flow-policy", madeFrom("flow-policy", "value", "flow-backend")],
  [
    "hub-sends-to-the-imports-only",
    "terminals-hub",
    madeFrom("terminals-hub", "properties", "audit-account"),
  ],
  // A grant on the resource group, beside the needed one that goes on to be there.
  [
    "no-role-but-the-needed-ones",
    "added",
    (resources) => [
      ...resources,
      {
        ...resources.find(({ name }) => name === "operators-hub-reader")!,
        name: "added",
        urn: "urn:pulumi:dev::terminal-fleet::azure-native:authorization:RoleAssignment::added",
        dependencies: {
          ...resources.find(({ name }) => name === "operators-hub-reader")!.dependencies,
          scope: resources
            .filter(({ name, type }) => name === "terminals" && /Group$/.test(type))
            .map(({ urn }) => urn),
        },
      },
    ],
  ],
])("%s refuses in the first preview what is known of %s by then", async (rule, resource, change) => {
  expect(named(await pack.judge(change(firstPreview(good))))).toEqual([`${rule} ${resource}`]);
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
const stackRules = new Set(rules.filter((rule) => "checkStack" in rule).map(({ name }) => name));
