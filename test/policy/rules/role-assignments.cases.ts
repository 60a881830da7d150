import {
  add,
  added,
  addRead,
  type Change,
  edit,
  find,
  inOrder,
  type Refusal,
  refusals,
  remove,
  set,
  setSources,
} from "../changes.ts";
import { unknownText } from "../pack.ts";
import { readerRoleGuid, roleId, terminalsGroupId } from "./role-ids.ts";

const provider = "azure-native:authorization";
const tableDataContributor = "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3";

/** An assignment of the role Reader on the IoT Hub, with some properties and dependencies changed. */
const addedAssignment = (properties: Record<string, unknown>, sources: Record<string, string>) =>
  added(
    `${provider}:RoleAssignment`,
    {
      scope: `${terminalsGroupId}/providers/Microsoft.Devices/IotHubs/iot-terminals-dev-abc123`,
      roleDefinitionId: roleId(readerRoleGuid),
      principalId: "principal-id",
      principalType: "Group",
      roleAssignmentName: "00000000-0000-5000-8000-000000000000",
      ...properties,
    },
    { scope: "terminals-hub", principalId: "operators-group", ...sources },
  );

/** Adds a second group, to which the role of the operators on the IoT Hub's registry is assigned too. */
const assignToSecondGroup: Change = (resources) => {
  const withGroup = add("azuread:index/group:Group", { displayName: "Others" })(resources);
  const assignment = structuredClone(find(withGroup, "operators-hub-registry"));
  assignment.dependencies.principalId = [find(withGroup, "added").urn];
  return [...withGroup, { ...assignment, name: "second", urn: assignment.urn.replace(/[^:]+$/, "second") }];
};

const unlistedAssignments: Refusal[] = refusals("role-assignment-allowlist", {
  "an unknown scope that depends on a resource group": [
    "operators-hub-registry",
    inOrder(
      set("operators-hub-registry", "scope", unknownText),
      setSources("operators-hub-registry", "scope", "terminals"),
    ),
  ],
  "an unknown scope that depends on the key table's account": [
    "operators-flow-rows",
    inOrder(
      set("operators-flow-rows", "scope", unknownText),
      setSources("operators-flow-rows", "scope", "flow-keys-account"),
    ),
  ],
  "the key table's account as the scope instead of the table": edit(
    "operators-flow-rows",
    "scope",
    `${terminalsGroupId}/providers/Microsoft.Storage/storageAccounts/stflowkeysdevabc123`,
  ),
  "an assignment to a principal outside the stack": addedAssignment({}, { principalId: "" }),
  "an assignment to the service principal itself": addedAssignment(
    {},
    { principalId: "operators-service-principal" },
  ),
  "an assignment of the operators' role to the gateway": addedAssignment({}, { principalId: "flow-service" }),
  "an assignment on the files account": addedAssignment({}, { scope: "files-account" }),
  "an assignment of an unknown role": addedAssignment({ roleDefinitionId: unknownText }, {}),
  "an assignment of a custom role outside the stack": addedAssignment(
    { roleDefinitionId: roleId("00000000-0000-5000-8000-000000000001") },
    {},
  ),
  "a gateway that can write Flow key rows": edit(
    "flow-reads-keys",
    "roleDefinitionId",
    roleId(tableDataContributor),
  ),
  "a custom role with other actions than listed": [
    "operators-audit",
    set("operators-audit-role", "permissions.0.notDataActions", ["Microsoft.Storage/storageAccounts/read"]),
  ],
  "another IoT Hub as the scope": edit(
    "operators-hub-registry",
    "scope",
    `${terminalsGroupId}/providers/Microsoft.Devices/IotHubs/iot-others-dev-abc123`,
  ),
  "an IoT Hub with a longer name than the stack's as the scope": edit(
    "operators-hub-registry",
    "scope",
    `${terminalsGroupId}/providers/Microsoft.Devices/IotHubs/iot-terminals-dev-abc1234`,
  ),
  "an IoT Hub in another resource group as the scope": edit(
    "operators-hub-registry",
    "scope",
    "/subscriptions/s/resourceGroups/rg-others/providers/Microsoft.Devices/IotHubs/iot-terminals-dev-abc123",
  ),
  "the same role for a second group": ["second", assignToSecondGroup],
  "a role of a group that the program only reads": [
    "operators-hub-registry",
    inOrder(
      addRead("azuread:index/group:Group"),
      set("operators-hub-registry", "principalId", "read-object-id"),
      setSources("operators-hub-registry", "principalId", "read"),
    ),
  ],
});

const missingAssignments: Refusal[] = refusals("role-assignment-required", {
  "operators who cannot write to the audit log": ["audit-container", remove("operators-audit")],
  "operators who cannot run import jobs": ["terminals-hub", remove("operators-hub-imports")],
  "operators who cannot onboard terminals": ["terminals-hub", remove("operators-hub-registry")],
  "operators who cannot write device twins": ["terminals-hub", remove("operators-hub-twins")],
  "operators who cannot read the IoT Hub's tier": ["terminals-hub", remove("operators-hub-reader")],
  "operators who cannot sign file links": ["files-account", remove("operators-file-keys")],
  "operators who cannot write Flow key rows": ["flow-keys-table", remove("operators-flow-rows")],
  "a gateway that cannot read Flow key rows": ["flow-keys-table", remove("flow-reads-keys")],
  "operators who cannot create subscription keys": ["flow-service", remove("operators-flow-keys")],
  "a stack without the custom role for subscription keys": [
    "flow-service",
    remove("operators-flow-keys-role"),
  ],
  "a gateway with the role Reader instead of Storage Table Data Reader": [
    "flow-keys-table",
    set("flow-reads-keys", "roleDefinitionId", roleId(readerRoleGuid)),
  ],
  "the gateway's role for the operators instead of the gateway": [
    "flow-keys-table",
    set("flow-reads-keys", "principalId", "group-object-id"),
  ],
  "a role of a group outside the stack instead of the operators": [
    "terminals-hub",
    set("operators-hub-registry", "principalId", "outside-object-id"),
  ],
});

/** Rules on the role assignments of the stack as a whole. */
export const roleAssignmentRefusals: Refusal[] = [...unlistedAssignments, ...missingAssignments];
