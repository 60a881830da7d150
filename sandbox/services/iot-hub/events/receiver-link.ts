import type rhea from "rhea";
import type { AzureEnvironment } from "../../../core/azure-environment.ts";
import type { Hub } from "../hub.ts";
import { amqpMessage } from "./event-message.ts";
import { startSequence } from "./event-position.ts";
import type { EventReceiver, EventReceivers } from "./event-receivers.ts";
import type { EventStore, StoredEvent } from "./event-store.ts";
import { EventsError } from "./events-error.ts";

/** Events that are read from the store at once. */
const pageSize = 100;
const epochName = "com.microsoft:epoch";
const metricsName = "com.microsoft:enable-receiver-runtime-metric";

export interface ReceiverParts {
  azure: AzureEnvironment;
  events: EventStore;
  receivers: EventReceivers;
}

/** The time until which events of a hub have expired, in milliseconds since 1970. */
export function expiredUntil(hub: Hub, now: number): number {
  return now - hub.events.retentionMs;
}

/** A link on which a client receives the events of a partition. It sends them while the link has credit. */
export class ReceiverLink implements EventReceiver {
  readonly name: string;
  readonly epoch: number | undefined;
  private readonly hub: Hub;
  private readonly partition: number;
  private readonly key: string;
  private readonly sender: rhea.Sender;
  private readonly parts: ReceiverParts;
  private readonly withMetrics: boolean;
  private next: number;
  private page: StoredEvent[] = [];
  private readonly onStored = (hub: string, partition: number): void => {
    if (hub === this.hub.key && partition === this.partition) this.deliver();
  };

  /** @throws EventsError */
  constructor(hub: Hub, group: string, partition: number, sender: rhea.Sender, parts: ReceiverParts) {
    this.hub = hub;
    this.partition = partition;
    this.sender = sender;
    this.parts = parts;
    // rhea's types lack what it knows about the peer's attach frame.
    const attach = sender as unknown as {
      properties?: Record<string, unknown>;
      desired_capabilities?: unknown;
    };
    const epoch = attach.properties?.[epochName];
    this.epoch = epoch === undefined || epoch === null ? undefined : Number(epoch);
    this.name = String(attach.properties?.["com.microsoft:receiver-name"] ?? sender.name);
    this.withMetrics = [attach.desired_capabilities].flat().some((name) => String(name) === metricsName);
    this.key = `${hub.key}/${group.toLowerCase()}/${partition}`;
    this.next = startSequence(parts.events, hub.key, partition, sender.source);
    parts.receivers.add(this.key, this);
    parts.events.on("stored", this.onStored);
    sender.on("sendable", () => this.deliver());
  }

  close(error?: Error): void {
    this.end();
    if (error instanceof EventsError) this.sender.close(error.amqp as rhea.AmqpError);
  }

  /** Called after the link has ended. */
  end(): void {
    this.parts.events.off("stored", this.onStored);
    this.parts.receivers.remove(this.key, this);
  }

  private deliver(): void {
    const now = this.parts.azure.clock.now();
    while (this.sender.sendable()) {
      const event = this.page.shift() ?? this.readPage(now);
      if (!event) return;
      this.next = event.sequence + 1;
      const state = this.withMetrics
        ? this.parts.events.state(this.hub.key, this.partition, expiredUntil(this.hub, now))
        : undefined;
      this.sender.send(amqpMessage(event, state, now));
    }
  }

  private readPage(now: number): StoredEvent | undefined {
    const expired = expiredUntil(this.hub, now);
    this.page = this.parts.events.read(this.hub.key, this.partition, this.next, expired, pageSize);
    return this.page.shift();
  }
}
