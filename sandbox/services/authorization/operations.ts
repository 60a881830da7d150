import type { ResourceType } from "../../resource-manager/resource-type.ts";
import type { ActionKind } from "./access-control.ts";

/** Operations on what Azure keeps of deleted resources, which is not a resource type. */
const softDeleteActions = [
  "Microsoft.ApiManagement/deletedservices/read",
  "Microsoft.ApiManagement/locations/deletedservices/delete",
  "Microsoft.OperationalInsights/deletedWorkspaces/read",
  "Microsoft.Storage/deletedAccounts/read",
  "Microsoft.Storage/locations/deletedAccounts/read",
];

/**
 * The operations that a role can grant in the sandbox, in lower case.
 * @param kind "action" for the control plane, "dataAction" for the data in resources.
 */
export function grantableOperations(kind: ActionKind, types: readonly ResourceType[]): string[] {
  const names =
    kind === "dataAction"
      ? types.flatMap(({ type, dataActions = [] }) => dataActions.map((name) => `${type}/${name}`))
      : [
          ...types.flatMap(({ type, actions = [] }) =>
            ["read", "write", "delete", ...actions].map((name) => `${type}/${name}`),
          ),
          ...softDeleteActions,
        ];
  return names.map((name) => name.toLowerCase());
}
