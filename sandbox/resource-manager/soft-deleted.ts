import type { AzureEnvironment } from "../core/azure-environment.ts";
import type { Resource } from "./resources.ts";

/** A kind of resource that Azure keeps for some time after its deletion. */
export interface SoftDeletion {
  /** Type of what is kept, as Azure lists it. */
  type: string;
  /** Time in milliseconds from the deletion until Azure purges it. */
  retentionMs: number;
  /** ID of what is kept of a deleted resource. */
  id(resource: Resource, azure: AzureEnvironment): string;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/**
 * API Management reserves the name of a deleted service in all of Azure for 48 hours, unless the service is purged.
 * Source: api-management/soft-delete.
 */
export const deletedServices: SoftDeletion = {
  type: "Microsoft.ApiManagement/deletedservices",
  retentionMs: 48 * hourMs,
  id: regionalId("Microsoft.ApiManagement", "deletedservices"),
};

/**
 * Log Analytics keeps a deleted workspace with its logs for 14 days. A workspace with the same name in the same
 * resource group and region recovers it. Source: REST reference, Log Analytics, "Workspaces - Delete".
 */
export const deletedWorkspaces: SoftDeletion = {
  type: "Microsoft.OperationalInsights/deletedWorkspaces",
  retentionMs: 14 * dayMs,
  // The ID in Azure's lists is that of the workspace. Here it must differ from that of a new workspace.
  id: ({ id }) => id.replace(/\/workspaces\//i, "/deletedWorkspaces/"),
};

/**
 * Storage keeps a deleted account for 14 days. Its name is free at once, and a new account with this name ends the
 * possibility to recover the old one. Source: storage/common/storage-account-recover.
 */
export const deletedAccounts: SoftDeletion = {
  type: "Microsoft.Storage/deletedAccounts",
  retentionMs: 14 * dayMs,
  id: regionalId("Microsoft.Storage", "deletedAccounts"),
};

/** Keeps a deleted resource. `properties` are those of Azure's list; the resource itself is kept beside them. */
export function keepDeleted(
  kind: SoftDeletion,
  deleted: Resource,
  azure: AzureEnvironment,
  properties: Record<string, unknown> = {},
): void {
  azure.resources.put({
    id: kind.id(deleted, azure),
    type: kind.type,
    name: deleted.name,
    location: deleted.location,
    properties,
    softDeleted: { resource: deleted, purgeAtMs: azure.clock.now() + kind.retentionMs },
  });
}

/** What Azure keeps of deleted resources of a kind at the moment. */
export function listDeleted(kind: SoftDeletion, azure: AzureEnvironment): Resource[] {
  return azure.resources.list(kind.type).filter((each) => isKept(each, azure));
}

/** What Azure keeps under an ID of a kind; undefined when it was never deleted, or is purged. */
export function findDeleted(id: string, azure: AzureEnvironment): Resource | undefined {
  const found = azure.resources.get(id);
  return found && isKept(found, azure) ? found : undefined;
}

function isKept({ softDeleted }: Resource, azure: AzureEnvironment): boolean {
  return softDeleted !== undefined && softDeleted.purgeAtMs > azure.clock.now();
}

function regionalId(namespace: string, type: string): SoftDeletion["id"] {
  return ({ name, location }, azure) =>
    `/subscriptions/${azure.subscriptionId}/providers/${namespace}/locations/${location}/${type}/${name}`;
}
