import { afterAll, beforeAll, expect, test } from "vitest";
import { type Change, find, remove, set, setSources } from "./changes.ts";
import { declareFleet } from "./fleet.ts";
import { type Diagnostic, type EngineResource, type RunningPack, startPack, unknownText } from "./pack.ts";

let pack: RunningPack;
let fleet: EngineResource[];
beforeAll(async () => {
  [pack, fleet] = await Promise.all([startPack(), declareFleet()]);
});
afterAll(() => pack.close());

/**
 * The fleet as the engine sends it in the first preview of a new stack. Names with a suffix and IDs are not known,
 * and so are the IoT Hub's properties and the Flow API's policy, which contain some.
 */
function firstPreview(resources: EngineResource[]): EngineResource[] {
  const hideUnknown = (value: unknown): unknown => {
    if (typeof value === "string")
      return /\/resourceGroups\/|abc123|^rg-|object-id$/.test(value) ? unknownText : value;
    if (Array.isArray(value)) return value.map(hideUnknown);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, hideUnknown(inner)]));
  };
  const preview = resources.map((resource) => ({
    ...resource,
    properties: hideUnknown(resource.properties) as Record<string, unknown>,
  }));
  return set("terminals-hub", "properties", unknownText)(preview);
}

const mandatoryViolations = (diagnostics: Diagnostic[]) =>
  diagnostics
    .filter(({ level }) => level === "mandatory")
    .map(({ rule, urn }) => `${rule} ${urn.split("::").at(-1)}`);

test("the first preview of a new stack passes, and reports in one violation what no rule has checked", async () => {
  const preview = firstPreview(fleet);
  expect(find(preview, "flow-policy").properties.value).toBe(unknownText);
  const diagnostics = await pack.analyze(preview);
  expect(diagnostics.map(({ rule, level }) => [rule, level])).toEqual([
    ["stack-preview-unknown-values", "advisory"],
  ]);
  for (const part of [/properties of terminals-hub/, /value of flow-policy/, /scope of \d+ resources/]) {
    expect(diagnostics[0]?.message).toMatch(part);
  }
  expect(diagnostics[0]?.message).toContain("npm run judge");
  expect(diagnostics[0]?.message.length).toBeLessThan(1500);
});

test("when every value is known, nothing is reported, also after a preview with unknown values", async () => {
  await pack.analyze(firstPreview(fleet));
  expect(await pack.analyze(fleet)).toEqual([]);
});

/** Assigns the role of operators-hub-reader also on the resource group. */
const assignOnResourceGroup: Change = (resources) => {
  const assignment = structuredClone(find(resources, "operators-hub-reader"));
  assignment.dependencies.scope = [find(resources, "terminals").urn];
  return [...resources, { ...assignment, name: "added", urn: assignment.urn.replace(/[^:]+$/, "added") }];
};

test.each<[rule: string, title: string, resource: string, change: Change]>([
  [
    "role-assignment-stable-name",
    "a role assignment with a random name",
    "operators-hub-registry",
    set("operators-hub-registry", "roleAssignmentName", "3d5c9e0a-1b1e-4f6e-9a53-0d6a3f0b8a11"),
  ],
  [
    "resource-region",
    "a workspace in North Europe",
    "observability-workspace",
    set("observability-workspace", "location", "northeurope"),
  ],
  [
    "files-account-deletion",
    "a files account without lifecycle rules",
    "files-account",
    set("files-lifecycle", "policy.rules", []),
  ],
  [
    "diagnostic-setting-present",
    "an IoT Hub without logs",
    "terminals-hub",
    set("observability-hub-diagnostics", "logs", []),
  ],
  [
    "diagnostic-setting-present",
    "a files account without logs",
    "files-account",
    set("observability-files-blobs-diagnostics", "logs", []),
  ],
  [
    "role-assignment-required",
    "operators who cannot sign file links",
    "files-account",
    remove("operators-file-keys"),
  ],
  ["api-management-api-policy-required", "an API without a policy", "flow-api", remove("flow-policy")],
  [
    "api-management-api-policy-required",
    "a policy that does not depend on the key table",
    "flow-policy",
    setSources("flow-policy", "value", "flow-backend"),
  ],
  [
    "iot-hub-outbound-import-account",
    "hosts that depend on the audit account",
    "terminals-hub",
    setSources("terminals-hub", "properties", "audit-account"),
  ],
  ["role-assignment-allowlist", "a second assignment on the resource group", "added", assignOnResourceGroup],
])("in the first preview, %s refuses %s", async (rule, _, resource, change) => {
  const diagnostics = await pack.analyze(change(firstPreview(fleet)));
  expect(mandatoryViolations(diagnostics)).toEqual([`${rule} ${resource}`]);
});

test("no resource rule refuses a resource because a single value is unknown", async () => {
  const refused: unknown[] = [];
  for (const resource of fleet.filter(({ type }) => !type.startsWith("terminal-fleet:"))) {
    for (const property of Object.keys(resource.properties)) {
      const violations = await pack.analyzeResources([
        { ...resource, properties: { ...resource.properties, [property]: unknownText } },
      ]);
      if (violations.length > 0) refused.push({ resource: resource.name, property, violations });
    }
  }
  expect(refused).toEqual([]);
});
