import type { DeclaredResource } from "../../../tools/export-arm/declared-resources.ts";

/* Changes of the program for each definition of Azure Policy: what is met must fail, and what fails must be met. */

export type Change = (resource: DeclaredResource) => void;

/** Sets or removes a property. A path that starts with a slash leads into the resource beside its properties. */
const set =
  (path: string, value?: unknown): Change =>
  (resource) => {
    const parts = path.replace(/^\//, "").split(".");
    let target = (path.startsWith("/") ? resource : resource.properties) as Record<string, unknown>;
    for (const part of parts.slice(0, -1)) {
      target[part] ??= {};
      target = target[part] as Record<string, unknown>;
    }
    if (value === undefined) delete target[parts.at(-1)!];
    else target[parts.at(-1)!] = value;
  };

/** Turns a resource into one of another type in the same place. */
const become =
  (type: string, properties: Record<string, unknown>): Change =>
  (resource) => {
    Object.assign(resource, { type, properties });
  };

const properties =
  (values: Record<string, unknown>): Change =>
  (resource) => {
    Object.assign(resource.properties, values);
  };

/** The access settings of an API Management service, with its direct management endpoint off. */
const asTenantAccess: Change = (resource) => {
  Object.assign(resource, { type: `${apim}/tenant`, name: "service/access", properties: { enabled: false } });
};

const apim = "Microsoft.ApiManagement/service";
const storage = "Microsoft.Storage/storageAccounts";
const customerKey = { keySource: "Microsoft.Keyvault", services: { queue: {}, table: {} } };
const accountKeys = { queue: { keyType: "Account" }, table: { keyType: "Account" } };

const auditOnly = set("logs", [
  { categoryGroup: "audit", enabled: true },
  { categoryGroup: "allLogs", enabled: false },
]);

/** A definition by the first group of its ID, and a change of the program after which a resource meets it or not. */
export interface DefinitionCase {
  id: string;
  /** Name of the judged resource. */
  resource: string;
  isMet: boolean;
  /** Changes by the name of the resource. */
  changes: Record<string, Change>;
}

const one = (id: string, resource: string, isMet: boolean, change: Change): DefinitionCase => ({
  id,
  resource,
  isMet,
  changes: { [resource]: change },
});
const meets = (id: string, resource: string, change: Change) => one(id, resource, true, change);
const violates = (id: string, resource: string, change: Change) => one(id, resource, false, change);

const storageCases: DefinitionCase[] = [
  meets("404c3081", "files-account", set("supportsHttpsTrafficOnly")),
  violates("404c3081", "files-account", set("supportsHttpsTrafficOnly", false)),
  violates("fe83a0eb", "files-account", set("minimumTlsVersion", "TLS1_1")),
  violates("4fa4b6c0", "files-account", set("allowBlobPublicAccess")),
  meets("8c6a50c6", "files-account", set("allowSharedKeyAccess", false)),
  violates("8c6a50c6", "audit-account", set("allowSharedKeyAccess")),
  meets("fd9903f1", "files-account", set("allowSharedKeyAccess", false)),
  violates("bc1b984e", "files-account", set("sasPolicy")),
  meets("7aa1c9d5", "files-account", set("sasPolicy.sasExpirationPeriod", "7.00:00:00")),
  violates("7aa1c9d5", "audit-account", set("sasPolicy.sasExpirationPeriod", "7.00:00:01")),
  violates("7aa1c9d5", "audit-account", set("sasPolicy.expirationAction", "Log")),
  violates("044985bb", "files-account", set("keyCreationTime", { key1: "2020-01-01T00:00:00.0000000Z" })),
  violates("92a89a79", "files-account", set("allowCrossTenantReplication", true)),
  meets("34c877ad", "files-account", set("networkAcls.defaultAction", "Deny")),
  meets("b2982f36", "files-account", set("publicNetworkAccess", "Disabled")),
  meets("2a1a9cdf", "files-account", set("networkAcls", { defaultAction: "Deny" })),
  violates(
    "2a1a9cdf",
    "files-account",
    set("networkAcls", { defaultAction: "Deny", ipRules: [{ value: "1.2.3.4" }] }),
  ),
  meets("db4f9b05", "files-account", set("networkAcls", { defaultAction: "Deny" })),
  meets("7809fda1", "files-account", set("networkAcls.defaultAction", "Deny")),
  meets(
    "60d21c4f",
    "files-account",
    set("networkAcls", { defaultAction: "Deny", virtualNetworkRules: [{ id: "/a" }] }),
  ),
  meets("c9d007d0", "files-account", set("networkAcls.bypass")),
  violates("c9d007d0", "files-account", set("networkAcls.bypass", "Logging")),
  violates("4733ea7b", "files-account", set("encryption.requireInfrastructureEncryption")),
  meets("6fac406b", "files-account", set("encryption.keySource", "Microsoft.Keyvault")),
  meets("f0e5abd0", "files-account", set("encryption", { ...customerKey, services: accountKeys })),
  violates("f0e5abd0", "files-account", set("encryption", customerKey)),
  meets("7c322315", "files-account", set("encryption", { ...customerKey, services: accountKeys })),
  violates("7c322315", "files-account", set("encryption", customerKey)),
  meets("bf045164", "files-account", set("/sku.name", "Standard_GZRS")),
  violates("85b005b2", "files-account", set("/sku.name", "Standard_GRS")),
  violates("85b005b2", "files-account", set("/kind", "Storage")),
  violates("7433c107", "files-account", set("/sku.name", "Standard_LRS")),
  meets("c36a325b", "files-blobs", set("isVersioningEnabled", true)),
  violates("c36a325b", "files-blobs", set("isVersioningEnabled", false)),
  meets(
    "bfecdea6",
    "files-blobs",
    become(`${storage}/encryptionScopes`, { requireInfrastructureEncryption: true }),
  ),
  violates("bfecdea6", "files-blobs", become(`${storage}/encryptionScopes`, {})),
  meets("b5ec538c", "files-blobs", become(`${storage}/encryptionScopes`, { source: "Microsoft.Keyvault" })),
  violates("b5ec538c", "files-blobs", become(`${storage}/encryptionScopes`, {})),
  violates("e56962a6", "files-account", set("/location", "northeurope")),
  violates("0a914e76", "files-account", set("/location", "norwayeast")),
  violates("871b6d14", "files-account", set("/tags.owner")),
  violates("37e0d2fe", "files-account", become("Microsoft.ClassicStorage/storageAccounts", {})),
];

const otherCases: DefinitionCase[] = [
  violates("672d56b3", "terminals-hub", set("disableLocalAuth")),
  meets("2d6830fb", "terminals-hub", set("publicNetworkAccess", "Disabled")),
  meets(
    "0d40b058",
    "terminals-hub",
    set("privateEndpointConnections", [{ privateLinkServiceConnectionState: { status: "Approved" } }]),
  ),
  violates(
    "0d40b058",
    "terminals-hub",
    set("privateEndpointConnections", [{ privateLinkServiceConnectionState: { status: "Pending" } }]),
  ),
  meets(
    "2d7e144b",
    "terminals-hub",
    set("encryption", { keyVaultProperties: [{ keyIdentifier: "https://kv/keys/1" }] }),
  ),
  meets("73ef9241", "flow-service", set("/sku.name", "Premium")),
  violates("ef619a2c", "flow-service", set("/sku.name", "Premium")),
  violates("1dc2fc00", "flow-service", set("platformVersion", "stv1")),
  meets("42daa904", "flow-service", (resource) =>
    Object.assign(resource, { sku: { name: "Premium" }, zones: ["1", "2"] }),
  ),
  meets("b741306c", "flow-api", become(`${apim}/tenant`, { enabled: false })),
  violates("b741306c", "flow-api", become(`${apim}/tenant`, { enabled: true })),
  meets("ffe25541", "flow-api", become(`${apim}/portalconfigs`, { enableBasicAuth: false })),
  violates("ffe25541", "flow-api", become(`${apim}/portalconfigs`, {})),
  violates("ee7495e7", "flow-api", set("protocols", ["https", "ws"])),
  meets("3aa03346", "flow-api", become(`${apim}/subscriptions`, { scope: "/x/apis", state: "suspended" })),
  violates("3aa03346", "flow-api", become(`${apim}/subscriptions`, { scope: "/x/apis", state: "active" })),
  meets(
    "f1cc7827",
    "flow-api",
    become(`${apim}/namedValues`, {
      displayName: "k",
      secret: true,
      keyVault: { secretIdentifier: "https://kv/1" },
    }),
  ),
  violates("f1cc7827", "flow-api", become(`${apim}/namedValues`, { displayName: "k", secret: true })),
  violates("d5448c98", "flow-policy", set("value", "<policies><inbound /></policies>")),
  meets(
    "d5448c98",
    "flow-policy",
    set(
      "value",
      "<policies><inbound><base /></inbound><backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>",
    ),
  ),
  meets("c15dcc82", "flow-backend", set("credentials", { certificate: ["thumbprint"] })),
  meets("c15dcc82", "flow-backend", set("credentials", { authorization: { scheme: "a", parameter: "b" } })),
  violates("c15dcc82", "flow-backend", set("credentials", { certificate: [] })),
  meets("92bb331d", "flow-backend", set("tls")),
  violates("92bb331d", "flow-backend", set("tls.validateCertificateName", false)),
  violates("e15effd4", "observability-workspace", set("features.disableLocalAuth", false)),
  meets(
    "6c53d030",
    "observability-workspace",
    properties({ publicNetworkAccessForIngestion: "Disabled", publicNetworkAccessForQuery: "Disabled" }),
  ),
  meets("fa298e57", "observability-workspace", set("forceCmkForQuery", true)),
  meets(
    "94c1f94d",
    "observability-alerts-file-keys-refused",
    set("checkWorkspaceAlertsStorageConfigured", true),
  ),
  violates("e765b5de", "terminals", set("/location", "northeurope")),
  meets("a451c1ef", "operators-audit-role", set("type", "BuiltInRole")),
  violates("96670d01", "terminals", set("/tags.owner")),
];

/** Definitions about a related resource. */
const relatedCases: DefinitionCase[] = [
  {
    id: "383856f8",
    resource: "terminals-hub",
    isMet: false,
    changes: { "observability-hub-diagnostics": set("logs", [{ categoryGroup: "allLogs", enabled: false }]) },
  },
  {
    id: "383856f8",
    resource: "terminals-hub",
    isMet: false,
    changes: {
      "observability-hub-diagnostics": set("logs", [
        { enabled: true, retentionPolicy: { enabled: true, days: 90 } },
      ]),
    },
  },
  {
    id: "614d9fbd",
    resource: "terminals-hub",
    isMet: true,
    changes: { "observability-hub-diagnostics": auditOnly },
  },
  {
    id: "567c93f7",
    resource: "flow-service",
    isMet: true,
    changes: { "observability-flow-diagnostics": auditOnly },
  },
  {
    id: "818719e5",
    resource: "observability-workspace",
    isMet: true,
    changes: { "observability-workspace-diagnostics": auditOnly },
  },
  {
    id: "59759c62",
    resource: "files-account",
    isMet: false,
    changes: {
      "observability-files-account-diagnostics": set("metrics", [
        { category: "Transaction", enabled: false },
      ]),
    },
  },
  {
    id: "b4fe1a3b",
    resource: "files-blobs",
    isMet: false,
    changes: { "observability-files-blobs-diagnostics": set("workspaceId", "/another") },
  },
  {
    id: "9fbd64e3",
    resource: "files-account",
    isMet: false,
    changes: { "files-blobs": set("containerDeleteRetentionPolicy.enabled", false) },
  },
  {
    id: "6edd7eda",
    resource: "files-account",
    isMet: true,
    changes: {
      "files-lifecycle": become(`${storage}/privateEndpointConnections`, {
        privateLinkServiceConnectionState: { status: "Approved" },
      }),
    },
  },
  {
    id: "1604f626",
    resource: "files-account",
    isMet: true,
    changes: {
      "files-lifecycle": become(`${storage}/privateEndpointConnections`, {
        privateLinkServiceConnectionState: { status: "Approved" },
      }),
    },
  },
  {
    id: "4510daf9",
    resource: "files-account",
    isMet: true,
    changes: { "files-lifecycle": become("Microsoft.DataProtection/backupInstances", {}) },
  },
  {
    id: "25a70cc8",
    resource: "files-blobs",
    isMet: true,
    changes: { "files-blobs": become(`${storage}/fileServices`, {}) },
  },
  {
    id: "25a70cc8",
    resource: "files-blobs",
    isMet: false,
    changes: {
      "files-blobs": become(`${storage}/fileServices`, {}),
      "observability-files-blobs-diagnostics": set("logs", [{ enabled: false }]),
    },
  },
  {
    id: "7bd000e3",
    resource: "files-blobs",
    isMet: false,
    changes: { "files-blobs": become(`${storage}/queueServices`, {}) },
  },
  {
    id: "7bd000e3",
    resource: "files-blobs",
    isMet: true,
    changes: {
      "files-blobs": become(`${storage}/queueServices`, {}),
      "observability-files-blobs-diagnostics": set("metrics", [{ enabled: false }]),
    },
  },
  {
    id: "2fb86bf3",
    resource: "files-blobs",
    isMet: false,
    changes: { "files-blobs": become(`${storage}/tableServices`, {}) },
  },
  {
    id: "2fb86bf3",
    resource: "files-blobs",
    isMet: true,
    changes: {
      "files-blobs": become(`${storage}/tableServices`, {}),
      "observability-files-blobs-diagnostics": set("metrics", [{ enabled: false }]),
    },
  },
  {
    id: "df73bd95",
    resource: "flow-service",
    isMet: true,
    changes: { "flow-api": asTenantAccess },
  },
];

export const definitionCases: DefinitionCase[] = [...storageCases, ...otherCases, ...relatedCases];
