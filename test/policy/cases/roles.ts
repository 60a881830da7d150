import { drop, type Refused, set } from "../changes.ts";

/** Who may do what. */
export const roleCases: Refused[] = [
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
