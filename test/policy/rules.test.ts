import { afterAll, beforeAll, expect, test } from "vitest";
import { rules } from "../../policies/rules.ts";
import { changed, fleet, withOne, without } from "./fleet.ts";
import { type Pack, type Shown, startPack } from "./pack.ts";

let pack: Pack;
let good: Shown[];
beforeAll(async () => {
  [pack, good] = await Promise.all([startPack(), fleet()]);
});
afterAll(() => pack.close());

const set = (name: string, path: string, value: unknown) => (resources: Shown[]) =>
  changed(resources, name, path, value);
const drop = (name: string) => (resources: Shown[]) => without(resources, name);
const add = (type: string, properties: Record<string, unknown>) => (resources: Shown[]) =>
  withOne(resources, type, properties);
const inPolicy = (from: string | RegExp, to: string) => (resources: Shown[]) => {
  const policy = resources.find(({ name }) => name === "flow-policy")!;
  return changed(resources, "flow-policy", "value", String(policy.properties.value).replace(from, to));
};

/** A change that a rule refuses, and the resource that it must name. */
const refused: [rule: string, resource: string, change: (resources: Shown[]) => Shown[]][] = [
  ["tls-1-2", "files-account", set("files-account", "minimumTlsVersion", "TLS1_0")],
  ["tls-1-2", "flow-keys-account", set("flow-keys-account", "minimumTlsVersion", undefined)],
  ["tls-1-2", "terminals-hub", set("terminals-hub", "properties.minTlsVersion", undefined)],
  [
    "tls-1-2",
    "flow-service",
    set("flow-service", "customProperties", {
      "Microsoft.WindowsAzure.ApiManagement.Gateway.Security.Protocols.Tls10": "True",
    }),
  ],
  ["https-only", "files-account", set("files-account", "enableHttpsTrafficOnly", false)],
  ["https-only", "flow-api", set("flow-api", "protocols", ["https", "http"])],
  ["https-only", "flow-api", set("flow-api", "protocols", undefined)],
  ["https-only", "flow-api", set("flow-api", "serviceUrl", "http://flow.example.com")],
  ["https-only", "flow-backend", set("flow-backend", "url", "http://flow.example.com")],
  ["backend-certificate-checked", "flow-backend", set("flow-backend", "tls.validateCertificateName", false)],
  ["backend-certificate-checked", "flow-backend", set("flow-backend", "tls", undefined)],
  ["allowed-regions", "terminals-hub", set("terminals-hub", "location", "northeurope")],
  ["allowed-regions", "terminals-hub", set("terminals-hub", "location", "norwayeast")],
  ["allowed-regions", "files-account", set("files-account", "location", "Norway East")],
  ["allowed-regions", "flow-service", set("flow-service", "location", "westeurope")],
  ["allowed-regions", "flow-service", set("flow-service", "additionalLocations", [{ location: "eastus" }])],
  ["allowed-regions", "flow", set("flow", "location", "swedencentral")],
  ["allowed-regions", "observability-workspace", set("observability-workspace", "location", undefined)],
  ["no-copy-in-another-region", "files-account", set("files-account", "sku.name", "Standard_GZRS")],
  ["no-copy-in-another-region", "files-account", set("files-account", "sku.name", "Standard_RAGZRS")],
  [
    "no-copy-in-another-region",
    "observability-workspace",
    set("observability-workspace", "replication", { enabled: true, location: "northeurope" }),
  ],
  ["zone-redundant", "flow-keys-account", set("flow-keys-account", "sku.name", "Standard_LRS")],
  ["sas-lifetime", "files-account", set("files-account", "sasPolicy.sasExpirationPeriod", "30.00:00:01")],
  ["sas-lifetime", "files-account", set("files-account", "sasPolicy.sasExpirationPeriod", "a while")],
  ["sas-lifetime", "files-account", set("files-account", "sasPolicy.expirationAction", "Log")],
  ["sas-lifetime", "flow-keys-account", set("flow-keys-account", "sasPolicy", undefined)],
  ["key-expiry", "files-account", set("files-account", "keyPolicy", undefined)],
  ["key-expiry", "files-account", set("files-account", "keyPolicy.keyExpirationPeriodInDays", 365)],
  ["no-public-access", "files-account", set("files-account", "allowBlobPublicAccess", true)],
  ["no-public-access", "files-account", set("files-account", "allowBlobPublicAccess", undefined)],
  ["no-public-access", "added", add("azure-native:storage:BlobContainer", { publicAccess: "Blob" })],
  [
    "account-keys-for-files-only",
    "flow-keys-account",
    set("flow-keys-account", "allowSharedKeyAccess", true),
  ],
  ["account-keys-for-files-only", "files-account", set("files-account", "allowSharedKeyAccess", undefined)],
  ["no-other-ways-into-storage", "files-account", set("files-account", "isLocalUserEnabled", true)],
  [
    "no-other-ways-into-storage",
    "files-account",
    set("files-account", "allowCrossTenantReplication", undefined),
  ],
  ["no-other-ways-into-storage", "files-account", set("files-account", "isSftpEnabled", true)],
  ["no-other-ways-into-storage", "files-account", set("files-account", "networkRuleSet.bypass", "None")],
  ["infrastructure-encryption", "files-account", set("files-account", "encryption", undefined)],
  ["soft-delete", "files-blobs", set("files-blobs", "deleteRetentionPolicy.enabled", false)],
  ["soft-delete", "files-blobs", set("files-blobs", "containerDeleteRetentionPolicy", undefined)],
  ["soft-delete", "files-blobs", set("files-blobs", "deleteRetentionPolicy.days", 90)],
  ["soft-delete", "files-blobs", set("files-blobs", "isVersioningEnabled", true)],
  [
    "table-opens-to-entra-id-only",
    "flow-keys-table",
    set("flow-keys-table", "signedIdentifiers", [{ id: "all" }]),
  ],
  ["no-hub-level-sas", "terminals-hub", set("terminals-hub", "properties.disableLocalAuth", false)],
  ["no-hub-level-sas", "terminals-hub", set("terminals-hub", "properties.disableModuleSAS", undefined)],
  [
    "no-hub-level-sas",
    "terminals-hub",
    set("terminals-hub", "properties.authorizationPolicies", [
      { keyName: "service", rights: "ServiceConnect" },
    ]),
  ],
  ["terminals-keep-their-door", "terminals-hub", set("terminals-hub", "properties.disableDeviceSAS", true)],
  [
    "terminals-keep-their-door",
    "terminals-hub",
    set("terminals-hub", "properties.publicNetworkAccess", "Disabled"),
  ],
  [
    "hub-sends-to-named-hosts-only",
    "terminals-hub",
    set("terminals-hub", "properties.restrictOutboundNetworkAccess", false),
  ],
  [
    "hub-sends-to-named-hosts-only",
    "terminals-hub",
    set("terminals-hub", "properties.allowedFqdnList", ["*.blob.core.windows.net"]),
  ],
  [
    "no-connection-strings-in-the-hub",
    "terminals-hub",
    set("terminals-hub", "properties.storageEndpoints", {
      $default: { connectionString: "AccountName=files" },
    }),
  ],
  ["gateway-identity", "flow-service", set("flow-service", "identity", undefined)],
  ["gateway-identity", "flow-service", set("flow-service", "apiVersionConstraint", undefined)],
  ["api-needs-subscription", "flow-api", set("flow-api", "subscriptionRequired", false)],
  ["api-policy-keeps-both-doors", "flow-policy", inPolicy(/<outbound>\s*<base \/>/, "<outbound>")],
  ["api-policy-keeps-both-doors", "flow-policy", inPolicy(/<send-request[\s\S]*<\/send-request>/, "")],
  ["api-policy-keeps-both-doors", "flow-policy", inPolicy(/<set-header name="X-Terminal-Key" [^>]*>/, "")],
  ["api-policy-keeps-both-doors", "flow-policy", inPolicy(/<set-query-parameter [^>]*>/, "")],
  ["api-policy-keeps-both-doors", "flow-policy", inPolicy(/<rate-limit-by-key [^>]*>/g, "")],
  [
    "api-policy-keeps-both-doors",
    "flow-policy",
    inPolicy("<choose>", '<cache-lookup-value key="row" variable-name="row" /><choose>'),
  ],
  [
    "api-policy-keeps-both-doors",
    "flow-policy",
    inPolicy("<choose>", "<cors><allowed-origins><origin>*</origin></allowed-origins></cors><choose>"),
  ],
  [
    "roles-no-wider-than-needed",
    "operators-hub-registry",
    set("operators-hub-registry", "scope", "/subscriptions/s/resourceGroups/rg-terminals-dev"),
  ],
  [
    "roles-no-wider-than-needed",
    "operators-hub-reader",
    set(
      "operators-hub-reader",
      "roleDefinitionId",
      "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/b24988ac-6180-42a0-ab88-20f7382dd24c",
    ),
  ],
  [
    "roles-no-wider-than-needed",
    "operators-flow-keys-role",
    set("operators-flow-keys-role", "permissions", [{ actions: ["Microsoft.ApiManagement/service/*"] }]),
  ],
  [
    "roles-no-wider-than-needed",
    "operators-flow-keys-role",
    set("operators-flow-keys-role", "permissions", [
      { actions: ["Microsoft.Authorization/roleAssignments/write"] },
    ]),
  ],
  [
    "roles-no-wider-than-needed",
    "operators-flow-keys-role",
    set("operators-flow-keys-role", "assignableScopes", ["/subscriptions/s"]),
  ],
  [
    "roles-for-groups-and-services",
    "operators-hub-twins",
    set("operators-hub-twins", "principalType", "User"),
  ],
  [
    "roles-for-groups-and-services",
    "operators-hub-twins",
    set("operators-hub-twins", "principalType", undefined),
  ],
  ["role-assignments-repeatable", "flow-reads-keys", set("flow-reads-keys", "roleAssignmentName", undefined)],
  ["required-tags", "terminals-hub", set("terminals-hub", "tags.owner", undefined)],
  ["required-tags", "terminals", set("terminals", "tags", undefined)],
  ["required-tags", "observability-alerts-people", set("observability-alerts-people", "tags.costCentre", "")],
  [
    "program-makes-no-secret",
    "added",
    add("azure-native:apimanagement:Subscription", { displayName: "shared" }),
  ],
  ["program-makes-no-secret", "added", add("random:index/randomPassword:RandomPassword", { length: 32 })],
  [
    "program-makes-no-secret",
    "operators-application",
    set("operators-application", "password", { displayName: "pipeline" }),
  ],
  [
    "program-makes-no-secret",
    "added",
    add("azure-native:apimanagement:NamedValue", { secret: true, value: "x" }),
  ],
  [
    "program-makes-no-secret",
    "flow-backend",
    set("flow-backend", "credentials", { authorization: { scheme: "Bearer", parameter: "x" } }),
  ],
  ["no-secret-in-outputs", "terminal-fleet-dev", set("terminal-fleet-dev", "key", `${"A".repeat(43)}=`)],
  [
    "no-secret-in-outputs",
    "terminal-fleet-dev",
    set("terminal-fleet-dev", "keys.one", `${"A".repeat(86)}==`),
  ],
  [
    "no-secret-in-outputs",
    "terminal-fleet-dev",
    set("terminal-fleet-dev", "hub", "HostName=h;SharedAccessKey=x"),
  ],
  [
    "no-secret-in-outputs",
    "terminal-fleet-dev",
    set("terminal-fleet-dev", "link", `https://a.blob.core.windows.net/c/b?sv=1&sig=${"a".repeat(43)}%3D`),
  ],
  ["diagnostics-present", "terminals-hub", drop("observability-hub-diagnostics")],
  ["diagnostics-present", "flow-service", drop("observability-flow-diagnostics")],
  ["diagnostics-present", "observability-workspace", drop("observability-workspace-diagnostics")],
  ["diagnostics-present", "files-account", drop("observability-files-blobs-diagnostics")],
  ["diagnostics-present", "files-account", drop("observability-files-account-diagnostics")],
  ["diagnostics-present", "flow-keys-account", drop("observability-keys-tables-diagnostics")],
  [
    "diagnostics-present",
    "terminals-hub",
    set("observability-hub-diagnostics", "logs", [{ categoryGroup: "allLogs", enabled: false }]),
  ],
  ["diagnostics-present", "terminals-hub", set("observability-hub-diagnostics", "workspaceId", undefined)],
  ["files-are-deleted", "files-account", drop("files-lifecycle")],
  ["files-are-deleted", "files-account", set("files-lifecycle", "policy.rules.0.enabled", false)],
  [
    "files-are-deleted",
    "files-account",
    set(
      "files-lifecycle",
      "policy.rules.0.definition.actions.baseBlob.delete.daysAfterModificationGreaterThan",
      31,
    ),
  ],
  [
    "files-are-deleted",
    "files-account",
    set("files-lifecycle", "policy.rules.0.definition.filters.prefixMatch", ["one/"]),
  ],
  ["files-can-be-recovered", "files-account", drop("files-blobs")],
  [
    "audit-is-append-only",
    "audit-immutability",
    set("audit-immutability", "allowProtectedAppendWrites", false),
  ],
  [
    "audit-is-append-only",
    "audit-immutability",
    set("audit-immutability", "allowProtectedAppendWritesAll", true),
  ],
  [
    "audit-is-append-only",
    "audit-immutability",
    set("audit-immutability", "immutabilityPeriodSinceCreationInDays", 29),
  ],
  ["audit-log-is-kept", "terminals-hub", drop("audit-immutability")],
  ["audit-log-is-kept", "terminals-hub", drop("audit-container")],
  ["audit-log-is-kept", "audit-account", set("audit-account", "allowSharedKeyAccess", true)],
  [
    "audit-log-is-kept",
    "audit-account",
    set(
      "audit-lifecycle",
      "policy.rules.0.definition.actions.baseBlob.delete.daysAfterModificationGreaterThan",
      29,
    ),
  ],
  ["diagnostics-present", "audit-account", drop("observability-audit-blobs-diagnostics")],
  ["needed-roles-present", "audit-container", drop("operators-audit")],
  ["needed-roles-present", "terminals-hub", drop("operators-hub-imports")],
  ["needed-roles-present", "terminals-hub", drop("operators-hub-registry")],
  ["needed-roles-present", "terminals-hub", drop("operators-hub-twins")],
  ["needed-roles-present", "terminals-hub", drop("operators-hub-reader")],
  ["needed-roles-present", "files-account", drop("operators-file-keys")],
  ["needed-roles-present", "flow-keys-table", drop("operators-flow-rows")],
  ["needed-roles-present", "flow-keys-table", drop("flow-reads-keys")],
  ["needed-roles-present", "flow-service", drop("operators-flow-keys")],
  ["needed-roles-present", "flow-service", drop("operators-flow-keys-role")],
  [
    "needed-roles-present",
    "flow-keys-table",
    set("flow-reads-keys", "roleDefinitionId", "/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7"),
  ],
];

