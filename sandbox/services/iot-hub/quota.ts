import type { AzureEnvironment } from "../../core/azure-environment.ts";
import { HubError } from "./errors.ts";
import type { Hub } from "./hub.ts";
import { dailyQuota } from "./tiers.ts";

/**
 * The hub's messages of the day, which begin anew at midnight UTC. What counts, and in blocks of which size, is in
 * "Azure IoT Hub billing information": messages both ways, direct methods, twin reads, updates and queries; registry
 * operations and jobs are free.
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

  /** How many messages the hub has counted today. */
  used(hub: Hub): number {
    const row = this.azure.store.db
      .prepare("SELECT messages FROM iothub_quota WHERE hub = ? AND day = ?")
      .get(hub.key, this.today());
    return (row?.messages as number | undefined) ?? 0;
  }

  /**
   * Counts one operation's payload.
   * @throws HubError IotHubQuotaExceeded when the day's quota is used up; nothing is counted then.
   */
  charge(hub: Hub, bytes: number): void {
    const quota = dailyQuota(hub.sku, hub.units);
    if (this.enabled && this.used(hub) >= quota.messages) {
      throw new HubError(
        "IotHubQuotaExceeded",
        `Total number of messages on IotHub '${hub.name}' exceeded the allocated quota. Max allowed message count : '${quota.messages}', current message count : '${this.used(hub)}'.`,
      );
    }
    this.azure.store.db
      .prepare(
        "INSERT INTO iothub_quota VALUES (?, ?, ?) ON CONFLICT (hub, day) DO UPDATE SET messages = messages + excluded.messages",
      )
      .run(hub.key, this.today(), Math.max(1, Math.ceil(bytes / quota.meterBytes)));
  }

  private today(): string {
    return new Date(this.azure.clock.now()).toISOString().slice(0, 10);
  }
}
