import { requireProperty } from "../../engine/checks.ts";
import type { ResourceRule } from "../../engine/rule.ts";
import { psRule } from "../../engine/sources.ts";
import { types } from "../../engine/type-tokens.ts";

const principalTypes = ["Group", "ServicePrincipal"];

export const roleAssignmentPrincipalType: ResourceRule = {
  id: "role-assignment-principal-type",
  severity: "high",
  description: "A role is assigned to a group or a service principal.",
  reason: "A role of a single user stays when the user changes tasks.",
  remedy: 'Set principalType to "Group" or "ServicePrincipal", and make the user a member of the group.',
  sources: [psRule("AZR-000203", "Azure.RBAC.UseGroups")],
  check: {
    [types.roleAssignment]: requireProperty("principalType", '"Group" or "ServicePrincipal"', (value) =>
      principalTypes.includes(String(value)),
    ),
  },
};
