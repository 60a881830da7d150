import type { AzureEnvironment } from "../../../core/azure-environment.ts";
import type { EventStore, StoredEvent } from "../events/event-store.ts";
import type { Hub } from "../hub.ts";
import type { DailyQuota } from "../quota.ts";
import type { DeviceTable } from "../registry/device-table.ts";
import { checkMessage, deviceToCloudBytes, type Message, messageSize } from "./message.ts";

/** Number of messages of each hub that `read` returns. */
const maxReadMessages = 1000;

/** Device-to-cloud messages. All are counted, and those with a route to the built-in endpoint are stored there. */
export class TelemetryStream {
  private readonly azure: AzureEnvironment;
  private readonly quota: DailyQuota;
  private readonly devices: DeviceTable;
  private readonly events: EventStore;
  private readonly counts = new Map<string, number>();

  constructor(azure: AzureEnvironment, quota: DailyQuota, devices: DeviceTable, events: EventStore) {
    this.azure = azure;
    this.quota = quota;
    this.devices = devices;
    this.events = events;
  }

  /**
   * @param authScope Whether the token of the device was signed with one of its keys or with one of the hub.
   * @throws HubError MessageTooLarge, ArgumentInvalid or IotHubQuotaExceeded.
   */
  accept(hub: Hub, deviceId: string, message: Message, authScope: "device" | "hub"): void {
    checkMessage(message, deviceToCloudBytes);
    const bytes = messageSize(message);
    this.quota.charge(hub, bytes);
    this.counts.set(hub.key, this.count(hub.key) + 1);
    if (!hub.deliversEvents) return;
    const generation = this.devices.get(hub.key, deviceId)?.generation ?? "";
    const enqueued = this.azure.clock.now();
    const event = { ...message, deviceId, generation, authScope, enqueued };
    this.events.append(hub.key, hub.events.partitions, bytes, event);
  }

  /**
   * The last messages that a hub routed to its built-in endpoint, oldest first.
   * @param hub The hub's name in lower case.
   */
  read(hub: string): StoredEvent[] {
    return this.events.last(hub, maxReadMessages);
  }

  /** The number of messages that the hub has accepted since the sandbox started. */
  count(hub: string): number {
    return this.counts.get(hub) ?? 0;
  }

  deleteHub(hub: string): void {
    this.events.deleteHub(hub);
    this.counts.delete(hub);
  }
}
