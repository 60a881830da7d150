import type { AzureEnvironment } from "../../core/azure-environment.ts";
import { HubError } from "./errors.ts";
import type { Hub } from "./hub.ts";
import { dailyQuota } from "./tiers.ts";

/**
 * The hub's daily message quota, which is reset at midnight UTC. Messages in both directions, direct methods, and reads,
 * updates and queries of twins count, in blocks. Registry operations and jobs are free. Source: "Azure IoT Hub billing
 * information".
 */
export class DailyQuota {
  private readonly azure: AzureEnvironment;
  private readonly enabled: boolean;

  constructor(azure: AzureEnvironment, enabled: boolean) {
    this.azure = azure;
    this.enabled = enabled;
    azure.store.db.exec(
      "CREATE TABLE IF NOT EXISTS iothub_quota (hub TEXT, day TEXT, messages INTEGER, PRIMARY KEY (hub, day)) WITHOUT ROWID",
    );
  }

  /** The number of messages that were counted today. */
  used(hub: Pick<Hub, "key">): number {
    const row = this.azure.store
      .statement("SELECT messages FROM iothub_quota WHERE hub = ? AND day = ?")
      .get(hub.key, this.today());
    return (row?.messages as number | undefined) ?? 0;
  }

  /**
   * Counts the payload of one operation.
   * @throws HubError IotHubQuotaExceeded when today's quota is used up; nothing is counted then.
   */
  charge(hub: Hub, bytes: number): void {
    const quota = dailyQuota(hub.sku, hub.units);
    if (this.enabled && this.used(hub) >= quota.messages) {
      throw new HubError(
        "IotHubQuotaExceeded",
        `Total number of messages on IotHub '${hub.name}' exceeded the allocated quota. Max allowed message count : '${quota.messages}', current message count : '${this.used(hub)}'.`,
      );
    }
    this.azure.store
      .statement(
        "INSERT INTO iothub_quota VALUES (?, ?, ?) ON CONFLICT (hub, day) DO UPDATE SET messages = messages + excluded.messages",
      )
      .run(hub.key, this.today(), Math.max(1, Math.ceil(bytes / quota.meterBytes)));
  }

  private today(): string {
    return new Date(this.azure.clock.now()).toISOString().slice(0, 10);
  }
}
