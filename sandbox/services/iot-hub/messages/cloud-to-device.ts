import { randomUUID } from "node:crypto";
import { EventEmitter } from "node:events";
import type { AzureEnvironment } from "../../../core/azure-environment.ts";
import { maxTopicBytes, topicBytes } from "../device/topics.ts";
import { deviceNotFound, HubError } from "../errors.ts";
import type { Hub } from "../hub.ts";
import type { DailyQuota } from "../quota.ts";
import type { DeviceTable } from "../registry/device-table.ts";
import type { Feedback, Outcome } from "./feedback.ts";
import { checkMessage, checkTexts, cloudToDeviceBytes, type Message, messageSize } from "./message.ts";

/** Which final states of a message its sender wants to hear of. */
export type Acknowledgement = "none" | "positive" | "negative" | "full";

/** A message that waits for a device. Times are in milliseconds. */
export interface QueuedMessage extends Message {
  sequence: number;
  acknowledgement: Acknowledgement;
  enqueued: number;
  expires: number;
  deliveryCount: number;
  /** Given back to complete, reject or abandon it. */
  lock: string;
}

/** Messages that one device can have waiting, and how long a lock lasts. Source: "Understand cloud-to-device messaging". */
const queueDepth = 50;
const lockMs = 60_000;
const maxTtlMs = 2 * 24 * 3_600_000;

/** `available` tells that the device may have a message to fetch. */
interface QueueEvents {
  available: [hub: string, deviceId: string];
}

/** The queues of cloud-to-device messages, one for each device, kept in the store. */
export class CloudToDeviceQueue extends EventEmitter<QueueEvents> {
  private readonly azure: AzureEnvironment;
  private readonly devices: DeviceTable;
  private readonly quota: DailyQuota;
  private readonly feedback: Feedback;

  constructor(azure: AzureEnvironment, devices: DeviceTable, quota: DailyQuota, feedback: Feedback) {
    super();
    this.azure = azure;
    this.devices = devices;
    this.quota = quota;
    this.feedback = feedback;
    azure.store.db.exec(`
      CREATE TABLE IF NOT EXISTS iothub_c2d (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT, hub TEXT, device TEXT, message TEXT, body BLOB,
        acknowledgement TEXT, enqueued INTEGER, expires INTEGER, deliveryCount INTEGER, lock TEXT, lockedUntil INTEGER);
      CREATE INDEX IF NOT EXISTS iothub_c2d_device ON iothub_c2d (hub, device, sequence);
      CREATE INDEX IF NOT EXISTS iothub_c2d_lock ON iothub_c2d (lock);
      CREATE INDEX IF NOT EXISTS iothub_c2d_expires ON iothub_c2d (expires);
      UPDATE iothub_c2d SET lock = NULL, lockedUntil = 0 WHERE lock IS NOT NULL;
    `);
  }

  /**
   * @param expires When it ends, in milliseconds; by the hub's default time to live when undefined.
   * @throws HubError DeviceNotFound (also for a disabled device), DeviceMaximumQueueDepthExceeded, MessageTooLarge,
   *   ArgumentInvalid, InvalidMessageExpiryTime, IotHubQuotaExceeded.
   */
  send(
    hub: Hub,
    deviceId: string,
    message: Message,
    acknowledgement: Acknowledgement,
    expires?: number,
  ): void {
    const device = this.devices.get(hub.key, deviceId);
    if (device?.status !== "enabled") throw deviceNotFound(deviceId);
    checkMessage(message, cloudToDeviceBytes);
    checkTexts(message);
    const now = this.azure.clock.now();
    const end = expires ?? now + hub.cloudToDevice.defaultTtlMs;
    if (end <= now || end > now + maxTtlMs) {
      throw new HubError(
        "InvalidMessageExpiryTime",
        "The message's expiry must be within the next two days.",
      );
    }
    // A device must be able to get it by MQTT, where all of it but the body travels in the topic.
    const topic = topicBytes(deviceId, { ...message, acknowledgement, expires: end });
    if (topic > maxTopicBytes) {
      throw new HubError(
        "MessageTooLarge",
        `The message's properties take ${topic} bytes in a topic; at most ${maxTopicBytes} fit.`,
      );
    }
    if (this.count(hub.key, deviceId) >= queueDepth) {
      throw new HubError(
        "DeviceMaximumQueueDepthExceeded",
        `Device Queue depth cannot exceed ${queueDepth} messages`,
      );
    }
    this.quota.charge(hub, messageSize(message));
    const { body, ...rest } = message;
    this.azure.store.db
      .prepare(
        `INSERT INTO iothub_c2d (hub, device, message, body, acknowledgement, enqueued, expires, deliveryCount, lockedUntil)
         VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0)`,
      )
      .run(hub.key, deviceId, JSON.stringify(rest), body, acknowledgement, now, end);
    this.emit("available", hub.key, deviceId);
  }

  /** How many messages wait for a device, locked ones too. */
  count(hub: string, deviceId: string): number {
    const row = this.azure.store.db
      .prepare("SELECT count(*) AS n FROM iothub_c2d WHERE hub = ? AND device = ? AND expires > ?")
      .get(hub, deviceId, this.azure.clock.now());
    return row?.n as number;
  }

