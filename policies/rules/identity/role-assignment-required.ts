import { requiredAssignments } from "../../allowlists/role-assignments.ts";
import type { StackRule } from "../../azure/engine/rule.ts";
import { microsoftLearn } from "../../azure/engine/sources.ts";
import { isAssignmentOf, roleAssignments } from "./role-assignment-matching.ts";

export const roleAssignmentRequired: StackRule = {
  id: "role-assignment-required",
  severity: "medium",
  description: "The stack assigns each role of policies/allowlists/role-assignments.ts.",
  reason: "Without the role, Azure refuses operators' commands, or the gateway refuses every terminal.",
  remedy: "Assign the role on that resource with assignRole of components/roles.ts.",
  sources: [
    microsoftLearn("Best practices for Azure RBAC", "azure/role-based-access-control/best-practices"),
  ],
  checkStack: (resources) =>
    requiredAssignments.flatMap((required) =>
      required.scope
        .findIn(resources)
        .filter(
          (target) =>
            !roleAssignments(resources).some((assignment) =>
              isAssignmentOf(resources, assignment, required, target),
            ),
        )
        .map((resource) => ({
          resource,
          problem: `"${required.role}" is not assigned on it to the ${required.principal}; it is needed for ${required.purpose}.`,
        })),
    ),
};
