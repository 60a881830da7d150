import type { AzureEnvironment } from "../../core/azure-environment.ts";
import { StorageError } from "./storage-error.ts";

/**
 * The containers that clients deleted a moment ago. Azure Storage deletes their blobs in the background, and refuses a new
 * container with the same name for at least 30 seconds. Source: REST reference of Azure Storage, "Delete Container".
 */
export class ContainerDeletions {
  private readonly azure: AzureEnvironment;
  private readonly durationMs: number;

  constructor(azure: AzureEnvironment, durationMs: number) {
    this.azure = azure;
    this.durationMs = durationMs;
    azure.store.db.exec(
      "CREATE TABLE IF NOT EXISTS storage_container_deletions (id TEXT PRIMARY KEY, deleted_ms REAL)",
    );
  }

  /** @param id Resource ID of the container. */
  add(id: string): void {
    this.azure.store
      .statement("INSERT OR REPLACE INTO storage_container_deletions VALUES (?, ?)")
      .run(id.toLowerCase(), this.azure.clock.now());
  }

  /** @throws StorageError ContainerBeingDeleted (409) */
  checkName(id: string): void {
    const row = this.azure.store
      .statement("SELECT deleted_ms FROM storage_container_deletions WHERE id = ?")
      .get(id.toLowerCase());
    if (!row || (row.deleted_ms as number) + this.durationMs <= this.azure.clock.now()) return;
    throw new StorageError(
      409,
      "ContainerBeingDeleted",
      "The specified container is being deleted. Try operation later.",
    );
  }
}
