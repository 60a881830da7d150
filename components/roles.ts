import { createHash } from "node:crypto";
import { RoleAssignment } from "@pulumi/azure-native/authorization/roleAssignment.js";
import * as pulumi from "@pulumi/pulumi";

/** Arguments of {@link assignRole}. */
export interface RoleGrant {
  /** Resource ID of the scope: a single resource. */
  scope: pulumi.Input<string>;
  /** GUID of the role. */
  role: pulumi.Input<string>;
  /** Object ID of the group or service principal that gets the role. Roles are not assigned to single people. */
  principalId: pulumi.Input<string>;
  /** Kind of principal. Without it, Azure rejects a new principal that Entra ID has not replicated yet. */
  principalType: "Group" | "ServicePrincipal";
  /** Subscription in which the role definition is looked up. */
  subscriptionId: pulumi.Input<string>;
  /** Why the principal needs the role. */
  description: string;
}

/**
 * Assigns a role. The assignment's name follows from scope, principal and role, so that each is assigned only once.
 *
 * @example
 * assignRole("operators-hub-reader", {
 *   scope: hub.id,
 *   role: builtInRoles.Reader,
 *   principalId: group.objectId,
 *   principalType: "Group",
 *   subscriptionId,
 *   description: "Reads tier and units, which set the pace of onboarding.",
 * }, { parent: this });
 */
export function assignRole(
  name: string,
  grant: RoleGrant,
  opts: pulumi.CustomResourceOptions,
): RoleAssignment {
  return new RoleAssignment(
    name,
    {
      scope: grant.scope,
      principalId: grant.principalId,
      principalType: grant.principalType,
      roleDefinitionId: pulumi.interpolate`/subscriptions/${grant.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${grant.role}`,
      roleAssignmentName: pulumi
        .all([grant.scope, grant.principalId, grant.role])
        .apply((parts) => stableGuid(...parts)),
      description: grant.description,
    },
    opts,
  );
}

/**
 * A GUID (version 5 of RFC 9562) that follows from its parts, ignoring upper and lower case. It is written out here
 * because the package `uuid` would add 20 modules to the start of every preview.
 */
export function stableGuid(...parts: string[]): string {
  // The namespace for URLs that RFC 9562 defines. Resource IDs are paths of URLs.
  const namespace = Buffer.from("6ba7b8119dad11d180b400c04fd430c8", "hex");
  const bytes = createHash("sha1")
    .update(namespace)
    .update(parts.join("|").toLowerCase())
    .digest()
    .subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