  /** Locks and gives the next message; undefined when there is none. */
  receive(hub: string, deviceId: string): QueuedMessage | undefined {
    const now = this.azure.clock.now();
    const row = this.azure.store.db
      .prepare(
        `UPDATE iothub_c2d SET lock = ?, lockedUntil = ? WHERE sequence = (
           SELECT sequence FROM iothub_c2d WHERE hub = ? AND device = ? AND expires > ? AND lockedUntil <= ?
           ORDER BY sequence LIMIT 1) RETURNING *`,
      )
      .get(randomUUID(), now + lockMs, hub, deviceId, now, now);
    if (!row) return undefined;
    const message = JSON.parse(row.message as string) as Omit<Message, "body">;
    return {
      ...(row as unknown as QueuedMessage),
      ...message,
      body: Buffer.from(row.body as Uint8Array),
    };
  }

  /** Whether a lock still holds its message. */
  holds(lock: string): boolean {
    return (
      this.azure.store.db
        .prepare("SELECT 1 FROM iothub_c2d WHERE lock = ? AND lockedUntil > ?")
        .get(lock, this.azure.clock.now()) !== undefined
    );
  }

  /** The device has taken the message. @throws HubError DeviceMessageLockLost. */
  complete(hub: string, deviceId: string, lock: string): void {
    this.finish(hub, deviceId, lock, "Success");
  }

  /** The device refuses the message for good. @throws HubError DeviceMessageLockLost. */
  reject(hub: string, deviceId: string, lock: string): void {
    this.finish(hub, deviceId, lock, "Rejected");
  }

  /**
   * The device gives the message back; after the hub's number of deliveries it is dead.
   * @throws HubError DeviceMessageLockLost.
   */
  abandon(hub: Hub, deviceId: string, lock: string): void {
    const row = this.azure.store.db
      .prepare(
        `UPDATE iothub_c2d SET deliveryCount = deliveryCount + 1, lock = NULL, lockedUntil = 0
         WHERE lock = ? AND hub = ? AND device = ? AND lockedUntil > ? RETURNING *`,
      )
      .get(lock, hub.key, deviceId, this.azure.clock.now());
    if (!row) throw lockLost();
    if ((row.deliveryCount as number) >= hub.cloudToDevice.maxDeliveryCount) {
      this.remove(row.sequence as number, "DeliveryCountExceeded");
    } else {
      this.emit("available", hub.key, deviceId);
    }
  }

  /** A connection has ended before it settled this message: it goes back, and its deliveries are not counted. */
  release(lock: string): void {
    this.azure.store.db
      .prepare("UPDATE iothub_c2d SET lock = NULL, lockedUntil = 0 WHERE lock = ?")
      .run(lock);
  }

  /** Empties a device's queue. @returns How many messages it had. */
  purge(hub: string, deviceId: string): number {
    const rows = this.azure.store.db
      .prepare("SELECT sequence FROM iothub_c2d WHERE hub = ? AND device = ?")
      .all(hub, deviceId);
    for (const row of rows) this.remove(row.sequence as number, "Purged");
    return rows.length;
  }

  /** Takes away what a deleted device has waiting, without feedback. */
  deleteDevice(hub: string, deviceId: string): void {
    this.azure.store.db.prepare("DELETE FROM iothub_c2d WHERE hub = ? AND device = ?").run(hub, deviceId);
    this.feedback.deleteDevice(hub, deviceId);
  }

  deleteHub(hub: string): void {
    this.azure.store.db.prepare("DELETE FROM iothub_c2d WHERE hub = ?").run(hub);
  }

  /** Ends expired messages and tells of those whose lock has run out. Called from time to time. */
  sweep(): void {
    const now = this.azure.clock.now();
    const db = this.azure.store.db;
    for (const row of db.prepare("SELECT sequence FROM iothub_c2d WHERE expires <= ?").all(now)) {
      this.remove(row.sequence as number, "Expired");
    }
    const unlocked = db
      .prepare(
        "UPDATE iothub_c2d SET lock = NULL, lockedUntil = 0 WHERE lock IS NOT NULL AND lockedUntil <= ? RETURNING hub, device",
      )
      .all(now);
    for (const row of unlocked) this.emit("available", row.hub as string, row.device as string);
  }

  private finish(hub: string, deviceId: string, lock: string, outcome: Outcome): void {
    const row = this.azure.store.db
      .prepare(
        "SELECT sequence FROM iothub_c2d WHERE lock = ? AND hub = ? AND device = ? AND lockedUntil > ?",
      )
      .get(lock, hub, deviceId, this.azure.clock.now());
    if (!row) throw lockLost();
    this.remove(row.sequence as number, outcome);
  }

  private remove(sequence: number, outcome: Outcome): void {
    const row = this.azure.store.db
      .prepare("DELETE FROM iothub_c2d WHERE sequence = ? RETURNING *")
      .get(sequence);
    if (!row) return;
    const wanted = outcome === "Success" ? ["positive", "full"] : ["negative", "full"];
    if (!wanted.includes(row.acknowledgement as string)) return;
    const { messageId } = JSON.parse(row.message as string) as Message;
    this.feedback.add(row.hub as string, row.device as string, messageId ?? "", outcome);
  }
}

const lockLost = () =>
  new HubError("DeviceMessageLockLost", "The lock on the message is lost, or was never held.");
