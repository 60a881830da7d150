import type { CloudToDeviceQueue } from "../messages/cloud-to-device.ts";
import { maxTopicBytes, messageTopic } from "./topics.ts";

/** How messages leave on a connection. */
export interface DeliveryChannel {
  qos(): 0 | 1;
  send(topic: string, body: Buffer, qos: 0 | 1, messageId: number | undefined): void;
}

/**
 * Brings a device's cloud-to-device messages to its MQTT connection. At QoS 1 a message is complete when its PUBACK
 * comes; at QoS 0 when it was sent. What is not acknowledged when the connection ends goes back to the queue.
 */
export class MessageDelivery {
  private readonly queue: CloudToDeviceQueue;
  private readonly hub: string;
  private readonly deviceId: string;
  private readonly channel: DeliveryChannel;
  /** Locks by packet identifier. */
  private readonly inFlight = new Map<number, string>();
  private lastId = 0;
  private stopped = false;

  constructor(queue: CloudToDeviceQueue, hub: string, deviceId: string, channel: DeliveryChannel) {
    this.queue = queue;
    this.hub = hub;
    this.deviceId = deviceId;
    this.channel = channel;
  }

  /** Sends everything that waits; the queue's depth of 50 bounds what is in flight. */
  run(): void {
    while (!this.stopped) {
      const message = this.queue.receive(this.hub, this.deviceId);
      if (!message) return;
      const topic = messageTopic(this.deviceId, message);
      // What was queued before sending looked at this must not hold up the messages behind it.
      if (Buffer.byteLength(topic) > maxTopicBytes) {
        this.queue.reject(this.hub, this.deviceId, message.lock);
        continue;
      }
      const qos = this.channel.qos();
      const messageId = qos === 1 ? this.nextId() : undefined;
      if (messageId !== undefined) this.inFlight.set(messageId, message.lock);
      this.channel.send(topic, message.body, qos, messageId);
      if (messageId === undefined) this.queue.complete(this.hub, this.deviceId, message.lock);
    }
  }

  /** A PUBACK came. One that comes after its lock ran out changes nothing: the message is on its way again. */
  acknowledged(messageId: number): void {
    const lock = this.inFlight.get(messageId);
    this.inFlight.delete(messageId);
    if (lock && this.queue.holds(lock)) this.queue.complete(this.hub, this.deviceId, lock);
  }

  stop(): void {
    this.stopped = true;
    for (const lock of this.inFlight.values()) this.queue.release(lock);
    this.inFlight.clear();
  }

  private nextId(): number {
    do this.lastId = (this.lastId % 65_535) + 1;
    while (this.inFlight.has(this.lastId));
    return this.lastId;
  }
}
