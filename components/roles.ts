import { createHash } from "node:crypto";
import { RoleAssignment } from "@pulumi/azure-native/authorization/roleAssignment.js";
import * as pulumi from "@pulumi/pulumi";

/** Arguments of {@link assignRole}. */
export interface RoleGrant {
  /** Resource ID of what the role is given on: a single resource. */
  scope: pulumi.Input<string>;
  /** GUID of the role. */
  role: pulumi.Input<string>;
  /** Object ID of who gets it. */
  principalId: pulumi.Input<string>;
  /** Said outright, since Entra ID may not know a new principal everywhere yet. A person is never named. */
  principalType: "Group" | "ServicePrincipal";
  /** Subscription in which the role definition is looked up. */
  subscriptionId: pulumi.Input<string>;
  /** Why it is needed. */
  description: string;
}

/** Gives a role. The assignment's name follows from scope, principal and role, so that none is given twice. */
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

/** A GUID (version 5 of RFC 9562) that is always the same for the same parts; upper and lower case are one. */
export function stableGuid(...parts: string[]): string {
  // The namespace for URLs, which RFC 9562 gives; resource IDs are paths of them.
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
