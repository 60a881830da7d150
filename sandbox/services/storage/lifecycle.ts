import type { AzureEnvironment } from "../../core/azure-environment.ts";
import type { AzuriteClient, ListedBlob } from "./azurite/client.ts";
import type { Immutability } from "./immutability.ts";

/** A blob that a lifecycle rule deleted. */
export interface DeletedBlob {
  account: string;
  container: string;
  blob: string;
  rule: string;
}

/** A rule of a management policy, as far as deleting base blobs goes; ARM's names. */
interface Rule {
  name: string;
  enabled?: boolean;
  definition: {
    actions: {
      baseBlob?: {
        delete?: { daysAfterModificationGreaterThan?: number; daysAfterCreationGreaterThan?: number };
      };
    };
    filters?: { blobTypes?: string[]; prefixMatch?: string[]; blobIndexMatch?: unknown[] };
  };
}

const dayMs = 24 * 3600 * 1000;

/**
 * Applies the delete rules for base blobs of every account's management policy, at the sandbox's time. Azure does so
 * about once a day; here it happens on command. What is immutable stays. Rules about tiers, versions and snapshots do nothing.
 */
export async function runLifecycle(
  azure: AzureEnvironment,
  inside: AzuriteClient,
  immutability: Immutability,
): Promise<DeletedBlob[]> {
  const deleted: DeletedBlob[] = [];
  for (const policy of azure.resources.list("Microsoft.Storage/storageAccounts/managementPolicies")) {
    const accountId = policy.id.replace(/\/managementPolicies\/.*/i, "");
    const account = accountId.slice(accountId.lastIndexOf("/") + 1).toLowerCase();
    const { rules = [] } = (policy.properties.policy ?? {}) as { rules?: Rule[] };
    const enabled = rules.filter((rule) => rule.enabled !== false);
    if (enabled.length === 0) continue;
    for await (const container of inside.containers(account)) {
      for await (const blob of inside.blobs(account, container)) {
        const rule = enabled.find((candidate) => expired(candidate, container, blob, azure.clock.now()));
        if (!rule || immutability.keeps(accountId, container, blob.lastModified)) continue;
        await inside.deleteBlob(account, container, blob.name);
        deleted.push({ account, container, blob: blob.name, rule: rule.name });
      }
    }
  }
  return deleted;
}

function expired(rule: Rule, container: string, blob: ListedBlob, now: number): boolean {
  const { blobTypes, prefixMatch, blobIndexMatch } = rule.definition.filters ?? {};
  // Such a rule is not deployed any more, but a state from before may hold one.
  if (blobIndexMatch?.length) return false;
  const type = blob.type.toLowerCase();
  if (blobTypes && !blobTypes.some((wanted) => wanted.toLowerCase() === type)) return false;
  const path = `${container}/${blob.name}`;
  if (prefixMatch?.length && !prefixMatch.some((prefix) => path.startsWith(prefix))) return false;
  const limits = rule.definition.actions.baseBlob?.delete ?? {};
  const older = (since: Date, days: number | undefined) =>
    days !== undefined && now - since.getTime() > days * dayMs;
  return (
    older(blob.lastModified, limits.daysAfterModificationGreaterThan) ||
    older(blob.createdOn, limits.daysAfterCreationGreaterThan)
  );
}
