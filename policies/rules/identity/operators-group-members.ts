import { resourcesOfType } from "../../azure/engine/resource-queries.ts";
import type { StackRule } from "../../azure/engine/rule.ts";
import { psRule } from "../../azure/engine/sources.ts";
import { hasValueOf } from "../../azure/engine/stack-values.ts";
import { types } from "../../azure/engine/type-tokens.ts";
import { isEmpty, valueAt } from "../../azure/engine/value.ts";

export const operatorsGroupMembers: StackRule = {
  id: "operators-group-members",
  severity: "high",
  description:
    "The only member that the program adds to the operators' group is the stack's own service principal.",
  reason: "Administrators decide in Entra ID who operates the fleet, and review it there.",
  remedy: "Remove members, and let GroupMember name the stack's own service principal.",
  sources: [psRule("AZR-000203", "Azure.RBAC.UseGroups")],
  checkStack: (resources) => {
    const servicePrincipals = resourcesOfType(resources, types.servicePrincipal);
    return [
      ...resourcesOfType(resources, types.groupMember)
        .filter(
          (member) =>
            !hasValueOf(member, "memberObjectId", servicePrincipals, ({ outputs }) =>
              valueAt(outputs, "objectId"),
            ),
        )
        .map((resource) => ({
          resource,
          problem: "memberObjectId does not come from the stack's own service principal.",
        })),
      ...resourcesOfType(resources, types.group)
        .filter(({ properties }) => !isEmpty(valueAt(properties, "members")))
        .map((resource) => ({ resource, problem: "members is set; it must be absent." })),
    ];
  },
};
