import { builtInRoles } from "../../allowlists/role-assignments.ts";
import { allOf, requireProperty } from "../../azure/engine/checks.ts";
import type { Check, ResourceRule } from "../../azure/engine/rule.ts";
import { microsoftLearn, psRule } from "../../azure/engine/sources.ts";
import { types } from "../../azure/engine/type-tokens.ts";
import { isEmpty, unknownValue, type Value, valueAt } from "../../azure/engine/value.ts";
import { nameBasedGuid, roleGuid } from "../../azure/rules/identity/role-definition-id.ts";

const builtInGuids = new Set<string>(Object.values(builtInRoles));

const usesAllowedRole: Check = ({ properties }) => {
  const guid = roleGuid(valueAt(properties, "roleDefinitionId"));
  if (guid === unknownValue || builtInGuids.has(guid) || nameBasedGuid.test(guid)) return [];
  return [
    `roleDefinitionId is ${guid || "not set"}; it must be a role of policies/allowlists/role-assignments.ts.`,
  ];
};

/** Whether a scope is a single resource, or something in one. */
const isSingleResource = (scope: Value): boolean =>
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/[^/]+\/[^/]+\/[^/]/i.test(String(scope));

export const roleAssignmentLeastPrivilege: ResourceRule = {
  id: "role-assignment-least-privilege",
  severity: "critical",
  description: "A role assignment gives an allowed role on a single resource.",
  reason: "With a wider role, one stolen sign-in reaches resources that its owner does not need.",
  remedy:
    "Assign a role of policies/allowlists/role-assignments.ts on one resource; add a new role to that file.",
  sources: [
    microsoftLearn("Best practices for Azure RBAC", "azure/role-based-access-control/best-practices"),
    psRule("AZR-000204", "Azure.RBAC.LimitOwner"),
    psRule("AZR-000205", "Azure.RBAC.LimitMGDelegation"),
  ],
  check: {
    [types.roleAssignment]: allOf(
      usesAllowedRole,
      requireProperty("scope", "the ID of a single resource", isSingleResource),
      requireProperty("condition", "absent", isEmpty),
    ),
  },
};
