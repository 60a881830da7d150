import { globSync } from "node:fs";
import { basename } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { rules } from "../../policies/rules.ts";
import {
  addProvider,
  addRead,
  type Change,
  exclude,
  inOrder,
  type Refusal,
  remove,
  replaceInPolicy,
  set,
} from "./changes.ts";
import { declareFleet } from "./fleet.ts";
import { type EngineResource, type RunningPack, startPack } from "./pack.ts";
import { alertRefusals } from "./rules/alerts.cases.ts";
import { apiManagementRefusals } from "./rules/api-management.cases.ts";
import { apiPolicyRefusals } from "./rules/api-policy.cases.ts";
import { identityRefusals } from "./rules/identity.cases.ts";
import { importAccountRefusals, withImportAccount } from "./rules/import-account.cases.ts";
import { iotHubRefusals } from "./rules/iot-hub.cases.ts";
import { monitoringRefusals } from "./rules/monitoring.cases.ts";
import { optionRefusals } from "./rules/options.cases.ts";
import { outsiderRefusals } from "./rules/outsiders.cases.ts";
import { retentionRefusals } from "./rules/retention.cases.ts";
import { roleAssignmentRefusals } from "./rules/role-assignments.cases.ts";
import { secretRefusals } from "./rules/secrets.cases.ts";
import { stackRefusals } from "./rules/stack.cases.ts";
import { storageRefusals } from "./rules/storage.cases.ts";

let pack: RunningPack;
let fleet: EngineResource[];
beforeAll(async () => {
  [pack, fleet] = await Promise.all([startPack(), declareFleet()]);
});
afterAll(() => pack.close());

const allRefusals: Refusal[] = [
  ...stackRefusals,
  ...secretRefusals,
  ...storageRefusals,
  ...retentionRefusals,
  ...importAccountRefusals,
  ...iotHubRefusals,
  ...apiManagementRefusals,
  ...apiPolicyRefusals,
  ...identityRefusals,
  ...roleAssignmentRefusals,
  ...monitoringRefusals,
  ...alertRefusals,
  ...optionRefusals,
  ...outsiderRefusals,
];

const nameOf = (urn: string) => urn.split("::").at(-1);

test("no rule refuses the program as it is", async () => {
  expect(await pack.analyze(fleet)).toEqual([]);
});

const refusalRows = allRefusals.map(
  ({ rule, title, resource, change }) => [rule, title, resource, change] as const,
);

test.each(refusalRows)("%s refuses %s", async (ruleId, _, resource, change) => {
  const rule = rules.find(({ id }) => id === ruleId)!;
  const diagnostics = await pack.analyzeByRule(ruleId, change(fleet));
  expect(diagnostics.map(({ urn }) => nameOf(urn))).toContain(resource);
  const { description, reason, remedy, sources } = rule;
  for (const { level, urn, message } of diagnostics) {
    expect(level).toBe("mandatory");
    expect(message).toContain(`${nameOf(urn)}: `);
    for (const part of [description, reason, remedy, sources[0].url, ...sources.map(({ id }) => id)])
      expect(message).toContain(part);
  }
});

test("every mandatory rule refuses at least one change", () => {
  // waivers.test.ts is about the rule that refuses waivers and no change.
  const mandatory = rules
    .filter(({ id, isAdvisory }) => !isAdvisory && id !== "stack-waiver-review")
    .map(({ id }) => id);
  expect(new Set(allRefusals.map(({ rule }) => rule))).toEqual(new Set(mandatory));
});

test("each title of a refusal is unique", () => {
  const titles = allRefusals.map(({ rule, title }) => `${rule} refuses ${title}`);
  expect(new Set(titles).size).toBe(titles.length);
});

test("each rule is in the file that has the name of its id", () => {
  const ids = rules.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const files = globSync("policies/{azure/,}rules/*/*.ts").map((file) => basename(file, ".ts"));
  expect(ids.filter((id) => !files.includes(id))).toEqual([]);
});

