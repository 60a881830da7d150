import type { SQLOutputValue, StatementSync } from "node:sqlite";
import type { Store } from "../../../core/store.ts";

/** A device's identity and twin. Times are in milliseconds since 1970, 0 for never. Documents are JSON. */
export interface DeviceRow {
  /** The key of its hub. */
  hub: string;
  id: string;
  generation: string;
  /** Changes with every write of the identity. */
  etag: number;
  status: "enabled" | "disabled";
  statusReason: string | null;
  statusTime: number;
  connected: 0 | 1;
  connectionTime: number;
  activityTime: number;
  primaryKey: string;
  secondaryKey: string;
  tags: string;
  desired: string;
  desiredMeta: string;
  desiredVersion: number;
  reported: string;
  reportedMeta: string;
  reportedVersion: number;
  /** Changes with every part of the twin. */
  twinVersion: number;
  /** Changes with tags and desired properties only. */
  twinEtag: number;
  modelId: string;
}

const columns: Record<keyof DeviceRow, string> = {
  hub: "TEXT",
  id: "TEXT",
  generation: "TEXT",
  etag: "INTEGER",
  status: "TEXT",
  statusReason: "TEXT",
  statusTime: "INTEGER",
  connected: "INTEGER",
  connectionTime: "INTEGER",
  activityTime: "INTEGER",
  primaryKey: "TEXT",
  secondaryKey: "TEXT",
  tags: "TEXT",
  desired: "TEXT",
  desiredMeta: "TEXT",
  desiredVersion: "INTEGER",
  reported: "TEXT",
  reportedMeta: "TEXT",
  reportedVersion: "INTEGER",
  twinVersion: "INTEGER",
  twinEtag: "INTEGER",
  modelId: "TEXT",
};

/** Creates a table of devices. The query index has its own when it has a delay. */
export function createDeviceTable(store: Store, name: string): void {
  const list = Object.entries(columns).map(([column, type]) => `${column} ${type}`);
  store.db.exec(
    `CREATE TABLE IF NOT EXISTS ${name} (${list.join(", ")}, PRIMARY KEY (hub, id)) WITHOUT ROWID`,
  );
}

/** The devices of a hub: `total` is the sum of `enabled` and `disabled`. */
export interface DeviceCounts {
  total: number;
  enabled: number;
  disabled: number;
  connected: number;
}

/**
 * Counts the devices of a hub. The table has to exist: see `createDeviceTable`.
 * @param hub The key of the hub's rows: its name in lower case.
 */
export function countDevices(store: Store, hub: string): DeviceCounts {
  const row = store
    .statement(
      `SELECT count(*) AS total, count(*) FILTER (WHERE status = 'disabled') AS disabled,
         count(*) FILTER (WHERE connected = 1) AS connected FROM iothub_devices WHERE hub = ?`,
    )
    .get(hub);
  const { total, disabled, connected } = row as { total: number; disabled: number; connected: number };
  return { total, enabled: total - disabled, disabled, connected };
}

/** The devices of all hubs, in SQLite, so memory does not grow with their number. */
export class DeviceTable {
  private readonly store: Store;
  private readonly selectOne: StatementSync;
  private readonly insertOne: StatementSync;
  private readonly updateOne: StatementSync;
  private readonly deleteOne: StatementSync;
  private readonly updateConnection: StatementSync;
  private readonly updateActivity: StatementSync;
  private readonly counts = new Map<string, number>();
  private listener: (hub: string, id: string) => void = () => {};

  constructor(store: Store) {
    this.store = store;
    createDeviceTable(store, "iothub_devices");
    // Connections end with the process that has them open.
    store.db.exec("UPDATE iothub_devices SET connected = 0 WHERE connected = 1");
    const names = Object.keys(columns);
    this.selectOne = store.db.prepare("SELECT * FROM iothub_devices WHERE hub = ? AND id = ?");
    this.insertOne = store.db.prepare(
      `INSERT INTO iothub_devices (${names.join(", ")}) VALUES (${names.map((name) => `:${name}`).join(", ")})`,
    );
    const assignments = names.filter((name) => name !== "hub" && name !== "id");
    this.updateOne = store.db.prepare(
      `UPDATE iothub_devices SET ${assignments.map((name) => `${name} = :${name}`).join(", ")} WHERE hub = :hub AND id = :id`,
    );
    this.deleteOne = store.db.prepare("DELETE FROM iothub_devices WHERE hub = ? AND id = ?");
    this.updateConnection = store.db.prepare(
      "UPDATE iothub_devices SET connected = ?, connectionTime = ?, activityTime = ? WHERE hub = ? AND id = ?",
    );
    this.updateActivity = store.db.prepare(
      "UPDATE iothub_devices SET activityTime = ? WHERE hub = ? AND id = ?",
    );
  }

  /** Sets the function that is called after every insert, update and delete. */
  onChange(listener: (hub: string, id: string) => void): void {
    this.listener = listener;
  }

  get(hub: string, id: string): DeviceRow | undefined {
    return this.selectOne.get(hub, id) as DeviceRow | undefined;
  }

  /** Devices in the order of their IDs, starting after the ID `after`. */
  list(hub: string, after: string, limit: number): DeviceRow[] {
    return (
      this.store.db
        .prepare("SELECT * FROM iothub_devices WHERE hub = ? AND id > ? ORDER BY id LIMIT ?")
        // SELECT * returns the columns of DeviceRow.
        .all(hub, after, limit) as unknown as DeviceRow[]
    );
  }

  insert(row: DeviceRow): void {
    this.insertOne.run(parameters(row));
    this.counts.set(row.hub, this.count(row.hub, 1));
    this.listener(row.hub, row.id);
  }

  update(row: DeviceRow): void {
    this.updateOne.run(parameters(row));
    this.listener(row.hub, row.id);
  }

  /** Records that the device has connected or disconnected. ETags stay the same, as on a live hub. */
  setConnected(hub: string, id: string, connected: boolean, now: number): void {
    this.updateConnection.run(connected ? 1 : 0, now, now, hub, id);
    this.listener(hub, id);
  }

  /** Records that the device has sent or received something. */
  recordActivity(hub: string, id: string, now: number): void {
    this.updateActivity.run(now, hub, id);
    this.listener(hub, id);
  }

  delete(hub: string, id: string): void {
    const { changes } = this.deleteOne.run(hub, id);
    this.counts.set(hub, this.count(hub, -Number(changes)));
    this.listener(hub, id);
  }

  deleteHub(hub: string): void {
    this.store.db.prepare("DELETE FROM iothub_devices WHERE hub = ?").run(hub);
    this.counts.delete(hub);
  }

  /** The number of devices of the hub. It is cached, because every creation checks it. */
  count(hub: string, change = 0): number {
    const known = this.counts.get(hub);
    if (known !== undefined) return known + change;
    const row = this.store.db.prepare("SELECT count(*) AS n FROM iothub_devices WHERE hub = ?").get(hub);
    const total = row?.n as number;
    this.counts.set(hub, total);
    return total;
  }

  statistics(hub: string): DeviceCounts {
    return countDevices(this.store, hub);
  }
}

function parameters(row: DeviceRow): Record<string, SQLOutputValue> {
  // An interface has no index signature, but every property of a row is a value of SQLite.
  return row as unknown as Record<string, SQLOutputValue>;
}
