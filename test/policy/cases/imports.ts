import { both, type Change, drop, madeFrom, named, type Refused, set } from "../changes.ts";
import type { Shown } from "../pack.ts";

/** Another resource like one of the fleet, made from a new account where that one is made from the files'. */
function likeOne(resources: Shown[], name: string, newName: string): Shown[] {
  const copy = structuredClone(named(resources, name));
  const [files, imports] = ["files-account", "imports-account"].map((account) =>
    named(resources, "files-account").urn.replace("files-account", account),
  ) as [string, string];
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
          urns.map((urn) => (urn === files ? imports : urn)),
        ]),
      ),
    },
  ];
}

/** The fleet with the account for import jobs, whose input holds terminals' keys for minutes. */
export const withImports: Change = (resources) => {
  if (resources.some(({ name }) => name === "imports-account")) return resources;
  const copies: [string, string][] = [
    ["files-account", "imports-account"],
    ["files-blobs", "imports-blobs"],
    ["files-lifecycle", "imports-lifecycle"],
    ["observability-files-account-diagnostics", "observability-imports-account-diagnostics"],
    ["observability-files-blobs-diagnostics", "observability-imports-blobs-diagnostics"],
    ["operators-file-keys", "operators-import-keys"],
  ];
  const actions = "policy.rules.0.definition.actions";
  return both(
    (fleet) => copies.reduce((all, [name, newName]) => likeOne(all, name, newName), fleet),
    set("imports-account", "tags.holds", "device-imports"),
    set("terminals-hub", "properties.allowedFqdnList", ["stimportsdevabc123.blob.core.windows.net"]),
    madeFrom("terminals-hub", "properties", "imports-account"),
    set("imports-account", "sasPolicy.sasExpirationPeriod", "1.00:00:00"),
    set("imports-blobs", "deleteRetentionPolicy", { enabled: false }),
    set("imports-blobs", "containerDeleteRetentionPolicy", { enabled: false }),
    set("imports-lifecycle", `${actions}.baseBlob.delete.daysAfterModificationGreaterThan`, 1),
    set("imports-lifecycle", `${actions}.snapshot.delete.daysAfterCreationGreaterThan`, 1),
  )(resources);
};

const imports = (rule: string, resource: string, change: Change): Refused => [
  rule,
  resource,
  both(withImports, change),
];
const leaves = (resource: string, change: Change) => imports("import-keys-leave-no-trace", resource, change);

/** The account for import jobs: what is deleted there must be gone. */
export const importCases: Refused[] = [
  leaves("imports-blobs", set("imports-blobs", "deleteRetentionPolicy", { enabled: true, days: 7 })),
  leaves("imports-blobs", set("imports-blobs", "containerDeleteRetentionPolicy", { enabled: true, days: 7 })),
  leaves("imports-blobs", set("imports-blobs", "isVersioningEnabled", true)),
  leaves("imports-blobs", set("imports-blobs", "changeFeed", { enabled: true })),
  leaves("imports-account", drop("imports-blobs")),
  leaves("imports-account", drop("imports-lifecycle")),
  leaves(
    "imports-account",
    set(
      "imports-lifecycle",
      "policy.rules.0.definition.actions.baseBlob.delete.daysAfterModificationGreaterThan",
      2,
    ),
  ),
  leaves(
    "imports-account",
    set("imports-lifecycle", "policy.rules.0.definition.filters.blobTypes", ["blockBlob"]),
  ),
  leaves("imports-account", set("imports-account", "sasPolicy.sasExpirationPeriod", "2.00:00:00")),
  leaves(
    "imports-account",
    both(
      set("imports-account", "sku.name", "Standard_GZRS"),
      set("imports-account", "tags.geoReplicationReason", "Somebody wants a copy of the keys."),
    ),
  ),
  imports(
    "account-keys-only-where-needed",
    "imports-account",
    set("imports-account", "allowSharedKeyAccess", false),
  ),
  imports("accounts-in-their-region", "imports-account", set("imports-account", "location", "norwayeast")),
  imports("needed-roles-present", "imports-account", drop("operators-import-keys")),
  imports("diagnostics-present", "imports-account", drop("observability-imports-blobs-diagnostics")),
  imports(
    "hub-sends-to-the-imports-only",
    "terminals-hub",
    set("terminals-hub", "properties.allowedFqdnList", ["stfilesdevabc123.blob.core.windows.net"]),
  ),
  // An account without the tag is taken for one of files, of which there is one already.
  imports("one-account-for-each-purpose", "imports-account", set("imports-account", "tags.holds", undefined)),
  // The files' account that calls itself one of imports may not be without soft delete, nor keep files for 30 days.
  ["import-keys-leave-no-trace", "files-blobs", set("files-account", "tags.holds", "device-imports")],
  [
    "one-account-for-each-purpose",
    "terminal-fleet-dev",
    set("files-account", "tags.holds", "device-imports"),
  ],
];