test("the engine learns description, severity, remedy, sources and link of each rule", async () => {
  expect(await pack.describeRules()).toEqual(
    rules.map(({ id, description, severity, remedy, sources }) => ({
      name: id,
      description,
      severity,
      remedy,
      tags: sources.map((source) => source.id),
      url: sources[0].url,
    })),
  );
});

test("each source of a rule has an https link, and the same identifier has one link", () => {
  const sources = rules.flatMap((rule) => rule.sources);
  expect(sources.filter(({ url }) => !/^https:\/\/[\w.-]+\/\S+$/.test(url))).toEqual([]);
  const modules = new Set(["Azure Verified Modules"]);
  const pairs = new Map(sources.map(({ id, url }) => [`${id} ${url}`, id]));
  const repeated = [...pairs.values()].filter((id, index, ids) => ids.indexOf(id) !== index);
  expect(repeated.filter((id) => !modules.has(id))).toEqual([]);
});

const acceptedChanges: [title: string, change: Change][] = [
  [
    "a replica in another region with its reason in a tag",
    inOrder(
      set("files-account", "sku.name", "Standard_GZRS"),
      set("files-account", "tags.geoReplicationReason", "The customer's contract asks for a second region."),
    ),
  ],
  [
    "a key table account with a tag that names what it holds",
    set("flow-keys-account", "tags.holds", "flow-keys"),
  ],
  ["a files account with a tag that names what it holds", set("files-account", "tags.holds", "files")],
  ["an account for import jobs that keeps no copies", withImportAccount],
  ["a region as Azure displays it", set("files-account", "location", "West Europe")],
  [
    "an old protocol that is off",
    set("flow-service", "customProperties", {
      "Microsoft.WindowsAzure.ApiManagement.Gateway.Security.Protocols.Tls10": "False",
      "Microsoft.WindowsAzure.ApiManagement.Gateway.Protocols.Server.Http2": "True",
    }),
  ],
  [
    "attributes of the policy in another order",
    replaceInPolicy(
      'name="X-Terminal-Key" exists-action="delete"',
      'exists-action="delete" name="X-Terminal-Key"',
    ),
  ],
  ["an explicit provider", addProvider("azure-native", { location: "westeurope" })],
  [
    "the provider of a versioned package",
    addProvider("azure-native_storage_v20240101", { version: "3.28.0" }),
  ],
  ["a storage account that the program only reads", addRead("azure-native:storage:StorageAccount")],
  ["an unlisted property that is off", set("files-account", "isHnsEnabled", false)],
  ["a property that a provider adds for itself", set("operators-group", "__defaults", ["mailEnabled"])],
  [
    "the version of Azure's API, which its provider adds",
    set("files-account", "azureApiVersion", "2024-01-01"),
  ],
  ["an additional comment in the policy", replaceInPolicy("<inbound>", "<inbound><!-- <base /> is next -->")],
  ["a policy without blanks between elements", replaceInPolicy(/>\s+</g, "><")],
  ["another text of a response", replaceInPolicy("Access denied", "No access")],
  [
    "an output that is an identifier",
    set("terminal-fleet-dev", "tenant", "0123456789abcdef0123456789abcdef"),
  ],
  [
    "an output that is a name as long as a key",
    set("terminal-fleet-dev", "name", "a-resource-with-a-name-of-just-43-letters-x"),
  ],
  [
    'an output with "key" in its name',
    set("terminal-fleet-dev", "flowKeysTableEndpoint", "https://stflowkeysdevabc123.table.core.windows.net/"),
  ],
];

test.each(acceptedChanges)("no rule refuses %s", async (_, change) => {
  expect(await pack.analyze(change(fleet))).toEqual([]);
});

