import { z } from "zod";
import { ArmError, NotInSandboxError } from "../../../resource-manager/arm-error.ts";
import { noEffect, restricted } from "../../../resource-manager/input-effect.ts";
import type { ResourceType } from "../../../resource-manager/resource-type.ts";
import { flag, optional, text, whole } from "../../../resource-manager/shared-inputs.ts";

const account =
  "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Storage/storageAccounts/{accountName}";

const cors = optional({
  corsRules: restricted(
    z.array(
      z.strictObject({
        allowedHeaders: z.array(text),
        allowedMethods: z.array(text),
        allowedOrigins: z.array(text),
        exposedHeaders: z.array(text),
        maxAgeInSeconds: whole,
      }),
    ),
    "every rule is refused",
  ),
});

const retention = noEffect(
  optional({ allowPermanentDelete: flag, days: whole.min(1).max(365), enabled: flag }),
  "the sandbox has no soft delete: what is deleted cannot be restored",
);

interface Retention {
  enabled?: boolean;
  days?: number;
}

/** Microsoft.Storage/storageAccounts/blobServices: soft delete, versions and CORS of an account's blobs. */
export const blobService: ResourceType = {
  type: "Microsoft.Storage/storageAccounts/blobServices",
  token: "azure-native:storage:BlobServiceProperties",
  apiVersion: "2024-01-01",
  path: `${account}/blobServices/{blobServicesName}`,
  autoName: "copy",
  inputs: optional({
    automaticSnapshotPolicyEnabled: restricted(flag, "true is refused"),
    changeFeed: restricted(
      optional({ enabled: flag, retentionInDays: whole.min(1).max(146_000) }),
      "the change feed cannot be enabled",
    ),
    containerDeleteRetentionPolicy: retention,
    cors,
    defaultServiceVersion: restricted(text, "every version is refused"),
    deleteRetentionPolicy: retention,
    isVersioningEnabled: restricted(flag, "true is refused"),
    lastAccessTimeTrackingPolicy: restricted(
      z.strictObject({
        blobType: z.array(text).optional(),
        enable: flag,
        name: z.literal("AccessTimeTracking").optional(),
        trackingGranularityInDays: z.literal(1).optional(),
      }),
      "tracking cannot be enabled",
    ),
    restorePolicy: restricted(
      z.strictObject({ days: whole.min(1).max(365).optional(), enabled: flag }),
      "it cannot be enabled: it needs versioning and the change feed",
    ),
  }),
  topLevel: [],
  computed: ["sku"],
  actions: ["getInfo/action", "generateUserDelegationKey/action"],
  singleton: { properties: { deleteRetentionPolicy: { enabled: false } } },

  check({ resource, names }) {
    requireDefaultName(names.blobServicesName);
    const properties = resource.properties as Record<string, Retention | undefined>;
    for (const name of ["deleteRetentionPolicy", "containerDeleteRetentionPolicy"]) {
      const policy = properties[name];
      if (policy?.enabled && policy.days === undefined) throw invalid(`${name}.days`);
    }
    const restore = properties.restorePolicy;
    // "Point-in-time restore for block blobs": it requires versions, the change feed and soft delete.
    if (restore?.enabled) {
      const softDelete = properties.deleteRetentionPolicy;
      if (!properties.isVersioningEnabled || !properties.changeFeed?.enabled || !softDelete?.enabled) {
        throw invalid("restorePolicy");
      }
      if ((restore.days ?? 0) >= (softDelete.days ?? 0)) throw invalid("restorePolicy.days");
    }
    rejectUnsupported(resource.properties);
  },

  complete({ resource }) {
    resource.properties = { deleteRetentionPolicy: { enabled: false }, ...resource.properties };
  },
};

/** Microsoft.Storage/storageAccounts/tableServices: CORS of an account's tables. */
export const tableService: ResourceType = {
  type: "Microsoft.Storage/storageAccounts/tableServices",
  token: "azure-native:storage:TableServiceProperties",
  apiVersion: "2024-01-01",
  path: `${account}/tableServices/{tableServiceName}`,
  autoName: "copy",
  inputs: optional({ cors }),
  topLevel: [],
  computed: [],
  singleton: { properties: {} },

  check({ resource, names }) {
    requireDefaultName(names.tableServiceName);
    rejectUnsupported(resource.properties);
  },
};

/**
 * Rejects features that Azurite does not have and that clients would notice. docs/sandbox-fidelity.md documents that soft
 * delete has no effect.
 */
function rejectUnsupported(properties: Record<string, unknown>): void {
  const { cors, changeFeed, lastAccessTimeTrackingPolicy } = properties as {
    cors?: { corsRules?: unknown[] };
    changeFeed?: { enabled?: boolean };
    lastAccessTimeTrackingPolicy?: { enable: boolean };
  };
  const features: [unknown, string][] = [
    [properties.isVersioningEnabled, "blob versions"],
    [changeFeed?.enabled, "the change feed of blobs"],
    [lastAccessTimeTrackingPolicy?.enable, "last access time tracking of blobs"],
    [properties.automaticSnapshotPolicyEnabled, "automatic snapshots of blobs"],
    [properties.defaultServiceVersion, "a default API version of a storage service"],
    [cors?.corsRules?.length, "CORS rules of storage services"],
  ];
  for (const [isRequested, feature] of features) if (isRequested) throw new NotInSandboxError(feature);
}

function requireDefaultName(name: string | undefined): void {
  if (name === "default") return;
  throw new ArmError(400, "InvalidResourceName", `The service's name must be 'default', not '${name}'.`);
}

function invalid(property: string): ArmError {
  return new ArmError(
    400,
    "InvalidValuesForRequestParameters",
    `Values for request parameters are invalid: properties.${property}.`,
  );
}
