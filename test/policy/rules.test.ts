import { afterAll, beforeAll, expect, test } from "vitest";
import { rules } from "../../policies/rules.ts";
import { waivers } from "../../policies/waivers.ts";
import { flowPolicyCases } from "./cases/flow-policy.ts";
import { gatewayCases } from "./cases/gateway.ts";
import { hubCases } from "./cases/hub.ts";
import { importCases, withImports } from "./cases/imports.ts";
import { placeCases } from "./cases/places.ts";
import { recordCases } from "./cases/records.ts";
import { roleCases } from "./cases/roles.ts";
import { secretCases } from "./cases/secrets.ts";
import { storageCases } from "./cases/storage.ts";
import { add, both, type Change, drop, leaveOut, named, type Refused, read, set } from "./changes.ts";
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

/** Changes that no rule has anything against. */
const taken: [what: string, change: Change][] = [
  [
    "a copy in another region, with its reason on the account",
    (resources) =>
      set(
        "files-account",
        "tags.geoReplicationReason",
        "The customer's contract asks for a second region.",
      )(set("files-account", "sku.name", "Standard_GZRS")(resources)),
  ],
  ["an account that says what it holds", set("flow-keys-account", "tags.holds", "flow-keys")],
  ["another account that says so", set("files-account", "tags.holds", "files")],
  ["an account for import jobs that leaves no trace", withImports],
  ["a region as Azure writes it", set("files-account", "location", "West Europe")],
  [
    "an old protocol that is off",
    set("flow-service", "customProperties", {
      "Microsoft.WindowsAzure.ApiManagement.Gateway.Security.Protocols.Tls10": "False",
      "Microsoft.WindowsAzure.ApiManagement.Gateway.Protocols.Server.Http2": "True",
    }),
  ],
  [
    "attributes of the policy in another order",
    inPolicy('name="X-Terminal-Key" exists-action="delete"', 'exists-action="delete" name="X-Terminal-Key"'),
  ],
  ["a provider of its own", add("pulumi:providers:azure-native", { location: "westeurope" })],
  [
    "the provider of one version",
    add("pulumi:providers:azure-native_storage_v20240101", { version: "3.28.0" }),
  ],
  ["an account of others that is read", read("azure-native:storage:StorageAccount")],
  ["a property that is off", set("files-account", "isHnsEnabled", false)],
  ["what a provider notes for itself", set("operators-group", "__defaults", ["mailEnabled"])],
  [
    "the version of Azure's API, which its provider notes",
    set("files-account", "azureApiVersion", "2024-01-01"),
  ],
  [
    "a backend that rests when it fails",
    set("flow-backend", "circuitBreaker", { rules: [{ name: "rest" }] }),
  ],
  ["a comment more in the policy", inPolicy("<inbound>", "<inbound><!-- <base /> is next -->")],
  ["no blanks in the policy", inPolicy(/>\s+</g, "><")],
  [
    "a host of one's own that has azure in it",
    inPolicy("api://flow-dev", "https://flow.azure.company.example/Api"),
  ],
  ["other words in an answer", inPolicy("Access denied", "No access")],
  [
    "an output that is an identifier",
    set("terminal-fleet-dev", "tenant", "0123456789abcdef0123456789abcdef"),
  ],
  [
    "an output that is a long name",
    set("terminal-fleet-dev", "name", "a-resource-with-a-name-of-just-43-letters-x"),
  ],
  [
    "an output with a name that a key has",
    set("terminal-fleet-dev", "flowKeysTableEndpoint", "https://stflowkeysdevabc123.table.core.windows.net/"),
  ],
];

function inPolicy(from: string | RegExp, to: string): Change {
  return (resources) => {
    const policy = String(named(resources, "flow-policy").properties.value);
    expect(policy.search(from)).toBeGreaterThan(-1);
    return set("flow-policy", "value", policy.replace(from, to))(resources);
  };
}

