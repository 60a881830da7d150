import {
  builtInRoles,
  customRoles,
  principals,
  type RequiredAssignment,
} from "../../allowlists/role-assignments.ts";
import { dependsOn, resourcesOfType } from "../../azure/engine/resource-queries.ts";
import type { DeclaredResource } from "../../azure/engine/rule.ts";
import { hasIdOf, hasValueOf } from "../../azure/engine/stack-values.ts";
import { types } from "../../azure/engine/type-tokens.ts";
import { listItems, unknownValue, type Value, valueAt } from "../../azure/engine/value.ts";
import { roleGuid } from "../../azure/rules/identity/role-definition-id.ts";

export const roleAssignments = (resources: DeclaredResource[]) =>
  resourcesOfType(resources, types.roleAssignment);

/** Whether a role assignment is the required one, on `target`. */
export function isAssignmentOf(
  resources: DeclaredResource[],
  assignment: DeclaredResource,
  required: RequiredAssignment,
  target: DeclaredResource,
): boolean {
  const { type, principalType, objectIdOf } = principals[required.principal];
  return (
    valueAt(assignment.properties, "principalType") === principalType &&
    hasIdOf(assignment, "scope", [target], required.scope.idPath) &&
    hasValueOf(assignment, "principalId", resourcesOfType(resources, type), ({ outputs }) =>
      valueAt(outputs, objectIdOf),
    ) &&
    roleName(resources, assignment) === required.role
  );
}

/** The name of an assigned role in the allowlist; for any other role, a description for messages. */
export function roleName(resources: DeclaredResource[], assignment: DeclaredResource): string {
  const guid = roleGuid(valueAt(assignment.properties, "roleDefinitionId"));
  const builtIn = Object.entries(builtInRoles).find(([, id]) => id === guid)?.[0];
  if (builtIn) return builtIn;
  const definition = resourcesOfType(resources, types.roleDefinition).find((candidate) =>
    guid === unknownValue
      ? dependsOn(assignment, "roleDefinitionId", [candidate])
      : roleGuid(valueAt(candidate.properties, "roleDefinitionId")) === guid,
  );
  if (definition)
    return customRoleName(definition) ?? `the custom role ${definition.name}, which has other actions,`;
  return guid === unknownValue ? "a role of another stack" : `the role ${guid}`;
}

/** The custom role of the allowlist that has exactly the actions of this definition. */
export function customRoleName({ properties }: DeclaredResource): string | undefined {
  const permissions = listItems(valueAt(properties, "permissions"));
  const actionsOf = (kind: string) =>
    permissions.flatMap((permission) => listItems(valueAt(permission, kind)));
  return Object.entries(customRoles).find(
    ([, role]) =>
      areSameActions(role.actions, actionsOf("actions")) &&
      areSameActions(role.dataActions, actionsOf("dataActions")) &&
      areSameActions([], [...actionsOf("notActions"), ...actionsOf("notDataActions")]),
  )?.[0];
}

function areSameActions(wanted: readonly string[], actual: Value[]): boolean {
  const normalize = (actions: readonly Value[]) =>
    actions.map((action) => String(action).toLowerCase()).sort();
  return JSON.stringify(normalize(wanted)) === JSON.stringify(normalize(actual));
}
