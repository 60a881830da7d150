import { createHash } from "node:crypto";
import { EventEmitter } from "node:events";
import type { SQLOutputValue, StatementSync } from "node:sqlite";
import type { Store } from "../../../core/store.ts";
import type { Message } from "../messages/message.ts";

/** A message in a partition of a hub's built-in endpoint. Times are in milliseconds since 1970. */
export interface StoredEvent extends Message {
  deviceId: string;
  /** The device's generation ID when it sent the message. */
  generation: string;
  /** Whether a key of the device or one of the hub signed its token. */
  authScope: "device" | "hub";
  enqueued: number;
  sequence: number;
  offset: number;
}

/** What a partition has had so far; -1 as sequence and offset for nothing. */
export interface PartitionState {
  lastSequence: number;
  lastOffset: number;
  /** 0 for never. */
  lastEnqueued: number;
  /** The sequence number of the oldest event that is kept; the next number when none is kept. */
  firstSequence: number;
  isEmpty: boolean;
}

/** Bytes that each event takes in its partition besides its content. Azure documents no number. */
const bytesOfEvent = 64;

/** The events of all hubs' built-in endpoints. The event "stored" names a partition that has a new event. */
export class EventStore extends EventEmitter<{ stored: [hub: string, partition: number] }> {
  private readonly store: Store;
  private readonly selectPartition: StatementSync;
  private readonly writePartition: StatementSync;
  private readonly insertEvent: StatementSync;
  private readonly selectEvents: StatementSync;

  constructor(store: Store) {
    super();
    // Each receiver listens.
    this.setMaxListeners(0);
    this.store = store;
    const { db } = store;
    db.exec(
      `CREATE TABLE IF NOT EXISTS iothub_events (
         id INTEGER PRIMARY KEY AUTOINCREMENT, hub TEXT, partition INTEGER, sequence INTEGER, event_offset INTEGER,
         enqueued INTEGER, device_id TEXT, message TEXT, body BLOB);
       CREATE UNIQUE INDEX IF NOT EXISTS iothub_events_sequence ON iothub_events (hub, partition, sequence);
       CREATE INDEX IF NOT EXISTS iothub_events_hub ON iothub_events (hub, enqueued);
       CREATE TABLE IF NOT EXISTS iothub_event_partitions (
         hub TEXT, partition INTEGER, last_sequence INTEGER, last_offset INTEGER, last_bytes INTEGER,
         last_enqueued INTEGER, PRIMARY KEY (hub, partition)) WITHOUT ROWID;
       CREATE TABLE IF NOT EXISTS iothub_event_hubs (hub TEXT PRIMARY KEY, created INTEGER) WITHOUT ROWID`,
    );
    this.selectPartition = db.prepare(
      "SELECT * FROM iothub_event_partitions WHERE hub = ? AND partition = ?",
    );
    this.writePartition = db.prepare(
      "INSERT OR REPLACE INTO iothub_event_partitions VALUES (?, ?, ?, ?, ?, ?)",
    );
    this.insertEvent = db.prepare(
      `INSERT INTO iothub_events (hub, partition, sequence, event_offset, enqueued, device_id, message, body)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.selectEvents = db.prepare(
      `SELECT * FROM iothub_events WHERE hub = ? AND partition = ? AND sequence >= ? AND enqueued > ?
       ORDER BY sequence LIMIT ?`,
    );
  }

  /** Appends an event to the partition of its device. */
  append(
    hub: string,
    partitions: number,
    bytes: number,
    event: Omit<StoredEvent, "sequence" | "offset">,
  ): void {
    const partition = partitionOf(event.deviceId, partitions);
    const { deviceId, enqueued, body, ...message } = event;
    this.store.transaction(() => {
      const last = this.selectPartition.get(hub, partition);
      const sequence = ((last?.last_sequence as number | undefined) ?? -1) + 1;
      const offset = last ? (last.last_offset as number) + (last.last_bytes as number) : 0;
      const json = JSON.stringify(message);
      this.insertEvent.run(hub, partition, sequence, offset, enqueued, deviceId, json, body);
      this.writePartition.run(hub, partition, sequence, offset, bytes + bytesOfEvent, enqueued);
    });
    this.emit("stored", hub, partition);
  }

  /**
   * Reads the events of a partition in their order.
   * @param from The first sequence number.
   * @param expired Events that were enqueued until then have expired.
   */
  read(hub: string, partition: number, from: number, expired: number, limit: number): StoredEvent[] {
    return this.selectEvents.all(hub, partition, from, expired, limit).map(toEvent);
  }

  /** The last events of a hub, over all partitions, oldest first. */
  last(hub: string, limit: number): StoredEvent[] {
    const rows = this.store.db
      .prepare("SELECT * FROM iothub_events WHERE hub = ? ORDER BY id DESC LIMIT ?")
      .all(hub, limit);
    return rows.map(toEvent).reverse();
  }

  state(hub: string, partition: number, expired: number): PartitionState {
    const row = this.selectPartition.get(hub, partition);
    const lastSequence = (row?.last_sequence as number | undefined) ?? -1;
    const first = this.selectEvents.get(hub, partition, 0, expired, 1);
    return {
      lastSequence,
      lastOffset: (row?.last_offset as number | undefined) ?? -1,
      lastEnqueued: (row?.last_enqueued as number | undefined) ?? 0,
      firstSequence: (first?.sequence as number | undefined) ?? lastSequence + 1,
      isEmpty: first === undefined,
    };
  }

  /** The first sequence number whose event has an offset or time above the limit; undefined when there is none yet. */
  firstAbove(
    hub: string,
    partition: number,
    column: "event_offset" | "enqueued",
    limit: number,
  ): number | undefined {
    const row = this.store.db
      .prepare(
        `SELECT min(sequence) AS found FROM iothub_events WHERE hub = ? AND partition = ? AND ${column} > ?`,
      )
      .get(hub, partition, limit);
    return (row?.found as number | null | undefined) ?? undefined;
  }

  /** When the hub's endpoint was created: the time of the first call. */
  createdAt(hub: string, now: number): number {
    this.store.db.prepare("INSERT OR IGNORE INTO iothub_event_hubs VALUES (?, ?)").run(hub, now);
    const row = this.store.db.prepare("SELECT created FROM iothub_event_hubs WHERE hub = ?").get(hub);
    return row?.created as number;
  }

  /** Deletes the events that have expired. */
  deleteExpired(hub: string, expired: number): void {
    this.store.db.prepare("DELETE FROM iothub_events WHERE hub = ? AND enqueued <= ?").run(hub, expired);
  }

  deleteHub(hub: string): void {
    for (const table of ["iothub_events", "iothub_event_partitions", "iothub_event_hubs"]) {
      this.store.db.prepare(`DELETE FROM ${table} WHERE hub = ?`).run(hub);
    }
  }
}

/**
 * The partition of a device's messages: all are in one partition, in their order. Source: iot-hub/iot-hub-devguide-messages-d2c
 * and iot-hub-scaling, "Partitions". Azure's hash of the device ID is not documented.
 */
export function partitionOf(deviceId: string, partitions: number): number {
  return createHash("sha256").update(deviceId).digest().readUInt32BE() % partitions;
}

function toEvent(row: Record<string, SQLOutputValue>): StoredEvent {
  return {
    ...(JSON.parse(row.message as string) as Omit<StoredEvent, "body">),
    body: Buffer.from(row.body as Uint8Array),
    deviceId: row.device_id as string,
    enqueued: row.enqueued as number,
    sequence: row.sequence as number,
    offset: row.event_offset as number,
  };
}
