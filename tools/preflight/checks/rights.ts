import { z } from "zod";
import { type Check, couldNotTell, count, failed, listOf, passed } from "../check.ts";

const permission = z.looseObject({
  actions: z.array(z.string()).nullish(),
  notActions: z.array(z.string()).nullish(),
  condition: z.string().nullish(),
});

type Permission = z.infer<typeof permission>;

/**
 * Whether the deployer's roles allow to write every declared type, in the whole subscription. Azure answers with the
 * permissions of all role assignments of the caller and of the caller's groups, so no group has to be read. This list of
 * the subscription itself is not in the REST reference, and Azure answers it (Azure/azure-rest-api-specs#19473); lists
 * of resource groups are ("Permissions - List For Resource Group"). Deny assignments are not part of it.
 */
export const rightsCheck: Check = {
  id: "rights",
  async run({ azure, declaration, signIn, subscriptionId, signal }) {
    const path = `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01`;
    const permissions = await azure.list(path, permission, signal);
    const types = [...new Set(declaration.resources.map(({ type }) => type))].sort();
    const needed = types.flatMap((type) => [`${type}/read`, `${type}/write`]);
    const granting = (action: string) => permissions.filter((each) => grants(each, action));
    const missing = needed.filter((action) => granting(action).length === 0);
    if (missing.length > 0) {
      return failed(
        `the deployer's roles lack ${count(missing.length, "action")} that the program needs`,
        rolesFor(missing, signIn.caller() ?? "OBJECT_ID", subscriptionId),
        missing,
      );
    }
    const conditional = needed.filter((action) => granting(action).every(({ condition }) => condition));
    if (conditional.length > 0) {
      return couldNotTell(
        `the deployer has ${listOf(conditional)} under a condition only`,
        "Read the condition of the role assignment in the portal: subscription > Access control (IAM) > Role assignments. It must allow the roles that the program assigns.",
      );
    }
    return passed(`the deployer's roles, those of groups included, allow all ${needed.length} actions`);
  },
};

/** Whether one role assignment grants an action: allowed, and not taken out again. */
function grants({ actions, notActions }: Permission, action: string): boolean {
  const isIn = (patterns: string[] | null | undefined) =>
    (patterns ?? []).some((pattern) => matches(pattern, action));
  return isIn(actions) && !isIn(notActions);
}

/** Whether a pattern of a role, which can have asterisks, includes an action. */
function matches(pattern: string, action: string): boolean {
  return new RegExp(`^${pattern.split("*").map(RegExp.escape).join(".*")}$`, "i").test(action);
}

function rolesFor(missing: string[], caller: string, subscriptionId: string): string[] {
  const isAboutRoles = (action: string) => action.startsWith("Microsoft.Authorization/");
  const roles = [
    ...(missing.some((action) => !isAboutRoles(action)) ? ["Contributor"] : []),
    ...(missing.some(isAboutRoles) ? ["User Access Administrator"] : []),
  ];
  return [
    `An owner of the subscription assigns ${listOf(roles)}:`,
    ...roles.map(
      (role) =>
        `  az role assignment create --assignee ${caller} --role "${role}" --scope /subscriptions/${subscriptionId}`,
    ),
  ];
}
