import { RoleDefinition } from "@pulumi/azure-native/authorization/roleDefinition.js";
import * as pulumi from "@pulumi/pulumi";
import { stableGuid } from "./roles.ts";

/** A role of the stack, for work that every built-in role exceeds. */
export interface CustomRole {
  /** Part of the resource name. */
  key: string;
  /** Part of the role's GUID. A change replaces the role. */
  purpose: string;
  /** Display name: 1 to 128 characters, unique in the tenant. */
  name: pulumi.Input<string>;
  /** What the role allows. */
  description: string;
  /** Resource ID of the only resource group in which the role can be assigned. Azure accepts no narrower scope. */
  resourceGroupId: pulumi.Input<string>;
  /** Allowed operations of the control plane. */
  actions?: string[];
  /** Allowed operations of the data plane. */
  dataActions?: string[];
}

const apiManagement = "Microsoft.ApiManagement/service";
const auditBlobs = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs";
const hubJobs = "Microsoft.Devices/IotHubs/jobs";

/** Manages the customers' subscriptions. Every built-in role with these actions has the whole service. */
export const flowKeysRole = {
  key: "flow-keys",
  purpose: "flow keys",
  description: "Makes, reads, renews and deletes the customers' subscriptions of the Flow API.",
  actions: [
    `${apiManagement}/read`,
    `${apiManagement}/apis/read`,
    `${apiManagement}/subscriptions/read`,
    `${apiManagement}/subscriptions/write`,
    `${apiManagement}/subscriptions/delete`,
    `${apiManagement}/subscriptions/listSecrets/action`,
    `${apiManagement}/subscriptions/regeneratePrimaryKey/action`,
    `${apiManagement}/subscriptions/regenerateSecondaryKey/action`,
  ],
};

/** Reads the audit log and appends records. It cannot change or delete one. */
export const auditRole = {
  key: "audit",
  purpose: "audit",
  description: "Reads the audit log and adds to it; changes and deletes nothing of it.",
  dataActions: [`${auditBlobs}/read`, `${auditBlobs}/add/action`],
};

/** Runs import jobs of the IoT Hub. Every built-in role with these actions has the whole IoT Hub. */
export const importRole = {
  key: "import",
  purpose: "import",
  description: "Starts the hub's import jobs and looks at them.",
  dataActions: [`${hubJobs}/read`, `${hubJobs}/write`],
};

/**
 * Declares a custom role.
 * @param name Name of the component, which starts the resource name.
 */
export function defineRole(
  name: string,
  role: CustomRole,
  opts: pulumi.CustomResourceOptions,
): RoleDefinition {
  return new RoleDefinition(
    `${name}-${role.key}-role`,
    {
      scope: role.resourceGroupId,
      assignableScopes: [role.resourceGroupId],
      roleDefinitionId: pulumi
        .output(role.resourceGroupId)
        .apply((scope) => stableGuid(scope, `terminal-fleet ${role.purpose}`)),
      roleName: role.name,
      roleType: "CustomRole",
      description: role.description,
      permissions: [
        {
          actions: role.actions ?? [],
          notActions: [],
          dataActions: role.dataActions ?? [],
          notDataActions: [],
        },
      ],
    },
    opts,
  );
}
