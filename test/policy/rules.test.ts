import { afterAll, beforeAll, expect, test } from "vitest";
import { rules } from "../../policies/rules.ts";
import { flowPolicyCases } from "./cases/flow-policy.ts";
import { gatewayCases } from "./cases/gateway.ts";
import { hubCases } from "./cases/hub.ts";
import { importCases, withImports } from "./cases/imports.ts";
import { placeCases } from "./cases/places.ts";
import { recordCases } from "./cases/records.ts";
import { roleCases } from "./cases/roles.ts";
import { secretCases } from "./cases/secrets.ts";
import { storageCases } from "./cases/storage.ts";
import { type Refused, set } from "./changes.ts";
import { changed, fleet } from "./fleet.ts";
import { type Pack, type Shown, startPack } from "./pack.ts";

let pack: Pack;
let good: Shown[];
beforeAll(async () => {
  [pack, good] = await Promise.all([startPack(), fleet()]);
});
afterAll(() => pack.close());

const refused: Refused[] = [
  ...placeCases,
  ...storageCases,
  ...importCases,
  ...recordCases,
  ...hubCases,
  ...gatewayCases,
  ...flowPolicyCases,
  ...roleCases,
  ...secretCases,
];

test("the program as it is passes every rule", async () => {
  expect(await pack.judge(good)).toEqual([]);
});

test.each(refused)("%s refuses a change of %s (%#)", async (rule, resource, change) => {
  const found = (await pack.judge(change(good))).filter((each) => each.rule === rule);
  expect(found.map(({ urn }) => urn.split("::").at(-1))).toContain(resource);
  for (const violation of found) {
    const stated = rules.find(({ name }) => name === rule)!;
    expect(violation.level).toBe("mandatory");
    expect(violation.message).toContain(`${violation.urn.split("::").at(-1)}: `);
    for (const part of [stated.reason, stated.remedy, ...stated.sources])
      expect(violation.message).toContain(part);
  }
});

test("every rule is seen to refuse something", () => {
  const mandatory = rules.filter(({ advisory }) => !advisory).map(({ name }) => name);
  expect(new Set(refused.map(([rule]) => rule))).toEqual(new Set(mandatory));
});

test("names of rules are unique", () => {
  expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
});

test.each([
  "azure-native:storage/v20240101:StorageAccount",
  "azure-native_storage_v20230101:storage:StorageAccount",
  "azure-native_storage_v20240101:storage/v20240101:StorageAccount",
  "azure-native_storage_v20240101preview:storage:StorageAccount",
])("a resource is judged as %s too", async (type) => {
  const versioned = good.map((resource) =>
    resource.type.endsWith(":StorageAccount") ? { ...resource, type } : resource,
  );
  expect(await pack.judge(versioned)).toEqual([]);
  const found = await pack.judge(changed(versioned, "files-account", "minimumTlsVersion", "TLS1_0"));
  expect(found.map(({ rule }) => rule)).toEqual(["tls-1-2"]);
});

test("a stack is judged by what was asked for, and not by what Azure made of it", async () => {
  // Azure answers without what names the resources that something belongs to or is about.
  const answered = (resources: Shown[]) =>
    resources.map((resource) => {
      if (!resource.type.startsWith("azure-native:")) return resource;
      const { accountName, resourceUri, roleDefinitionId, backendId, ...outputs } = resource.properties;
      return { ...resource, outputs: { ...outputs, provisioningState: "Succeeded" } };
    });
  expect(await pack.judge(answered(good))).toEqual([]);
  const elsewhere = set(
    "observability-files-blobs-diagnostics",
    "resourceUri",
    "/…/queueServices/default",
  )(good);
  expect((await pack.judge(answered(elsewhere))).map(({ rule }) => rule)).toEqual(["diagnostics-present"]);
});

test("a copy in another region is taken with its reason on the account", async () => {
  const relaxed = changed(
    changed(good, "files-account", "sku.name", "Standard_GZRS"),
    "files-account",
    "tags.geoReplicationReason",
    "The customer's contract asks for a second region.",
  );
  expect(await pack.judge(relaxed)).toEqual([]);
});

test("an account for import jobs that leaves no trace is taken", async () => {
  expect(await pack.judge(withImports(good))).toEqual([]);
});

test("the value of a secret is not repeated", async () => {
  const key = `${"Zz0+".repeat(10)}abc=`;
  const found = await pack.judge(changed(good, "terminal-fleet-dev", "key", key));
  expect(found.length).toBeGreaterThan(0);
  expect(JSON.stringify(found)).not.toContain(key);
});