test.each([
  "azure-native:storage/v20240101:StorageAccount",
  "azure-native_storage_v20230101:storage:StorageAccount",
  "azure-native_storage_v20240101:storage/v20240101:StorageAccount",
  "azure-native_storage_v20240101preview:storage:StorageAccount",
])("the rules for storage accounts check the type %s too", async (type) => {
  const versioned = fleet.map((resource) =>
    resource.type.endsWith(":StorageAccount") ? { ...resource, type } : resource,
  );
  expect(await pack.analyze(versioned)).toEqual([]);
  const diagnostics = await pack.analyze(set("files-account", "minimumTlsVersion", "TLS1_0")(versioned));
  expect(diagnostics.map(({ rule }) => rule)).toEqual(["storage-account-minimum-tls"]);
});

test("stack rules check the inputs of a resource, not the outputs that Azure returns", async () => {
  // Azure's answers lack the properties that name another resource.
  const withOutputs = (resources: EngineResource[]) =>
    resources.map((resource) => {
      if (!resource.type.startsWith("azure-native:")) return resource;
      const { accountName, resourceUri, roleDefinitionId, backendId, ...outputs } = resource.properties;
      return { ...resource, outputs: { ...outputs, provisioningState: "Succeeded" } };
    });
  expect(await pack.analyze(withOutputs(fleet))).toEqual([]);
  const wrongService = set(
    "observability-files-blobs-diagnostics",
    "resourceUri",
    "/…/queueServices/default",
  )(fleet);
  const diagnostics = await pack.analyze(withOutputs(wrongService));
  // Neither the logs nor the metrics of the blobs are sent.
  expect(diagnostics.map(({ rule }) => rule)).toEqual([
    "diagnostic-setting-present",
    "diagnostic-setting-present",
  ]);
});

test("of resources that --target excludes, only the exclusion is reported", async () => {
  const diagnostics = await pack.analyze(inOrder(exclude("flow"), exclude("files-account"))(fleet));
  expect(diagnostics.map(({ rule, urn }) => [rule, nameOf(urn)])).toEqual(
    expect.arrayContaining([
      ["stack-complete-first-deployment", "flow"],
      ["stack-complete-first-deployment", "files-account"],
    ]),
  );
  expect(diagnostics).toHaveLength(2);
  expect(await pack.analyze(remove("flow-policy")(fleet))).not.toEqual([]);
});

test("a violation of the API policy names the position, what is there and what must be there", async () => {
  const broken = replaceInPolicy(/<set-header name="X-Terminal-Key" [^>]*>\s*/, "")(fleet);
  const [diagnostic] = await pack.analyze(broken);
  expect(diagnostic?.message).toContain(
    "value differs from policies/allowlists/flow-policy.xml: " +
      'policies/inbound: element 16 is <set-header name="X-Terminal-Id" exists-action="override">; ' +
      'it must be <set-header name="X-Terminal-Key" exists-action="delete">.',
  );
});

test("a violation names property, value, required value, reason, remedy and link", async () => {
  const [diagnostic] = await pack.analyze(set("files-account", "minimumTlsVersion", "TLS1_0")(fleet));
  expect(diagnostic?.message).toBe(
    "A storage account accepts TLS 1.2 or newer only.\n" +
      'files-account: minimumTlsVersion is "TLS1_0"; it must be "TLS1_2".\n' +
      "Reason: Customers are promised TLS 1.2 or newer, and older versions are broken.\n" +
      'Remedy: Set minimumTlsVersion to "TLS1_2".\n' +
      "Source: AZR-000200, CKV_AZURE_44, Azure Policy fe83a0eb " +
      "(https://azure.github.io/PSRule.Rules.Azure/en/rules/Azure.Storage.MinTLS/)",
  );
});

test("a violation does not repeat the value of a secret", async () => {
  const key = `${"Zz0+".repeat(10)}abc=`;
  const diagnostics = await pack.analyze(set("terminal-fleet-dev", "key", key)(fleet));
  expect(diagnostics.length).toBeGreaterThan(0);
  expect(JSON.stringify(diagnostics)).not.toContain(key);
});
