import type { AzureEnvironment } from "../../../core/azure-environment.ts";
import type { Hub } from "../hub.ts";
import type { DailyQuota } from "../quota.ts";
import { checkMessage, deviceToCloudBytes, type Message, messageSize } from "./message.ts";

/** A message that came from a device, as a reader of the hub's built-in endpoint would get it. */
export interface Telemetry extends Message {
  deviceId: string;
  /** When the hub took it, in milliseconds. */
  enqueued: number;
}

/** How many messages of each hub are kept for reading. */
const maxKeptMessages = 1000;

/**
 * Device-to-cloud messages. The last ones of each hub are kept in memory for tests to read, and all are counted; the
 * Event Hubs endpoint that Azure offers for reading them is not there.
 */
export class TelemetryStream {
  private readonly azure: AzureEnvironment;
  private readonly quota: DailyQuota;
  private readonly last = new Map<string, Telemetry[]>();
  private readonly counts = new Map<string, number>();

  constructor(azure: AzureEnvironment, quota: DailyQuota) {
    this.azure = azure;
    this.quota = quota;
  }

  /** @throws HubError MessageTooLarge, ArgumentInvalid or IotHubQuotaExceeded. */
  accept(hub: Hub, deviceId: string, message: Message): void {
    checkMessage(message, deviceToCloudBytes);
    this.quota.charge(hub, messageSize(message));
    this.counts.set(hub.key, this.count(hub.key) + 1);
    if (!hub.events) return;
    const kept = this.last.get(hub.key) ?? [];
    kept.push({ ...message, deviceId, enqueued: this.azure.clock.now() });
    if (kept.length > maxKeptMessages) kept.shift();
    this.last.set(hub.key, kept);
  }

  /** The hub's last messages that its routes let through to the built-in endpoint, oldest first. @param hub Its name in lower case. */
  read(hub: string): Telemetry[] {
    return [...(this.last.get(hub) ?? [])];
  }

  /** How many messages the hub has taken since the sandbox started. */
  count(hub: string): number {
    return this.counts.get(hub) ?? 0;
  }

  deleteHub(hub: string): void {
    this.last.delete(hub);
    this.counts.delete(hub);
  }
}
