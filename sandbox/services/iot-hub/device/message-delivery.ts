import type { CloudToDeviceQueue } from "../messages/cloud-to-device.ts";
import { maxTopicBytes, messageTopic } from "../messages/property-bag.ts";

/** Sends messages on one connection. */
export interface DeliveryChannel {
  qos(): 0 | 1;
  send(topic: string, body: Buffer, qos: 0 | 1, messageId: number | undefined): void;
}

/**
 * Delivers a device's cloud-to-device messages on its MQTT connection. A message is complete at QoS 1 when its PUBACK
 * arrives, and at QoS 0 when it is sent. A message without an acknowledgement goes back to the queue when the connection
 * ends.
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

  /** Sends all waiting messages. The queue's depth of 50 limits the number in flight. */
  run(): void {
    while (!this.stopped) {
      const message = this.queue.receive(this.hub, this.deviceId);
      if (!message) return;
      const topic = messageTopic(this.deviceId, message);
      // The queue outlives a restart and can hold a message that `send` would refuse now.
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

  /** Handles a PUBACK. One that arrives after its lock expired changes nothing: the message is being sent again. */
  acknowledge(messageId: number): void {
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
