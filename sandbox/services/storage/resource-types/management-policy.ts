import { z } from "zod";
import { ArmError, NotInSandboxError } from "../../../resource-manager/arm-error.ts";
import { enforced, noEffect, restricted } from "../../../resource-manager/input-effect.ts";
import type { ResourceType } from "../../../resource-manager/resource-type.ts";
import { flag, optional, text, whole } from "../../../resource-manager/shared-inputs.ts";

const days = whole.min(0);
const deletes = "the lifecycle run deletes base blobs by it";
const noTiers = "every action but delete is refused";
const notRecorded = "conditions on the last access or tier change are refused";

const afterModification = optional({
  daysAfterCreationGreaterThan: days,
  daysAfterLastAccessTimeGreaterThan: days,
  daysAfterLastTierChangeGreaterThan: days,
  daysAfterModificationGreaterThan: days,
});

const afterCreation = z.strictObject({
  daysAfterCreationGreaterThan: days,
  daysAfterLastTierChangeGreaterThan: days.optional(),
});

const deletion = optional({
  daysAfterCreationGreaterThan: enforced(days, deletes),
  daysAfterLastAccessTimeGreaterThan: restricted(days, notRecorded),
  daysAfterLastTierChangeGreaterThan: restricted(days, notRecorded),
  daysAfterModificationGreaterThan: enforced(days, deletes),
});

const copies = optional({
  delete: noEffect(afterCreation, "the sandbox has no snapshots to delete and no versions"),
  tierToArchive: restricted(afterCreation, noTiers),
  tierToCold: restricted(afterCreation, noTiers),
  tierToCool: restricted(afterCreation, noTiers),
  tierToHot: restricted(afterCreation, noTiers),
});

const rule = z.strictObject({
  name: enforced(text, "the names of rules must differ"),
  enabled: enforced(flag, "false: the rule deletes nothing").optional(),
  type: noEffect(z.literal("Lifecycle"), "there is one type"),
  definition: z.strictObject({
    actions: optional({
      baseBlob: optional({
        delete: deletion,
        enableAutoTierToHotFromCool: restricted(flag, noTiers),
        tierToArchive: restricted(afterModification, noTiers),
        tierToCold: restricted(afterModification, noTiers),
        tierToCool: restricted(afterModification, noTiers),
        tierToHot: restricted(afterModification, noTiers),
      }),
      snapshot: copies,
      version: copies,
    }),
    filters: z
      .strictObject({
        blobTypes: enforced(z.array(z.enum(["blockBlob", "appendBlob"])).min(1), deletes),
        prefixMatch: enforced(z.array(text).max(10), deletes).optional(),
        blobIndexMatch: restricted(
          z.array(z.strictObject({ name: text, op: z.literal("=="), value: text })).max(10),
          "every index tag is refused",
        ).optional(),
      })
      .optional(),
  }),
});

interface Rule {
  name: string;
  definition: { actions: Record<string, Record<string, unknown>>; filters?: { blobIndexMatch?: unknown[] } };
}

/** Microsoft.Storage/storageAccounts/managementPolicies: the lifecycle rules for the blobs of an account. */
export const managementPolicy: ResourceType = {
  type: "Microsoft.Storage/storageAccounts/managementPolicies",
  token: "azure-native:storage:ManagementPolicy",
  apiVersion: "2024-01-01",
  path: "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Storage/storageAccounts/{accountName}/managementPolicies/{managementPolicyName}",
  autoName: "copy",
  // "Configure a lifecycle management policy": up to 100 rules.
  inputs: z.strictObject({ policy: z.strictObject({ rules: z.array(rule).min(1).max(100) }) }),
  topLevel: [],
  computed: ["lastModifiedTime"],

  check({ resource, names }) {
    if (names.managementPolicyName !== "default") {
      throw new ArmError(
        400,
        "InvalidManagementPolicyName",
        `The management policy's name must be 'default', not '${names.managementPolicyName}'.`,
      );
    }
    const seen = new Set<string>();
    for (const { name, definition } of (resource.properties.policy as { rules: Rule[] }).rules) {
      if (!/^[A-Za-z0-9-]{1,256}$/.test(name)) throw invalid(`The rule name '${name}' is not valid.`);
      if (seen.has(name.toLowerCase())) throw invalid(`The rule name '${name}' is used twice.`);
      seen.add(name.toLowerCase());
      const actions = Object.entries(definition.actions).flatMap(([on, each]) =>
        Object.entries(each).map(([action, condition]) => ({ name: `${on}.${action}`, condition })),
      );
      if (actions.length === 0) throw invalid(`The rule '${name}' has no action.`);
      for (const { name: action, condition } of actions) {
        if (typeof condition === "object" && Object.keys(condition as object).length === 0) {
          throw invalid(`The action ${action} of the rule '${name}' has no condition.`);
        }
        rejectUnsupported(action, condition);
      }
      if (definition.filters?.blobIndexMatch?.length)
        throw new NotInSandboxError("lifecycle rules by index tags");
    }
  },

  complete({ resource }, azure) {
    resource.properties.lastModifiedTime = new Date(azure.clock.now()).toISOString();
  },
};

/** Rejects actions other than delete, and conditions on access time and tier: Azurite has neither. */
function rejectUnsupported(action: string, condition: unknown): void {
  if (!action.endsWith(".delete")) throw new NotInSandboxError(`the lifecycle action ${action}`);
  const unsupported = Object.keys(condition as object).find((name) =>
    /LastAccessTime|LastTierChange/.test(name),
  );
  if (unsupported !== undefined) throw new NotInSandboxError(`the lifecycle condition ${unsupported}`);
}

function invalid(message: string): ArmError {
  return new ArmError(400, "InvalidRequestPropertyValue", message);
}