test.each(taken)("no rule refuses %s", async (_, change) => {
  expect(await pack.judge(change(good))).toEqual([]);
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

test("of what --target leaves out nothing is said but that it is left out", async () => {
  const found = await pack.judge(both(leaveOut("flow"), leaveOut("files-account"))(good));
  expect(found.map(({ rule, urn }) => [rule, urn.split("::").at(-1)])).toEqual(
    expect.arrayContaining([
      ["whole-stack-first", "flow"],
      ["whole-stack-first", "files-account"],
    ]),
  );
  expect(found).toHaveLength(2);
  expect(await pack.judge(drop("flow-policy")(good))).not.toEqual([]);
});

test("a fault of the policy is told where it is, and what must be there", async () => {
  const broken = inPolicy(/<set-header name="X-Terminal-Key" [^>]*>\s*/, "")(good);
  const [violation] = await pack.judge(broken);
  expect(violation?.message).toContain(
    'policies/inbound: element 16 is <set-header name="X-Terminal-Id" exists-action="override">, ' +
      'and must be <set-header name="X-Terminal-Key" exists-action="delete">.',
  );
});

test("the value of a secret is not repeated", async () => {
  const key = `${"Zz0+".repeat(10)}abc=`;
  const found = await pack.judge(changed(good, "terminal-fleet-dev", "key", key));
  expect(found.length).toBeGreaterThan(0);
  expect(JSON.stringify(found)).not.toContain(key);
});

/** Rules of others for what the program declares, which others expect to be simply kept. */
const expected = [
  // Storage accounts and containers.
  ...[
    "AZR-000196",
    "CKV_AZURE_3",
    "Azure Policy 404c3081",
    "AZR-000200",
    "CKV_AZURE_44",
    "Azure Policy fe83a0eb",
  ],
  ...["AZR-000198", "CKV_AZURE_190", "CKV2_AZURE_47", "Azure Policy 4fa4b6c0", "AZR-000201", "CKV_AZURE_43"],
  ...[
    "Azure.Storage.Naming",
    "CKV_AZURE_36",
    "Azure Policy c9d007d0",
    "CKV2_AZURE_41",
    "Azure Policy bc1b984e",
  ],
  ...[
    "Azure Policy 044985bb",
    "Azure Policy Storage_storageAccounts_ZoneRedundant",
    "AZR-000197",
    "CKV2_AZURE_38",
  ],
  ...["AZR-000289", "Azure Policy 92a89a79", "Azure Policy 4733ea7b", "CKV_AZURE_244", "AZR-000199"],
  ...["CKV_AZURE_34", "CKV2_AZURE_21"],
  // The IoT Hub.
  ...["Azure Policy 672d56b3", "Azure Verified Modules", "Azure Policy 383856f8"],
  // API Management.
  ...["AZR-000042", "Azure Policy ee7495e7", "AZR-000044", "CKV_AZURE_215", "AZR-000054", "AZR-000055"],
  ...[
    "AZR-000053",
    "AZR-000321",
    "AZR-000045",
    "Azure Policy f1cc7827",
    "AZR-000043",
    "AZR-000049",
    "AZR-000050",
  ],
  ...["AZR-000046", "AZR-000047", "AZR-000048", "AZR-000371", "AZR-000365", "Azure Policy c15dcc82"],
  ...["Azure Policy b741306c"],
  // Roles.
  ...["AZR-000203", "AZR-000204", "AZR-000205", "CKV_AZURE_39", "Azure Policy a451c1ef"],
  // All resources.
  ...[
    "AZR-000166",
    "AZR-000477",
    "AZR-000167",
    "Azure Policy e56962a6",
    "AZR-000486",
    "AZR-000279",
    "AZR-000316",
  ],
];

test("each of others' rules for what the program declares is held by a rule, or waived", () => {
  const known = new Set([...rules.flatMap(({ sources }) => sources), ...waivers.flatMap(({ ids }) => ids)]);
  expect(expected.filter((id) => !known.has(id))).toEqual([]);
});
