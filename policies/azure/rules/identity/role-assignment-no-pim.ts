import { refuseType } from "../../engine/checks.ts";
import type { ResourceRule } from "../../engine/rule.ts";
import { microsoftLearn } from "../../engine/sources.ts";

export const roleAssignmentNoPim: ResourceRule = {
  id: "role-assignment-no-pim",
  severity: "high",
  description: "The program declares no role assignment of Privileged Identity Management.",
  reason:
    "An eligible role gives access as soon as it is activated, and the rules on role assignments do not see it.",
  remedy: "Declare a RoleAssignment instead.",
  sources: [
    microsoftLearn("Best practices for Azure RBAC", "azure/role-based-access-control/best-practices"),
  ],
  check: refuseType(/^azure-native:authorization:Pim/, "a principal can activate the role later"),
};