test("the program as it is passes every rule", async () => {
  expect(await pack.judge(good)).toEqual([]);
});

test.each(refused)("%s refuses a change of %s (%#)", async (rule, resource, change) => {
  const found = await pack.judge(change(good));
  expect(found.map((violation) => violation.rule)).toContain(rule);
  for (const violation of found.filter((each) => each.rule === rule)) {
    const stated = rules.find(({ name }) => name === rule)!;
    expect(violation.level).toBe("mandatory");
    expect(violation.urn.split("::").at(-1)).toBe(resource);
    expect(violation.message).toContain(`${resource}: `);
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

test("an API version in the type does not hide a resource from the rules", async () => {
  const versioned = changed(good, "files-account", "minimumTlsVersion", "TLS1_0").map((resource) => ({
    ...resource,
    type: resource.type.replace("storage:StorageAccount", "storage/v20240101:StorageAccount"),
  }));
  expect((await pack.judge(versioned)).map(({ rule }) => rule)).toContain("tls-1-2");
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

test("the value of a secret is not repeated", async () => {
  const key = `${"Zz0+".repeat(10)}abc=`;
  const found = await pack.judge(changed(good, "terminal-fleet-dev", "key", key));
  expect(found.length).toBeGreaterThan(0);
  expect(JSON.stringify(found)).not.toContain(key);
});
