import { type Change, find, inOrder, type Refusal, refusals, remove, set, setSources } from "../changes.ts";
import type { EngineResource } from "../pack.ts";

/** Copies a resource of the files account, so that the copy depends on the account for import jobs. */
function copyForImports(resources: EngineResource[], name: string, newName: string): EngineResource[] {
  const copy = structuredClone(find(resources, name));
  const filesUrn = find(resources, "files-account").urn;
  const importsUrn = filesUrn.replace("files-account", "imports-account");
  return [
    ...resources,
    {
      ...copy,
      name: newName,
      urn: copy.urn.replace(/::[^:]+$/, `::${newName}`),
      properties: JSON.parse(JSON.stringify(copy.properties).replaceAll("stfilesdev", "stimportsdev")),
      dependencies: Object.fromEntries(
        Object.entries(copy.dependencies).map(([property, urns]) => [
          property,
          urns.map((urn) => (urn === filesUrn ? importsUrn : urn)),
        ]),
      ),
    },
  ];
}

const lifecycleActions = "policy.rules.0.definition.actions";

/** Adds an account for import jobs, if the fleet has none. Its inputs hold device keys for minutes. */
export const withImportAccount: Change = (resources) => {
  if (resources.some(({ name }) => name === "imports-account")) return resources;
  const copies: [string, string][] = [
    ["files-account", "imports-account"],
    ["files-blobs", "imports-blobs"],
    ["files-lifecycle", "imports-lifecycle"],
    ["observability-files-account-diagnostics", "observability-imports-account-diagnostics"],
    ["observability-files-blobs-diagnostics", "observability-imports-blobs-diagnostics"],
    ["operators-file-keys", "operators-import-keys"],
  ];
  return inOrder(
    (fleet) => copies.reduce((all, [name, newName]) => copyForImports(all, name, newName), fleet),
    set("imports-account", "tags.holds", "device-imports"),
    set("terminals-hub", "properties.allowedFqdnList", ["stimportsdevabc123.blob.core.windows.net"]),
    setSources("terminals-hub", "properties", "imports-account"),
    set("imports-account", "sasPolicy.sasExpirationPeriod", "1.00:00:00"),
    set("imports-blobs", "deleteRetentionPolicy", { enabled: false }),
    set("imports-blobs", "containerDeleteRetentionPolicy", { enabled: false }),
    set("imports-lifecycle", `${lifecycleActions}.baseBlob.delete.daysAfterModificationGreaterThan`, 1),
    set("imports-lifecycle", `${lifecycleActions}.snapshot.delete.daysAfterCreationGreaterThan`, 1),
  )(resources);
};

const inImports = (resource: string, change: Change): [string, Change] => [
  resource,
  inOrder(withImportAccount, change),
];

export const importAccountRefusals: Refusal[] = [
  ...refusals("import-account-no-recovery", {
    "an import account with soft delete of blobs": inImports(
      "imports-blobs",
      set("imports-blobs", "deleteRetentionPolicy", { enabled: true, days: 7 }),
    ),
    "an import account with soft delete of containers": inImports(
      "imports-blobs",
      set("imports-blobs", "containerDeleteRetentionPolicy", { enabled: true, days: 7 }),
    ),
    "an import account with versions": inImports(
      "imports-blobs",
      set("imports-blobs", "isVersioningEnabled", true),
    ),
    "an import account with a change feed": inImports(
      "imports-blobs",
      set("imports-blobs", "changeFeed", { enabled: true }),
    ),
    "an import account without a blob service": inImports("imports-account", remove("imports-blobs")),
    "an import account without a lifecycle policy": inImports("imports-account", remove("imports-lifecycle")),
    "a lifecycle rule that deletes inputs after 2 days": inImports(
      "imports-account",
      set("imports-lifecycle", `${lifecycleActions}.baseBlob.delete.daysAfterModificationGreaterThan`, 2),
    ),
    "a lifecycle rule that keeps append blobs of import jobs": inImports(
      "imports-account",
      set("imports-lifecycle", "policy.rules.0.definition.filters.blobTypes", ["blockBlob"]),
    ),
    "an import account with a SAS policy of 2 days": inImports(
      "imports-account",
      set("imports-account", "sasPolicy.sasExpirationPeriod", "2.00:00:00"),
    ),
    "an import account with a replica in another region, also with a reason": inImports(
      "imports-account",
      inOrder(
        set("imports-account", "sku.name", "Standard_GZRS"),
        set("imports-account", "tags.geoReplicationReason", "The customer wants a copy of the keys."),
      ),
    ),
    "a files account that is tagged as the import account": [
      "files-blobs",
      set("files-account", "tags.holds", "device-imports"),
    ],
  }),
  ...refusals("storage-account-shared-key-access", {
    "an import account without account keys": inImports(
      "imports-account",
      set("imports-account", "allowSharedKeyAccess", false),
    ),
  }),
  ...refusals("storage-account-region", {
    "an import account in Norway East": inImports(
      "imports-account",
      set("imports-account", "location", "norwayeast"),
    ),
  }),
  ...refusals("role-assignment-required", {
    "operators who cannot list the keys of the import account": inImports(
      "imports-account",
      remove("operators-import-keys"),
    ),
  }),
  ...refusals("diagnostic-setting-present", {
    "an import account without logs": inImports(
      "imports-account",
      remove("observability-imports-blobs-diagnostics"),
    ),
  }),
  ...refusals("iot-hub-outbound-import-account", {
    "an IoT Hub that connects to the files account when there is an import account": inImports(
      "terminals-hub",
      set("terminals-hub", "properties.allowedFqdnList", ["stfilesdevabc123.blob.core.windows.net"]),
    ),
  }),
  ...refusals("storage-account-one-per-purpose", {
    "an import account without a tag, which counts as a second files account": inImports(
      "imports-account",
      set("imports-account", "tags.holds", undefined),
    ),
    "a stack without a files account, because its tag names device imports": [
      "terminal-fleet-dev",
      set("files-account", "tags.holds", "device-imports"),
    ],
  }),
];
