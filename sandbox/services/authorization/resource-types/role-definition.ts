import { z } from "zod";
import { ArmError, NotInSandboxError } from "../../../resource-manager/arm-error.ts";
import { enforced, noEffect, restricted } from "../../../resource-manager/input-effect.ts";
import type { ResourceType } from "../../../resource-manager/resource-type.ts";
import { optional, text } from "../../../resource-manager/shared-inputs.ts";
import { type ActionKind, matches } from "../access-control.ts";
import { grantableOperations } from "../operations.ts";

const actions = enforced(
  z.array(text),
  "every service checks them; an operation that the sandbox never asks for is refused",
);

/**
 * Microsoft.Authorization/roleDefinitions: custom roles.
 * @param knownTypes All resource types, which define the operations that a role can grant. A function, because this
 *   type is itself one of them.
 */
export const roleDefinition = (knownTypes: () => readonly ResourceType[]): ResourceType => ({
  type: "Microsoft.Authorization/roleDefinitions",
  token: "azure-native:authorization:RoleDefinition",
  apiVersion: "2022-05-01-preview",
  path: "/{scope}/providers/Microsoft.Authorization/roleDefinitions/{roleDefinitionId}",
  autoName: "uuid",
  inputs: optional({
    assignableScopes: enforced(z.array(text), "an assignment at another scope is refused"),
    description: noEffect(text, "a text for people"),
    permissions: z.array(
      optional({ actions, notActions: actions, dataActions: actions, notDataActions: actions }),
    ),
    roleName: enforced(text.min(1).max(512), "the name must be unique; lists can be filtered by it"),
    roleType: restricted(text, "everything but CustomRole is refused, as in Azure"),
  }),
  topLevel: [],
  renames: { roleType: "type" },
  computed: ["createdBy", "createdOn", "updatedBy", "updatedOn"],

  check({ resource, previous }, azure) {
    const { roleName, type, assignableScopes, permissions } = resource.properties;
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(resource.name)) {
      throw bad("InvalidRoleDefinitionId", `The role definition ID '${resource.name}' must be a GUID.`);
    }
    if (typeof roleName !== "string") throw bad("RoleNameRequired", "A custom role needs a roleName.");
    const scopes = (assignableScopes ?? []) as string[];
    if (scopes.length === 0) throw bad("InvalidAssignableScopes", "A custom role needs assignableScopes.");
    for (const scope of scopes) {
      const subscription = `/subscriptions/${azure.subscriptionId}`;
      const group = /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+$/i.test(scope);
      if (scope.toLowerCase() === subscription || (group && azure.resources.get(scope))) continue;
      // "Azure custom roles": assignable scopes are management groups, subscriptions and resource groups.
      throw bad("LinkedInvalidPropertyId", `'${scope}' is not a subscription or resource group that exists.`);
    }
    const others = azure.resources
      .list(resource.type)
      .filter(({ id }) => id.toLowerCase() !== (previous?.id ?? resource.id).toLowerCase());
    if (others.some(({ properties }) => properties.roleName === roleName)) {
      throw new ArmError(
        409,
        "RoleDefinitionWithSameNameExists",
        `A custom role with the same name already exists in this directory. Use a different name: '${roleName}'.`,
      );
    }
    if ((type ?? "CustomRole") !== "CustomRole") {
      throw bad("InvalidRoleType", `The type of a new role must be CustomRole, not ${String(type)}.`);
    }
    for (const permission of (permissions ?? []) as Record<string, string[]>[]) {
      for (const [list, actions] of Object.entries(permission)) {
        for (const action of actions)
          checkAction(action, /data/i.test(list) ? "dataAction" : "action", knownTypes());
      }
    }
  },

  complete({ resource, previous, callerId }, azure) {
    const now = new Date(azure.clock.now()).toISOString();
    resource.properties = {
      type: "CustomRole",
      permissions: [],
      ...resource.properties,
      createdOn: previous?.properties.createdOn ?? now,
      createdBy: previous?.properties.createdBy ?? callerId,
      updatedOn: now,
      updatedBy: callerId,
    };
  },

  checkDelete(resource, azure) {
    const used = azure.resources
      .list("Microsoft.Authorization/roleAssignments")
      .some(({ properties }) => String(properties.roleDefinitionId).toLowerCase().endsWith(resource.name));
    if (!used) return;
    throw new ArmError(
      409,
      "RoleDefinitionHasAssignments",
      "There are existing role assignments referencing role (code: RoleDefinitionHasAssignments).",
    );
  },
});

/**
 * Azure accepts actions that match an operation of a resource provider. The sandbox knows only the operations that it
 * checks itself. It refuses any other one by name, because it would grant nothing here although it may exist in Azure.
 */
function checkAction(action: string, kind: ActionKind, types: readonly ResourceType[]): void {
  const grants = (of: typeof kind) =>
    grantableOperations(of, types).some((operation) => matches(action, operation));
  if (grants(kind)) return;
  const other = kind === "action" ? "dataAction" : "action";
  if (!grants(other) && /^Microsoft\.[A-Za-z]+(\/[A-Za-z0-9.*$]+)+$/i.test(action)) {
    throw new NotInSandboxError(
      `the operation '${action}': Azure has no such operation, or no service of the sandbox checks it`,
    );
  }
  throw bad(
    kind === "action" ? "InvalidActionOrNotAction" : "InvalidDataActionOrNotDataAction",
    `'${action}' does not match any of the actions supported by the providers.`,
  );
}

function bad(code: string, message: string): ArmError {
  return new ArmError(400, code, message);
}
