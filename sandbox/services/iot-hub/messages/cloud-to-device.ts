import { randomUUID } from "node:crypto";
import { EventEmitter } from "node:events";
import type { AzureEnvironment } from "../../../core/azure-environment.ts";
import { deviceNotFound, HubError } from "../errors.ts";
import type { Hub } from "../hub.ts";
import type { DailyQuota } from "../quota.ts";
import type { DeviceTable } from "../registry/device-table.ts";
import type { Feedback, Outcome } from "./feedback.ts";
import {
  type Acknowledgement,
  checkMessage,
  checkTexts,
  cloudToDeviceBytes,
  type Message,
  messageSize,
  type QueuedMessage,
} from "./message.ts";
import { maxTopicBytes, messageTopic } from "./property-bag.ts";

/** Maximum number of messages in one device's queue. Source of the three: "Understand cloud-to-device messaging". */
const queueDepth = 50;
const lockMs = 60_000;
const maxTtlMs = 2 * 24 * 3_600_000;

interface QueueEvents {
  /** The device may have a message to receive. */
  available: [hub: string, deviceId: string];
}

/** The queues of cloud-to-device messages, one for each device, in the sandbox's store. */
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
   * Queues a message.
   * @param expires When it expires, in milliseconds since 1970; default: after the hub's default time to live.
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
    // A device must be able to receive it over MQTT, where the topic contains everything except the body.
    const topic = Buffer.byteLength(messageTopic(deviceId, { ...message, acknowledgement, expires: end }));
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
    this.azure.store
      .statement(
        `INSERT INTO iothub_c2d (hub, device, message, body, acknowledgement, enqueued, expires, deliveryCount, lockedUntil)
         VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0)`,
      )
      .run(hub.key, deviceId, JSON.stringify(rest), body, acknowledgement, now, end);
    this.emit("available", hub.key, deviceId);
  }

  /** The number of messages in a device's queue, including locked ones. */
  count(hub: string, deviceId: string): number {
    const row = this.azure.store
      .statement("SELECT count(*) AS n FROM iothub_c2d WHERE hub = ? AND device = ? AND expires > ?")
      .get(hub, deviceId, this.azure.clock.now());
    return row?.n as number;
  }

  /** Locks and returns the next message; undefined when there is none. */
  receive(hub: string, deviceId: string): QueuedMessage | undefined {
    const now = this.azure.clock.now();
    const row = this.azure.store
      .statement(
        `UPDATE iothub_c2d SET lock = ?, lockedUntil = ? WHERE sequence = (
           SELECT sequence FROM iothub_c2d WHERE hub = ? AND device = ? AND expires > ? AND lockedUntil <= ?
           ORDER BY sequence LIMIT 1) RETURNING *`,
      )
      .get(randomUUID(), now + lockMs, hub, deviceId, now, now);
    if (!row) return undefined;
    const message = JSON.parse(row.message as string) as Omit<Message, "body">;
    return {
      // The table's columns have the names and types of QueuedMessage.
      ...(row as unknown as QueuedMessage),
      ...message,
      body: Buffer.from(row.body as Uint8Array),
    };
  }

  /** Whether a lock is still valid. */
  holds(lock: string): boolean {
    return (
      this.azure.store
        .statement("SELECT 1 FROM iothub_c2d WHERE lock = ? AND lockedUntil > ?")
        .get(lock, this.azure.clock.now()) !== undefined
    );
  }

  /** Removes a message that the device has processed. @throws HubError DeviceMessageLockLost. */
  complete(hub: string, deviceId: string, lock: string): void {
    this.finish(hub, deviceId, lock, "Success");
  }

  /** Removes a message that the device has rejected. @throws HubError DeviceMessageLockLost. */
  reject(hub: string, deviceId: string, lock: string): void {
    this.finish(hub, deviceId, lock, "Rejected");
  }

  /**
   * Returns a message to the queue. After the hub's maximum number of deliveries it is removed instead.
   * @throws HubError DeviceMessageLockLost.
   */
  abandon(hub: Hub, deviceId: string, lock: string): void {
    const row = this.azure.store
      .statement(
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

  /** Returns a message to the queue without counting a delivery, because the connection ended. */
  release(lock: string): void {
    this.azure.store.statement("UPDATE iothub_c2d SET lock = NULL, lockedUntil = 0 WHERE lock = ?").run(lock);
  }

  /** Empties a device's queue. @returns The number of removed messages. */
  purge(hub: string, deviceId: string): number {
    const rows = this.azure.store
      .statement("SELECT sequence FROM iothub_c2d WHERE hub = ? AND device = ?")
      .all(hub, deviceId);
    for (const row of rows) this.remove(row.sequence as number, "Purged");
    return rows.length;
  }

  /** Deletes the queue and the feedback of a deleted device. */
  deleteDevice(hub: string, deviceId: string): void {
    this.azure.store.db.prepare("DELETE FROM iothub_c2d WHERE hub = ? AND device = ?").run(hub, deviceId);
    this.feedback.deleteDevice(hub, deviceId);
  }

  deleteHub(hub: string): void {
    this.azure.store.db.prepare("DELETE FROM iothub_c2d WHERE hub = ?").run(hub);
  }

  /** Removes expired messages, and returns messages with an expired lock to the queue. Called many times a second. */
  expireDue(): void {
    const now = this.azure.clock.now();
    const { store } = this.azure;
    for (const row of store.statement("SELECT sequence FROM iothub_c2d WHERE expires <= ?").all(now)) {
      this.remove(row.sequence as number, "Expired");
    }
    const unlocked = store
      .statement(
        "UPDATE iothub_c2d SET lock = NULL, lockedUntil = 0 WHERE lock IS NOT NULL AND lockedUntil <= ? RETURNING hub, device",
      )
      .all(now);
    for (const row of unlocked) this.emit("available", row.hub as string, row.device as string);
  }

  private finish(hub: string, deviceId: string, lock: string, outcome: Outcome): void {
    const row = this.azure.store
      .statement(
        "SELECT sequence FROM iothub_c2d WHERE lock = ? AND hub = ? AND device = ? AND lockedUntil > ?",
      )
      .get(lock, hub, deviceId, this.azure.clock.now());
    if (!row) throw lockLost();
    this.remove(row.sequence as number, outcome);
  }

  private remove(sequence: number, outcome: Outcome): void {
    const row = this.azure.store
      .statement("DELETE FROM iothub_c2d WHERE sequence = ? RETURNING *")
      .get(sequence);
    if (!row) return;
    const wanted = outcome === "Success" ? ["positive", "full"] : ["negative", "full"];
    if (!wanted.includes(row.acknowledgement as string)) return;
    const { messageId } = JSON.parse(row.message as string) as Message;
    this.feedback.add(row.hub as string, row.device as string, messageId ?? "", outcome);
  }
}

const lockLost = () =>
  new HubError("DeviceMessageLockLost", "The lock on the message has expired or does not exist.");
