import { customRoles } from "../../allowlists/role-assignments.ts";
import { allOf, requireProperty } from "../../azure/engine/checks.ts";
import type { Check, ResourceRule } from "../../azure/engine/rule.ts";
import { azurePolicy, checkov, microsoftLearn } from "../../azure/engine/sources.ts";
import { types } from "../../azure/engine/type-tokens.ts";
import { listItems, unknownValue, valueAt } from "../../azure/engine/value.ts";

const kinds = ["actions", "dataActions"] as const;

/** The actions that custom roles may have, in lower case: Azure ignores the case. */
const allowedActions = (kind: (typeof kinds)[number]) =>
  new Set<string>(
    Object.values(customRoles).flatMap((role) => role[kind].map((action) => action.toLowerCase())),
  );

const hasAllowedActionsOnly: Check = ({ properties }) =>
  listItems(valueAt(properties, "permissions")).flatMap((permission) =>
    kinds.flatMap((kind) =>
      listItems(valueAt(permission, kind))
        .filter((action) => typeof action === "string" && !allowedActions(kind).has(action.toLowerCase()))
        .map(
          (action) =>
            `permissions.${kind} has "${String(action)}", which is not in the allowlist policies/allowlists/role-assignments.ts.`,
        ),
    ),
  );

export const roleDefinitionLeastPrivilege: ResourceRule = {
  id: "role-definition-least-privilege",
  severity: "critical",
  description: "A custom role has allowed actions only, and is assignable in resource groups only.",
  reason: "With a wider role, one stolen sign-in reaches resources that its owner does not need.",
  remedy: "Remove the action, or add it to policies/allowlists/role-assignments.ts.",
  sources: [
    azurePolicy("a451c1ef-c6ca-483d-87ed-f49761e3ffb5"),
    checkov("CKV_AZURE_39"),
    microsoftLearn("Azure custom roles", "azure/role-based-access-control/custom-roles"),
  ],
  check: {
    [types.roleDefinition]: allOf(
      hasAllowedActionsOnly,
      requireProperty("assignableScopes", "a list of resource groups", (value) => {
        const scopes = listItems(value);
        return (
          scopes.length > 0 &&
          scopes.every((scope) => scope === unknownValue || /\/resourceGroups\//i.test(String(scope)))
        );
      }),
    ),
  },
};
