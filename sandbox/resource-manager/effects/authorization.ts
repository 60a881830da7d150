import { actedOnIn, type Effects, inert, location, tags } from "./effect.ts";

const access = "services/authorization/access-control.ts";

export const authorizationEffects: Record<string, Effects> = {
  "azure-native:resources:ResourceGroup": { ...location, ...tags },
  "azure-native:authorization:RoleAssignment": {
    ...actedOnIn(access, "principalId", "roleDefinitionId"),
    ...actedOnIn(
      "services/authorization/resource-types/role-assignment.ts",
      "principalType",
      "condition",
      "conditionVersion",
    ),
    ...inert("what people read of it", "description"),
  },
  "azure-native:authorization:RoleDefinition": {
    ...actedOnIn(
      access,
      "assignableScopes",
      "roleName",
      "permissions.actions",
      "permissions.notActions",
      "permissions.dataActions",
      "permissions.notDataActions",
    ),
    ...actedOnIn("services/authorization/resource-types/role-definition.ts", "roleType"),
    ...inert("what people read of it", "description"),
  },
};
