import { z } from "zod";
import { ArmError, NotInSandboxError } from "../../../resource-manager/arm-error.ts";
import { enforced, noEffect, restricted } from "../../../resource-manager/input-effect.ts";
import type { ResourceType } from "../../../resource-manager/resource-type.ts";
import { text } from "../../../resource-manager/shared-inputs.ts";
import { contains } from "../access-control.ts";

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Microsoft.Authorization/roleAssignments. Every service of the sandbox enforces them. */
export const roleAssignment: ResourceType = {
  type: "Microsoft.Authorization/roleAssignments",
  token: "azure-native:authorization:RoleAssignment",
  apiVersion: "2022-04-01",
  path: "/{scope}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
  autoName: "uuid",
  inputs: z.strictObject({
    principalId: enforced(text, "the principal, and the members of a group, may do what the role grants"),
    principalType: enforced(
      z.enum(["User", "Group", "ServicePrincipal", "ForeignGroup", "Device"]),
      "a type other than the principal's is refused",
    ).optional(),
    roleDefinitionId: enforced(text, "the role decides what the principal may do"),
    condition: restricted(text, "every condition is refused").optional(),
    conditionVersion: restricted(text, "every condition is refused").optional(),
    description: noEffect(text, "a text for people").optional(),
  }),
  topLevel: [],
  replaceOn: ["principalId"],
  computed: ["createdBy", "createdOn", "updatedBy", "updatedOn"],

  check({ resource, previous, names }, azure) {
    const { principalId, principalType, roleDefinitionId, condition, conditionVersion } = resource.properties;
    if (!guid.test(resource.name)) {
      throw new ArmError(
        400,
        "InvalidRoleAssignmentId",
        `The role assignment ID '${resource.name}' is not valid. The role assignment ID must be a GUID.`,
      );
    }
    if (condition ?? conditionVersion) throw new NotInSandboxError("conditions on role assignments");
    const definition = azure.access.definition(roleDefinitionId as string);
    const scopes = definition?.assignableScopes ?? ["/"];
    // Azure's error is the same for a custom role that cannot be assigned at this scope.
    if (!definition || !scopes.some((each) => contains(each, scopeOf(names)))) {
      throw new ArmError(
        400,
        "RoleDefinitionDoesNotExist",
        `The specified role definition with ID '${String(roleDefinitionId)}' does not exist.`,
      );
    }
    const principal = azure.directory.get(principalId as string);
    if (!principal) {
      throw new ArmError(
        400,
        "PrincipalNotFound",
        `Principal ${String(principalId)} does not exist in the directory ${azure.tenantId}. Check that you have ` +
          "the correct principal ID.",
      );
    }
    if (principalType !== undefined && principalType !== principal.kind) {
      throw new ArmError(
        400,
        "UnmatchedPrincipalType",
        `The PrincipalId '${principal.objectId}' has type '${principal.kind}', which is different from specified ` +
          `PrincipalType '${String(principalType)}'.`,
      );
    }
    const guidOf = (id: unknown) => String(id).split("/").pop()?.toLowerCase();
    if (previous) {
      const same =
        previous.properties.principalId === principalId &&
        guidOf(previous.properties.roleDefinitionId) === guidOf(roleDefinitionId);
      if (same) return;
      throw new ArmError(
        400,
        "RoleAssignmentUpdateNotPermitted",
        "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.",
      );
    }
    const scope = scopeOf(names);
    const duplicate = azure.resources
      .list(resource.type)
      .find(
        ({ properties }) =>
          properties.principalId === principalId &&
          (properties.scope as string).toLowerCase() === scope.toLowerCase() &&
          guidOf(properties.roleDefinitionId) === guidOf(roleDefinitionId),
      );
    if (duplicate) throw new ArmError(409, "RoleAssignmentExists", "The role assignment already exists.");
  },

  complete({ resource, names, previous, callerId }, azure) {
    const now = new Date(azure.clock.now()).toISOString();
    resource.properties = {
      ...resource.properties,
      principalType: azure.directory.get(resource.properties.principalId as string)?.kind,
      scope: scopeOf(names),
      createdOn: previous?.properties.createdOn ?? now,
      createdBy: previous?.properties.createdBy ?? callerId,
      updatedOn: now,
      updatedBy: callerId,
    };
  },
};

function scopeOf(names: Record<string, string>): string {
  return `/${(names.scope as string).replace(/^\//, "")}`;
}
