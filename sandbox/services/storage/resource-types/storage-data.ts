import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { ArmError, NotInSandboxError } from "../../../resource-manager/arm-error.ts";
import { enforced, restricted } from "../../../resource-manager/input-effect.ts";
import type { ResourceType } from "../../../resource-manager/resource-type.ts";
import { flag, optional, text } from "../../../resource-manager/shared-inputs.ts";

const account =
  "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Storage/storageAccounts/{accountName}";

/** Microsoft.Storage/storageAccounts/blobServices/containers. */
export const blobContainer: ResourceType = {
  type: "Microsoft.Storage/storageAccounts/blobServices/containers",
  token: "azure-native:storage:BlobContainer",
  apiVersion: "2024-01-01",
  path: `${account}/blobServices/default/containers/{containerName}`,
  autoName: "copy",
  inputs: optional({
    defaultEncryptionScope: restricted(text, "every scope but $account-encryption-key is refused"),
    denyEncryptionScopeOverride: restricted(flag, "true is refused"),
    metadata: restricted(z.record(text, text), "every entry is refused"),
    publicAccess: enforced(
      z.enum(["None", "Blob", "Container"]),
      "callers without a signature can read blobs, where the account allows it",
    ),
  }),
  topLevel: [],
  computed: [
    "deleted",
    "etag",
    "hasImmutabilityPolicy",
    "hasLegalHold",
    "lastModifiedTime",
    "leaseState",
    "leaseStatus",
  ],
  actions: ["getAcl/action", "setAcl/action"],
  dataActions: [
    "blobs/read",
    "blobs/write",
    "blobs/delete",
    "blobs/add/action",
    "blobs/move/action",
    "blobs/filter/action",
    "blobs/tags/read",
    "blobs/tags/write",
  ],

  check({ resource, previous }, azure) {
    // "Naming and Referencing Containers, Blobs, and Metadata".
    if (!/^(\$root|\$web|\$logs|[a-z0-9](?!.*--)[a-z0-9-]{1,61}[a-z0-9])$/.test(resource.name)) {
      throw new ArmError(
        400,
        "ContainerOperationFailure",
        `The specified resource name '${resource.name}' contains invalid characters or has the wrong length.`,
      );
    }
    const { metadata, defaultEncryptionScope, denyEncryptionScopeOverride } = resource.properties;
    // A client may have set metadata over the blob endpoint, and a PATCH keeps it.
    const isSame = isDeepStrictEqual(metadata ?? {}, previous?.properties.metadata ?? {});
    if (!isSame) {
      throw new NotInSandboxError("metadata in the declaration of a container");
    }
    const hasEncryptionScope =
      defaultEncryptionScope !== undefined && defaultEncryptionScope !== "$account-encryption-key";
    if (hasEncryptionScope || denyEncryptionScopeOverride) throw new NotInSandboxError("encryption scopes");
    const owner = azure.resources.get(resource.id.split("/blobServices/")[0] as string);
    const access = resource.properties.publicAccess ?? "None";
    if (access !== "None" && owner?.properties.allowBlobPublicAccess !== true) {
      throw new ArmError(
        409,
        "PublicAccessNotPermitted",
        "Public access is not permitted on this storage account.",
      );
    }
  },

  complete({ resource, previous }, azure) {
    resource.properties = {
      publicAccess: "None",
      defaultEncryptionScope: "$account-encryption-key",
      denyEncryptionScopeOverride: false,
      ...resource.properties,
      deleted: false,
      hasImmutabilityPolicy: previous?.properties.hasImmutabilityPolicy ?? false,
      hasLegalHold: false,
      leaseState: "Available",
      leaseStatus: "Unlocked",
      lastModifiedTime: previous?.properties.lastModifiedTime ?? new Date(azure.clock.now()).toISOString(),
    };
  },

  checkDelete(resource) {
    // "Container-level WORM policies": a container with a policy in effect cannot be deleted.
    if (resource.properties.hasImmutabilityPolicy !== true) return;
    throw new ArmError(
      409,
      "ContainerOperationFailure",
      `The container '${resource.name}' has an immutability policy.`,
    );
  },
};

const signedIdentifier = z.strictObject({
  id: text,
  accessPolicy: z
    .strictObject({ startTime: text.optional(), expiryTime: text.optional(), permission: text })
    .optional(),
});

/** Microsoft.Storage/storageAccounts/tableServices/tables. */
export const table: ResourceType = {
  type: "Microsoft.Storage/storageAccounts/tableServices/tables",
  token: "azure-native:storage:Table",
  apiVersion: "2024-01-01",
  path: `${account}/tableServices/default/tables/{tableName}`,
  autoName: "copy",
  // "Define a stored access policy": at most five for a container or table.
  inputs: optional({
    signedIdentifiers: restricted(z.array(signedIdentifier).max(5), "every stored access policy is refused"),
  }),
  topLevel: [],
  computed: [],
  actions: ["getAcl/action", "setAcl/action"],
  dataActions: [
    "entities/read",
    "entities/write",
    "entities/delete",
    "entities/add/action",
    "entities/update/action",
  ],

  check({ resource }) {
    // "Understanding the Table service data model": table names, and the reserved name tables.
    if (!/^[A-Za-z][A-Za-z0-9]{2,62}$/.test(resource.name) || resource.name.toLowerCase() === "tables") {
      throw new ArmError(
        400,
        "TableOperationFailure",
        `The specified resource name '${resource.name}' contains invalid characters or has the wrong length.`,
      );
    }
    if ((resource.properties.signedIdentifiers as unknown[] | undefined)?.length) {
      throw new NotInSandboxError("stored access policies in the declaration of a table");
    }
  },

  complete({ resource }) {
    resource.properties = { ...resource.properties, tableName: resource.name };
  },
};
