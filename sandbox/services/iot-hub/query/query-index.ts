import type { AzureEnvironment } from "../../../core/azure-environment.ts";
import { createDeviceTable, type DeviceTable } from "../registry/device-table.ts";

/** Queries of a live hub returned a device for 25 minutes after its deletion (mwalser/terraform-provider-iothub). */
const deletionDelayMs = 25 * 60_000;

/**
 * The table that queries read. Without a delay it is the table of devices. With a delay it is a copy, in which a change
 * appears after the delay and a deletion after 25 minutes, as in the service's index.
 */
export class QueryIndex {
  private readonly azure: AzureEnvironment;
  private readonly delayMs: number;

  /** @param delayMs Milliseconds until a change appears. */
  constructor(azure: AzureEnvironment, devices: DeviceTable, delayMs: number) {
    this.azure = azure;
    this.delayMs = delayMs;
    if (delayMs === 0) return;
    createDeviceTable(azure.store, "iothub_index");
    azure.store.db.exec(
      "CREATE TABLE IF NOT EXISTS iothub_index_changes (due INTEGER, hub TEXT, id TEXT, PRIMARY KEY (hub, id, due)) WITHOUT ROWID",
    );
    azure.store.db.exec("CREATE INDEX IF NOT EXISTS iothub_index_due ON iothub_index_changes (due)");
    this.catchUp();
    devices.onChange((hub, id) => {
      const delay = devices.get(hub, id) ? delayMs : deletionDelayMs;
      azure.store.db
        .prepare("INSERT OR IGNORE INTO iothub_index_changes VALUES (?, ?, ?)")
        .run(azure.clock.now() + delay, hub, id);
    });
  }

  deleteHub(hub: string): void {
    if (this.delayMs === 0) return;
    for (const table of ["iothub_index", "iothub_index_changes"]) {
      this.azure.store.db.prepare(`DELETE FROM ${table} WHERE hub = ?`).run(hub);
    }
  }

  /** Copies changes that were made while the sandbox ran without a delay. Changes that are not due yet stay pending. */
  private catchUp(): void {
    const pending = "SELECT hub, id FROM iothub_index_changes";
    this.azure.store.db.exec(`
      INSERT OR REPLACE INTO iothub_index SELECT * FROM iothub_devices WHERE (hub, id) NOT IN (${pending});
      DELETE FROM iothub_index WHERE (hub, id) NOT IN (SELECT hub, id FROM iothub_devices)
        AND (hub, id) NOT IN (${pending});
    `);
  }

  /** The name of the table to read, after all due changes were copied to it. */
  table(): string {
    if (this.delayMs === 0) return "iothub_devices";
    const { store, clock } = this.azure;
    store.transaction(() => {
      const now = clock.now();
      const due = "SELECT hub, id FROM iothub_index_changes WHERE due <= ?";
      // A change before a deletion finds no device any more: its row stays until the deletion is due.
      store.db
        .prepare(
          `INSERT OR REPLACE INTO iothub_index SELECT * FROM iothub_devices WHERE (hub, id) IN (${due})`,
        )
        .run(now);
      store.db
        .prepare(
          `DELETE FROM iothub_index WHERE (hub, id) IN (${due}) AND (hub, id) NOT IN (SELECT hub, id FROM iothub_devices)
           AND (hub, id) NOT IN (SELECT hub, id FROM iothub_index_changes WHERE due > ?)`,
        )
        .run(now, now);
      store.db.prepare("DELETE FROM iothub_index_changes WHERE due <= ?").run(now);
    });
    return "iothub_index";
  }
}
