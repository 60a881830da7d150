import { randomUUID } from "node:crypto";
import type { AzureEnvironment } from "../../core/azure-environment.ts";
import { builtInRoles } from "./roles.ts";

/**
 * Assigns a built-in role to a principal without a check of rights, for example to the subscription's first owner.
 * @param roleName For example "Owner".
 * @param scope Resource ID; default: the subscription.
 */
export function grantRole(
  azure: AzureEnvironment,
  principalId: string,
  roleName: string,
  scope = `/subscriptions/${azure.subscriptionId}`,
): void {
  const role = builtInRoles.find(({ name }) => name === roleName);
  if (!role) throw new Error(`The sandbox does not know the role ${roleName}.`);
  const name = randomUUID();
  azure.resources.put({
    id: `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`,
    type: "Microsoft.Authorization/roleAssignments",
    name,
    properties: {
      principalId,
      principalType: azure.directory.get(principalId)?.kind,
      roleDefinitionId: `/subscriptions/${azure.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${role.guid}`,
      scope,
    },
  });
}
