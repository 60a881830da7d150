import type { AzureEnvironment } from "../../../core/azure-environment.ts";
import { createDeviceTable, type DeviceTable } from "../registry/device-table.ts";

/** A live hub listed a device for 25 minutes after its deletion (mwalser/terraform-provider-iothub). */
const ghostMs = 25 * 60_000;

/**
 * What queries see. With no lag it is the devices themselves; with one it is a copy that follows every change that
 * long after, and every deletion 25 minutes after, as the service's index does.
 */
export class QueryIndex {
  private readonly azure: AzureEnvironment;
  private readonly lagMs: number;

  constructor(azure: AzureEnvironment, devices: DeviceTable, lagMs: number) {
    this.azure = azure;
    this.lagMs = lagMs;
    if (lagMs === 0) return;
    createDeviceTable(azure.store, "iothub_index");
    azure.store.db.exec(
      "CREATE TABLE IF NOT EXISTS iothub_index_changes (due INTEGER, hub TEXT, id TEXT, PRIMARY KEY (hub, id, due)) WITHOUT ROWID",
    );
    azure.store.db.exec("CREATE INDEX IF NOT EXISTS iothub_index_due ON iothub_index_changes (due)");
    this.catchUp();
    devices.onChange((hub, id) => {
      const delay = devices.get(hub, id) ? lagMs : ghostMs;
      azure.store.db
        .prepare("INSERT OR IGNORE INTO iothub_index_changes VALUES (?, ?, ?)")
        .run(azure.clock.now() + delay, hub, id);
    });
  }

  deleteHub(hub: string): void {
    if (this.lagMs === 0) return;
    for (const table of ["iothub_index", "iothub_index_changes"]) {
      this.azure.store.db.prepare(`DELETE FROM ${table} WHERE hub = ?`).run(hub);
    }
  }

  /** Copies what was changed while there was no lag, and leaves what is still due for later. */
  private catchUp(): void {
    const pending = "SELECT hub, id FROM iothub_index_changes";
    this.azure.store.db.exec(`
      INSERT OR REPLACE INTO iothub_index SELECT * FROM iothub_devices WHERE (hub, id) NOT IN (${pending});
      DELETE FROM iothub_index WHERE (hub, id) NOT IN (SELECT hub, id FROM iothub_devices)
        AND (hub, id) NOT IN (${pending});
    `);
  }

  /** The table to read, brought up to what the lag allows. */
  table(): string {
    if (this.lagMs === 0) return "iothub_devices";
    const { store, clock } = this.azure;
    store.transaction(() => {
      const now = clock.now();
      const due = "SELECT hub, id FROM iothub_index_changes WHERE due <= ?";
      // A change that comes due after a deletion finds no device: the ghost stays until the deletion is due too.
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
