import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { compareDeployments } from "../../../tools/judge/comparison/compare.ts";
import { meaningOf } from "../../../tools/judge/comparison/data-and-names.ts";
import type { Step } from "../../../tools/judge/deployment/engine-events.ts";
import type { StackState, StateResource } from "../../../tools/judge/deployment/stack-state.ts";
import type { Snapshot } from "../../../tools/judge/snapshot.ts";

/* What a changed resource means for data, names, retention and redundancy. */

const account = "azure-native:storage:StorageAccount";
const lifecycle = "azure-native:storage:ManagementPolicy";

const resource = (type: string, fields: Partial<StateResource>, name = "x"): StateResource => ({
  urn: `urn:pulumi:dev::p::${type}::${name}`,
  type,
  custom: true,
  ...fields,
});

const state = (...resources: StateResource[]): StackState => ({ deployment: { resources } });

/** The consequences of changing one resource into another, as "WHAT: EXPLANATION". */
function consequences(before: StateResource, after: StateResource, ...steps: Step[]): string[] {
  const changes = compareDeployments({ before: state(before), after: state(after), steps, roots: ["/"] });
  return changes.flatMap((change) =>
    change.consequences.map(({ what, explanation }) => `${what}: ${explanation}`),
  );
}

test.each<[string, string, object, object, string]>([
  [
    "a shorter immutability period",
    "azure-native:storage:BlobContainerImmutabilityPolicy",
    { immutabilityPeriodSinceCreationInDays: 730 },
    { immutabilityPeriodSinceCreationInDays: 365 },
    "shorter retention: immutabilityPeriodSinceCreationInDays falls from 730 to 365.",
  ],
  [
    "soft delete that is switched off",
    "azure-native:storage:BlobServiceProperties",
    { deleteRetentionPolicy: { enabled: true, days: 7 } },
    { deleteRetentionPolicy: { enabled: false, days: 7 } },
    "shorter retention: deleteRetentionPolicy.enabled falls from true to false.",
  ],
  [
    "an added lifecycle rule",
    lifecycle,
    { rules: [] },
    { rules: [{ delete: { daysAfterModificationGreaterThan: 10 } }] },
    "shorter retention: rules.0.delete.daysAfterModificationGreaterThan falls from absent to 10.",
  ],
  [
    "one zone in place of three",
    account,
    { sku: { name: "Standard_ZRS" } },
    { sku: { name: "Standard_LRS" } },
    'weaker redundancy: sku.name falls from "Standard_ZRS" to "Standard_LRS", so fewer failures are survived.',
  ],
  [
    "fewer units of the gateway",
    "azure-native:apimanagement:ApiManagementService",
    { sku: { name: "StandardV2", capacity: 2 } },
    { sku: { name: "StandardV2", capacity: 1 } },
    "weaker redundancy: sku.capacity falls from 2 to 1, so fewer failures are survived.",
  ],
  [
    "another path of the API",
    "azure-native:apimanagement:Api",
    { path: "flow" },
    { path: "flows" },
    'renamed: path changes from "flow" to "flows": terminals call the Flow API at this address.',
  ],
])("%s needs an acceptance", (_, type, before, after, expected) => {
  const change = [{ inputs: before }, { inputs: after }] as { inputs: Record<string, unknown> }[];
  expect(consequences(resource(type, change[0]!), resource(type, change[1]!))).toEqual([expected]);
});

test.each<[string, string, object, object]>([
  ["a longer retention", "x:y:Workspace", { retentionInDays: 30 }, { retentionInDays: 90 }],
  [
    "a shorter lifetime of keys",
    account,
    { keyPolicy: { keyExpirationPeriodInDays: 90 } },
    { keyPolicy: { keyExpirationPeriodInDays: 30 } },
  ],
  ["more redundancy", account, { sku: { name: "Standard_ZRS" } }, { sku: { name: "Standard_GZRS" } }],
  [
    "a later deletion",
    lifecycle,
    { daysAfterModificationGreaterThan: 30 },
    { daysAfterModificationGreaterThan: 60 },
  ],
])("%s needs no acceptance", (_, type, before, after) => {
  const inputs = (value: object) => resource(type, { inputs: value as Record<string, unknown> });
  expect(consequences(inputs(before), inputs(after))).toEqual([]);
});

test("a removed protection needs an acceptance, and a new alias with another URN replaces nothing", () => {
  const old = resource(account, { protect: true });
  expect(consequences(old, resource(account, {}))[0]).toMatch(/^unprotected: The option protect is removed/);
  const moved = resource(account, { protect: true, aliases: [old.urn] }, "y");
  const step: Step = {
    op: "same",
    urn: moved.urn,
    type: account,
    old: { type: account, urn: old.urn },
    new: { type: account, urn: moved.urn },
  };
  expect(consequences(old, moved, step)).toEqual([]);
});

test("a type that the judge does not know counts as one that holds data, and the program has none", () => {
  expect(meaningOf("azure-native:new:Thing").isLost).toContain("which the judge does not know");
  const snapshots = ["dev", "prod"].map(
    (stack) => JSON.parse(readFileSync(`policies/snapshot/${stack}.json`, "utf8")) as Snapshot,
  );
  const types = new Set(snapshots.flatMap((snapshot) => Object.values(snapshot).map(({ type }) => type)));
  expect(types.size).toBeGreaterThan(20);
  const unknown = [...types].filter((type) => meaningOf(type).isLost?.includes("does not know"));
  expect(unknown).toEqual([]);
});
