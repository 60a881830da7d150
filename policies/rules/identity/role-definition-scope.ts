import { customRoles } from "../../allowlists/role-assignments.ts";
import { resourcesOfType } from "../../azure/engine/resource-queries.ts";
import type { DeclaredResource, StackRule } from "../../azure/engine/rule.ts";
import { microsoftLearn } from "../../azure/engine/sources.ts";
import { types } from "../../azure/engine/type-tokens.ts";
import { listItems, unknownValue, type Value, valueAt } from "../../azure/engine/value.ts";
import { customRoleName } from "./role-assignment-matching.ts";

export const roleDefinitionScope: StackRule = {
  id: "role-definition-scope",
  severity: "high",
  description:
    "A custom role is one of policies/allowlists/role-assignments.ts, and is assignable in a resource group of the stack only.",
  reason: "A role that others can assign elsewhere gives access that no rule on this stack sees.",
  remedy: "Set scope and assignableScopes to the stack's own resource group.",
  sources: [microsoftLearn("Azure custom roles", "azure/role-based-access-control/custom-roles")],
  checkStack: (resources) =>
    resourcesOfType(resources, types.roleDefinition).flatMap((resource) =>
      [...describeScopes(resources, resource), ...describeRole(resource)].map((problem) => ({
        resource,
        problem,
      })),
    ),
};

function describeScopes(resources: DeclaredResource[], { properties }: DeclaredResource): string[] {
  const groups = resourcesOfType(resources, types.resourceGroup).map((group) =>
    valueAt(group.properties, "resourceGroupName"),
  );
  const isGroup = (scope: Value): boolean => {
    const name = /^\/subscriptions\/[^/]+\/resourceGroups\/([^/]+)$/i.exec(String(scope))?.[1];
    return scope === unknownValue || groups.some((group) => group === unknownValue || group === name);
  };
  const scopes = listItems(valueAt(properties, "assignableScopes"));
  return [
    ...(isGroup(valueAt(properties, "scope")) ? [] : ["scope is not a resource group of the stack."]),
    ...(scopes.every(isGroup) ? [] : ["assignableScopes has more than the stack's resource groups."]),
  ];
}

const describeRole = (resource: DeclaredResource): string[] =>
  customRoleName(resource) !== undefined || valueAt(resource.properties, "permissions") === unknownValue
    ? []
    : [`permissions are not those of ${Object.keys(customRoles).join(", ")}.`];
