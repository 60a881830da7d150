import { type RequiredAssignment, requiredAssignments } from "../../allowlists/role-assignments.ts";
import type { DeclaredResource, StackRule, Violation } from "../../azure/engine/rule.ts";
import { microsoftLearn, psRule } from "../../azure/engine/sources.ts";
import { isAssignmentOf, roleAssignments, roleName } from "./role-assignment-matching.ts";

export const roleAssignmentAllowlist: StackRule = {
  id: "role-assignment-allowlist",
  severity: "critical",
  description: "The stack assigns no role that is not in policies/allowlists/role-assignments.ts.",
  reason: "An additional role, scope or principal is an additional way to the fleet's keys and data.",
  remedy:
    "Remove the role assignment; if a task needs it, add it to policies/allowlists/role-assignments.ts.",
  sources: [
    microsoftLearn("Best practices for Azure RBAC", "azure/role-based-access-control/best-practices"),
    psRule("AZR-000204", "Azure.RBAC.LimitOwner"),
    psRule("AZR-000205", "Azure.RBAC.LimitMGDelegation"),
  ],
  checkStack: (resources) => [
    ...roleAssignments(resources)
      .filter((assignment) => !isListed(resources, assignment))
      .map((assignment) => describeUnlisted(resources, assignment)),
    ...requiredAssignments.flatMap((required) =>
      required.scope.findIn(resources).flatMap((target) => findDuplicates(resources, required, target)),
    ),
  ],
};

const isListed = (resources: DeclaredResource[], assignment: DeclaredResource): boolean =>
  requiredAssignments.some((required) =>
    required.scope
      .findIn(resources)
      .some((target) => isAssignmentOf(resources, assignment, required, target)),
  );

function describeUnlisted(resources: DeclaredResource[], resource: DeclaredResource): Violation {
  const sourcesOf = (property: string) => {
    const names = resources
      .filter(({ urn }) => resource.dependenciesOf(property).includes(urn))
      .map(({ name }) => name)
      .sort();
    return names.length > 0 ? names.join(" and ") : "something outside the stack";
  };
  const role = roleName(resources, resource);
  const problem = `it assigns ${role} on ${sourcesOf("scope")} to ${sourcesOf("principalId")}; this is not in the allowlist policies/allowlists/role-assignments.ts.`;
  return { resource, problem };
}

/** Azure accepts the same assignment only once, so a second one is for another principal. */
function findDuplicates(
  resources: DeclaredResource[],
  required: RequiredAssignment,
  target: DeclaredResource,
): Violation[] {
  const assignments = roleAssignments(resources).filter((assignment) =>
    isAssignmentOf(resources, assignment, required, target),
  );
  if (assignments.length < 2) return [];
  const problem = `${assignments.length} role assignments give ${required.role} on ${target.name}; only one may, to the ${required.principal}.`;
  return assignments.map((resource) => ({ resource, problem }));
}
