import type { AzureEnvironment } from "../../../core/azure-environment.ts";
import type { Hub } from "../hub.ts";
import type { DailyQuota } from "../quota.ts";
import { checkMessage, deviceToCloudBytes, type Message, messageSize } from "./message.ts";

/** A message from a device, as a reader of the hub's built-in endpoint would get it. */
export interface Telemetry extends Message {
  deviceId: string;
  /** When the hub accepted it, in milliseconds since 1970. */
  enqueued: number;
}

/** Number of messages of each hub that stay readable. */
const maxKeptMessages = 1000;

/**
 * Device-to-cloud messages. All are counted, and the last ones of each hub stay in memory, where tests read them. The
 * sandbox does not have the Event Hubs endpoint from which they can be read in Azure.
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
    if (!hub.deliversEvents) return;
    const messages = this.last.get(hub.key) ?? [];
    messages.push({ ...message, deviceId, enqueued: this.azure.clock.now() });
    if (messages.length > maxKeptMessages) messages.shift();
    this.last.set(hub.key, messages);
  }

  /**
   * The last messages that a hub routed to its built-in endpoint, oldest first.
   * @param hub The hub's name in lower case.
   */
  read(hub: string): Telemetry[] {
    return [...(this.last.get(hub) ?? [])];
  }

  /** The number of messages that the hub has accepted since the sandbox started. */
  count(hub: string): number {
    return this.counts.get(hub) ?? 0;
  }

  deleteHub(hub: string): void {
    this.last.delete(hub);
    this.counts.delete(hub);
  }
}
