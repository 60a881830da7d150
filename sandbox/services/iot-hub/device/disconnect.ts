import type { AzureEnvironment } from "../../../core/azure-environment.ts";
import type { DeviceTable } from "../registry/device-table.ts";
import type { Connections, DeviceConnection } from "./connections.ts";

/**
 * Closes connections that are no longer allowed. The connection of a disabled or deleted device closes after a delay,
 * because Azure documents no time: the worse case. A device that is enabled again within the delay stays connected. New
 * device keys close nothing.
 */
export class DisconnectSchedule {
  private readonly azure: AzureEnvironment;
  private readonly devices: DeviceTable;
  private readonly connections: Connections;
  private readonly delayMs: number;
  /** When the connections of disabled and deleted devices close, by hub and device. */
  private readonly due = new Map<string, { hub: string; deviceId: string; at: number }>();

  constructor(azure: AzureEnvironment, devices: DeviceTable, connections: Connections, delayMs: number) {
    this.azure = azure;
    this.devices = devices;
    this.connections = connections;
    this.delayMs = delayMs;
    connections.on("closed", ({ hub, deviceId }) => {
      // A newer connection of the same device inherits the schedule.
      if (!connections.get(hub.key, deviceId)) this.due.delete(keyOf(hub.key, deviceId));
    });
  }

  /** Checks after the delay whether a device is still disabled or deleted, and closes its connection in that case. */
  schedule(hub: string, deviceId: string): void {
    if (!this.connections.get(hub, deviceId)) return;
    this.due.set(keyOf(hub, deviceId), { hub, deviceId, at: this.azure.clock.now() + this.delayMs });
  }

  /** Closes connections with an expired token, and those for which the delay is over. Called many times a second. */
  closeDue(): void {
    const now = this.azure.clock.now();
    this.connections.closeExpired(now);
    for (const [key, { hub, deviceId, at }] of this.due) {
      if (at > now) continue;
      this.due.delete(key);
      const connection = this.connections.get(hub, deviceId);
      if (connection) this.closeRevoked(connection);
    }
  }

  private closeRevoked(connection: DeviceConnection): void {
    const device = this.devices.get(connection.hub.key, connection.deviceId);
    if (!device || device.generation !== connection.generation) {
      this.connections.disconnect(connection, "DeviceNotFound");
    } else if (device.status === "disabled") this.connections.disconnect(connection, "DeviceDisabled");
  }
}

const keyOf = (hub: string, deviceId: string) => `${hub}/${deviceId}`;
