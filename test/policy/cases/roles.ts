import { add, both, drop, madeFrom, named, type Refused, read, set } from "../changes.ts";
import { unknownText } from "../fleet.ts";

const role = (guid: string) => `/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/${guid}`;
const group = "/subscriptions/s/resourceGroups/rg-terminals-dev";
const authorization = "azure-native:authorization";
const reader = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
const tableContributor = "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3";

/** Built-in roles, by name, that each let one lost sign-in reach more than the work takes. */
const wide: Record<string, string> = {
  Owner: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
  Contributor: "b24988ac-6180-42a0-ab88-20f7382dd24c",
  "Reader and Data Access": "c12c1c16-33a1-487b-954d-41c89c60f349",
  "Log Analytics Contributor": "92aaf0da-9dab-42b6-94a3-d43ce8d16293",
  "Storage Account Contributor": "17d1049b-9a84-46fb-8f53-869881c3d3ab",
};

/** A grant that is like another one but for what is changed, beside it. */
const another = (properties: Record<string, unknown>, from: Record<string, string>) =>
  add(
    `${authorization}:RoleAssignment`,
    {
      scope: `${group}/providers/Microsoft.Devices/IotHubs/iot-terminals-dev-abc123`,
      roleDefinitionId: role(reader),
      principalId: "somebody",
      principalType: "Group",
      roleAssignmentName: "00000000-0000-5000-8000-000000000000",
      ...properties,
    },
    { scope: "terminals-hub", principalId: "operators-group", ...from },
  );

