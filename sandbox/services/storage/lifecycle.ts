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

/** The part of a management policy's rule that deletes base blobs. */
interface LifecycleRule {
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
 * Deletes base blobs by the lifecycle rules of all accounts, at the sandbox's time. Azure does this about once a day;
 * the sandbox does it on command. Blobs that an immutability policy retains are not deleted.
 * @returns The deleted blobs.
 */
export async function runLifecycle(
  azure: AzureEnvironment,
  client: AzuriteClient,
  immutability: Immutability,
): Promise<DeletedBlob[]> {
  const deleted: DeletedBlob[] = [];
  for (const policy of azure.resources.list("Microsoft.Storage/storageAccounts/managementPolicies")) {
    const accountId = policy.id.replace(/\/managementPolicies\/.*/i, "");
    const account = accountId.slice(accountId.lastIndexOf("/") + 1).toLowerCase();
    const { rules = [] } = (policy.properties.policy ?? {}) as { rules?: LifecycleRule[] };
    const enabled = rules.filter((rule) => rule.enabled !== false);
    if (enabled.length === 0) continue;
    for await (const container of client.listContainers(account)) {
      for await (const blob of client.listBlobs(account, container)) {
        const rule = enabled.find((candidate) => isExpired(candidate, container, blob, azure.clock.now()));
        if (!rule || immutability.isRetained(accountId, container, blob.lastModified)) continue;
        await client.deleteBlob(account, container, blob.name);
        deleted.push({ account, container, blob: blob.name, rule: rule.name });
      }
    }
  }
  return deleted;
}

function isExpired(rule: LifecycleRule, container: string, blob: ListedBlob, now: number): boolean {
  const { blobTypes, prefixMatch, blobIndexMatch } = rule.definition.filters ?? {};
  // The sandbox rejects such a rule today, but the state of an earlier version may contain one.
  if (blobIndexMatch?.length) return false;
  const type = blob.type.toLowerCase();
  if (blobTypes && !blobTypes.some((wanted) => wanted.toLowerCase() === type)) return false;
  const path = `${container}/${blob.name}`;
  if (prefixMatch?.length && !prefixMatch.some((prefix) => path.startsWith(prefix))) return false;
  const limits = rule.definition.actions.baseBlob?.delete ?? {};
  const isOlder = (time: Date, days: number | undefined) =>
    days !== undefined && now - time.getTime() > days * dayMs;
  return (
    isOlder(blob.lastModified, limits.daysAfterModificationGreaterThan) ||
    isOlder(blob.createdOn, limits.daysAfterCreationGreaterThan)
  );
}
