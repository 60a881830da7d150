import { z } from "zod";
import type { AzureEnvironment } from "../../../core/azure-environment.ts";
import { ArmError } from "../../../resource-manager/arm-error.ts";
import { enforced } from "../../../resource-manager/input-effect.ts";
import type { ResourceType } from "../../../resource-manager/resource-type.ts";
import type { Resource } from "../../../resource-manager/resources.ts";
import { flag, optional, whole } from "../../../resource-manager/shared-inputs.ts";

/**
 * Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies: a time-based retention policy for the
 * blobs of a container. sandbox/services/storage/immutability.ts enforces it. The sandbox cannot lock a policy.
 */
export const immutabilityPolicy: ResourceType = {
  type: "Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies",
  token: "azure-native:storage:BlobContainerImmutabilityPolicy",
  apiVersion: "2024-01-01",
  path: "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Storage/storageAccounts/{accountName}/blobServices/default/containers/{containerName}/immutabilityPolicies/{immutabilityPolicyName}",
  autoName: "copy",
  inputs: optional({
    allowProtectedAppendWrites: enforced(flag, "true: blocks can be appended to append blobs"),
    allowProtectedAppendWritesAll: enforced(flag, "true: blocks can be appended to append and block blobs"),
    // "Configure immutability policies for containers": 1 day to 400 years.
    immutabilityPeriodSinceCreationInDays: enforced(
      whole.and(z.number().min(1).max(146_000)),
      "blobs cannot be changed or deleted for so many days",
    ),
  }),
  topLevel: [],
  computed: ["etag", "state"],

  check({ resource, names }) {
    if (names.immutabilityPolicyName !== "default") {
      throw invalid(`The policy's name must be 'default', not '${names.immutabilityPolicyName}'.`);
    }
    const { properties } = resource;
    if (properties.immutabilityPeriodSinceCreationInDays === undefined) {
      throw invalid("The property immutabilityPeriodSinceCreationInDays is required.");
    }
    if (properties.allowProtectedAppendWrites && properties.allowProtectedAppendWritesAll) {
      throw invalid("allowProtectedAppendWrites and allowProtectedAppendWritesAll are mutually exclusive.");
    }
  },

  complete({ resource }) {
    resource.properties.state = "Unlocked";
  },

  stored({ resource }, azure) {
    const container = azure.resources.get(resource.id.split("/immutabilityPolicies/")[0] as string);
    if (!container) return;
    setPolicy(container, true, azure);
  },

  deleted({ id }, azure) {
    const container = azure.resources.get(id.split("/immutabilityPolicies/")[0] as string);
    if (container) setPolicy(container, false, azure);
  },

  // Azure requires the policy's ETag, which azure-native does not send (pulumi-azure-native issue 2156).
  checkDelete(_resource, _azure, ifMatch) {
    if (ifMatch !== undefined) return;
    throw new ArmError(
      412,
      "ContainerImmutabilityPolicyFailure",
      "Operation not allowed on immutability policy with incorrect etag.",
    );
  },
};

function setPolicy(container: Resource, hasImmutabilityPolicy: boolean, azure: AzureEnvironment): void {
  azure.resources.put({ ...container, properties: { ...container.properties, hasImmutabilityPolicy } });
}

function invalid(message: string): ArmError {
  return new ArmError(400, "InvalidRequestPropertyValue", message);
}