/** Who may do what. */
export const roleCases: Refused[] = [
  ...Object.values(wide).map(
    (guid): Refused => [
      "roles-no-wider-than-needed",
      "operators-hub-reader",
      set("operators-hub-reader", "roleDefinitionId", role(guid)),
    ],
  ),
  ["roles-no-wider-than-needed", "operators-hub-registry", set("operators-hub-registry", "scope", group)],
  [
    "roles-no-wider-than-needed",
    "operators-hub-registry",
    set("operators-hub-registry", "scope", "/subscriptions/s"),
  ],
  [
    "roles-no-wider-than-needed",
    "operators-hub-registry",
    set("operators-hub-registry", "condition", "@Resource"),
  ],
  ...[
    "Microsoft.ApiManagement/service/*",
    "Microsoft.Authorization/roleAssignments/write",
    "Microsoft.Authorization/roleAssignments/delete",
    "Microsoft.Authorization/elevateAccess/Action",
    "Microsoft.Resources/deployments/write",
    "Microsoft.Storage/storageAccounts/listKeys/action",
  ].map(
    (action): Refused => [
      "roles-no-wider-than-needed",
      "operators-flow-keys-role",
      set("operators-flow-keys-role", "permissions.0.actions.0", action),
    ],
  ),
  [
    "roles-no-wider-than-needed",
    "operators-audit-role",
    set("operators-audit-role", "permissions.0.dataActions.1", "Microsoft.Storage/*/blobs/delete"),
  ],
  [
    "roles-no-wider-than-needed",
    "operators-flow-keys-role",
    set("operators-flow-keys-role", "assignableScopes", ["/subscriptions/s"]),
  ],
  ["roles-no-wider-than-needed", "added", add(`${authorization}:PimRoleEligibilitySchedule`)],
  ["roles-no-wider-than-needed", "added", add(`${authorization}:PimRoleAssignmentSchedule`)],
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
  [
    "role-assignments-repeatable",
    "flow-reads-keys",
    set("flow-reads-keys", "roleAssignmentName", "3d5c9e0a-1b1e-4f6e-9a53-0d6a3f0b8a11"),
  ],

  // Known or not: on a resource group, and on the whole of an account in place of its table.
  [
    "no-role-but-the-needed-ones",
    "operators-hub-registry",
    both(
      set("operators-hub-registry", "scope", unknownText),
      madeFrom("operators-hub-registry", "scope", "terminals"),
    ),
  ],
  [
    "no-role-but-the-needed-ones",
    "operators-flow-rows",
    both(
      set("operators-flow-rows", "scope", unknownText),
      madeFrom("operators-flow-rows", "scope", "flow-keys-account"),
    ),
  ],
  [
    "no-role-but-the-needed-ones",
    "operators-flow-rows",
    set(
      "operators-flow-rows",
      "scope",
      `${group}/providers/Microsoft.Storage/storageAccounts/stflowkeysdevabc123`,
    ),
  ],
  ["no-role-but-the-needed-ones", "added", another({}, { principalId: "" })],
  ["no-role-but-the-needed-ones", "added", another({}, { principalId: "operators-service-principal" })],
  ["no-role-but-the-needed-ones", "added", another({}, { principalId: "flow-service" })],
  ["no-role-but-the-needed-ones", "added", another({}, { scope: "files-account" })],
  ["no-role-but-the-needed-ones", "added", another({ roleDefinitionId: unknownText }, {})],
  [
    "no-role-but-the-needed-ones",
    "added",
    another({ roleDefinitionId: role("00000000-0000-5000-8000-000000000001") }, {}),
  ],
  [
    "no-role-but-the-needed-ones",
    "flow-reads-keys",
    set("flow-reads-keys", "roleDefinitionId", role(tableContributor)),
  ],
  [
    "no-role-but-the-needed-ones",
    "operators-audit",
    set("operators-audit-role", "permissions.0.notDataActions", ["Microsoft.Storage/storageAccounts/read"]),
  ],
  // On another resource of the same kind, from the ID of the stack's own; and to a second group.
  ...["iot-others-dev-abc123", "iot-terminals-dev-abc1234"].map(
    (hub): Refused => [
      "no-role-but-the-needed-ones",
      "operators-hub-registry",
      set("operators-hub-registry", "scope", `${group}/providers/Microsoft.Devices/IotHubs/${hub}`),
    ],
  ),
  [
    "no-role-but-the-needed-ones",
    "operators-hub-registry",
    set(
      "operators-hub-registry",
      "scope",
      "/subscriptions/s/resourceGroups/rg-others/providers/Microsoft.Devices/IotHubs/iot-terminals-dev-abc123",
    ),
  ],
  [
    "no-role-but-the-needed-ones",
    "second",
    (resources) => {
      const withGroup = add("azuread:index/group:Group", { displayName: "Others" })(resources);
      const grant = structuredClone(named(withGroup, "operators-hub-registry"));
      grant.dependencies.principalId = [named(withGroup, "added").urn];
      return [...withGroup, { ...grant, name: "second", urn: grant.urn.replace(/[^:]+$/, "second") }];
    },
  ],
  [
    "no-role-but-the-needed-ones",
    "operators-hub-registry",
    both(read("azuread:index/group:Group"), madeFrom("operators-hub-registry", "principalId", "read")),
  ],
  [
    "operators-group-names-no-person",
    "added",
    add(
      "azuread:index/groupMember:GroupMember",
      { memberObjectId: "somebody" },
      { groupObjectId: "operators-group" },
    ),
  ],
  ["operators-group-names-no-person", "operators-group", set("operators-group", "members", ["somebody"])],

  // Other applications, other pipelines.
  ...(
    [
      ["operators-application", "signInAudience", "AzureADMultipleOrgs"],
      ["operators-ci-github-dev", "issuer", "http://token.actions.githubusercontent.com"],
      ["operators-ci-github-dev", "audiences", ["api://AzureADTokenExchange", "everybody"]],
      ["operators-ci-github-dev", "subject", "repo:example-org/terminal-fleet:pull_request"],
      ["operators-ci-github-dev", "subject", ""],
    ] as const
  ).map(([name, path, value]): Refused => ["pipelines-sign-in-as-themselves", name, set(name, path, value)]),
  [
    "identities-are-the-stacks-own",
    "operators-service-principal",
    madeFrom("operators-service-principal", "clientId"),
  ],
  [
    "identities-are-the-stacks-own",
    "operators-ci-github-dev",
    madeFrom("operators-ci-github-dev", "applicationId"),
  ],
  [
    "identities-are-the-stacks-own",
    "operators-application-member",
    madeFrom("operators-application-member", "groupObjectId"),
  ],

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
  ["needed-roles-present", "flow-keys-table", set("flow-reads-keys", "roleDefinitionId", role(reader))],
  ["needed-roles-present", "flow-keys-table", madeFrom("flow-reads-keys", "principalId", "operators-group")],
  ["needed-roles-present", "terminals-hub", madeFrom("operators-hub-registry", "principalId")],
];
