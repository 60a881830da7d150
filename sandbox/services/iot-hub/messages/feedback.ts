import { randomUUID } from "node:crypto";
import { EventEmitter } from "node:events";
import type { AzureEnvironment } from "../../../core/azure-environment.ts";
import type { Hub } from "../hub.ts";
import type { DeviceTable } from "../registry/device-table.ts";

/** The outcome of a cloud-to-device message, as feedback names it. */
export type Outcome = "Success" | "Expired" | "DeliveryCountExceeded" | "Rejected" | "Purged";

/** A batch of feedback that a receiver has locked. */
export interface FeedbackBatch {
  lock: string;
  /** A JSON array of records, as in "Understand cloud-to-device messaging", message feedback. */
  body: string;
  enqueued: number;
}

/** The service sends a batch once it has this many records, or at the latest after the delay. */
const batchRecords = 64;

interface FeedbackEvents {
  /** The hub may have a batch to receive. */
  ready: [hub: string];
}

/** Outcomes of messages for their senders, in one queue for each hub, in the sandbox's store. */
export class Feedback extends EventEmitter<FeedbackEvents> {
  private readonly azure: AzureEnvironment;
  private readonly devices: DeviceTable;
  private readonly delayMs: number;

  /** @param delayMs Milliseconds for which records are collected into one batch; 15,000 in Azure. */
  constructor(azure: AzureEnvironment, devices: DeviceTable, delayMs: number) {
    super();
    this.azure = azure;
    this.devices = devices;
    this.delayMs = delayMs;
    azure.store.db.exec(`
      CREATE TABLE IF NOT EXISTS iothub_feedback (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT, hub TEXT, device TEXT, record TEXT, created INTEGER,
        deliveryCount INTEGER, lock TEXT, lockedUntil INTEGER);
      CREATE INDEX IF NOT EXISTS iothub_feedback_hub ON iothub_feedback (hub, sequence);
      UPDATE iothub_feedback SET lock = NULL, lockedUntil = 0;
    `);
  }

  add(hub: string, deviceId: string, originalMessageId: string, outcome: Outcome): void {
    const now = this.azure.clock.now();
    const record = {
      originalMessageId,
      enqueuedTimeUtc: new Date(now).toISOString(),
      statusCode: outcome,
      description: outcome,
      deviceId,
      deviceGenerationId: this.devices.get(hub, deviceId)?.generation ?? "",
    };
    this.azure.store.db
      .prepare(
        "INSERT INTO iothub_feedback (hub, device, record, created, deliveryCount, lockedUntil) VALUES (?, ?, ?, ?, 0, 0)",
      )
      .run(hub, deviceId, JSON.stringify(record), now);
  }

  /** Locks and returns the next batch; undefined while no batch is ready. */
  receive(hub: Hub): FeedbackBatch | undefined {
    const now = this.azure.clock.now();
    const db = this.azure.store.db;
    const rows = db
      .prepare(
        "SELECT sequence, record, created FROM iothub_feedback WHERE hub = ? AND lockedUntil <= ? ORDER BY sequence LIMIT ?",
      )
      .all(hub.key, now, batchRecords);
    const first = rows[0]?.created as number | undefined;
    if (first === undefined || (rows.length < batchRecords && first + this.delayMs > now)) return undefined;
    const lock = randomUUID();
    const claim = db.prepare("UPDATE iothub_feedback SET lock = ?, lockedUntil = ? WHERE sequence = ?");
    for (const row of rows) claim.run(lock, now + hub.cloudToDevice.feedbackLockMs, row.sequence as number);
    return { lock, body: `[${rows.map((row) => row.record).join(",")}]`, enqueued: now };
  }

  complete(lock: string): void {
    this.azure.store.db.prepare("DELETE FROM iothub_feedback WHERE lock = ?").run(lock);
  }

  /** Returns a batch to the queue. After the hub's maximum number of deliveries it is deleted instead. */
  abandon(hub: Hub, lock: string): void {
    const db = this.azure.store.db;
    db.prepare(
      "UPDATE iothub_feedback SET deliveryCount = deliveryCount + 1, lock = NULL, lockedUntil = 0 WHERE lock = ?",
    ).run(lock);
    db.prepare("DELETE FROM iothub_feedback WHERE hub = ? AND deliveryCount >= ?").run(
      hub.key,
      hub.cloudToDevice.feedbackMaxDeliveryCount,
    );
  }

  /** Returns a batch to the queue without counting a delivery, because its receiver's link ended. */
  release(lock: string): void {
    this.azure.store.db
      .prepare("UPDATE iothub_feedback SET lock = NULL, lockedUntil = 0 WHERE lock = ?")
      .run(lock);
  }

  deleteDevice(hub: string, deviceId: string): void {
    this.azure.store.db
      .prepare("DELETE FROM iothub_feedback WHERE hub = ? AND device = ?")
      .run(hub, deviceId);
  }

  deleteHub(hub: string): void {
    this.azure.store.db.prepare("DELETE FROM iothub_feedback WHERE hub = ?").run(hub);
  }

  /** Deletes expired feedback, and announces hubs that have some. Called many times a second. */
  expireDue(hubs: (hub: string) => Hub | undefined): void {
    const db = this.azure.store.db;
    for (const row of db.prepare("SELECT DISTINCT hub FROM iothub_feedback").all()) {
      const hub = hubs(row.hub as string);
      const expired = this.azure.clock.now() - (hub?.cloudToDevice.feedbackTtlMs ?? 0);
      db.prepare("DELETE FROM iothub_feedback WHERE hub = ? AND created <= ?").run(
        row.hub as string,
        expired,
      );
      this.emit("ready", row.hub as string);
    }
  }
}
