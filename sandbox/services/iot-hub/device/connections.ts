import { EventEmitter } from "node:events";
import type { AzureEnvironment } from "../../../core/azure-environment.ts";
import type { Hub } from "../hub.ts";
import type { DeviceTable } from "../registry/device-table.ts";
import type { CloseReason } from "./close-reason.ts";
import type { ConnectionLog } from "./connection-log.ts";

/** An open connection of a device. */
export interface DeviceConnection {
  hub: Hub;
  deviceId: string;
  /** The device's generation ID: a device that is deleted and created again under the same ID has another one. */
  generation: string;
  /** When its token expires, in milliseconds since 1970. */
  expires: number;
  /** Whether a key of the device or one of the hub has signed its token. */
  authScope: "device" | "hub";
  /** Sends waiting cloud-to-device messages if the device has subscribed to them. */
  sendMessages(): void;
  /** Sends a change of the desired properties if the device has subscribed to them. */
  sendDesired(patch: Record<string, unknown>, version: number): void;
  /**
   * Sends a direct method call. The answer comes to `DirectMethods.answer`.
   * @returns False when the device has not subscribed to direct methods.
   */
  callMethod(requestId: string, name: string, payload: string): boolean;
  close(reason: CloseReason): void;
}

interface ConnectionEvents {
  /** The device accepts direct methods now. */
  methodsReady: [hub: string, deviceId: string];
  closed: [connection: DeviceConnection];
}

/** The open connections of all devices. A device has at most one: a newer connection closes the older one. */
export class Connections extends EventEmitter<ConnectionEvents> {
  private readonly azure: AzureEnvironment;
  private readonly devices: DeviceTable;
  private readonly log: ConnectionLog;
  private readonly byDevice = new Map<string, DeviceConnection>();
  /** No connection's token expires before this time, in milliseconds since 1970. */
  private earliestExpiry = Number.POSITIVE_INFINITY;

  constructor(azure: AzureEnvironment, devices: DeviceTable, log: ConnectionLog) {
    super();
    this.log = log;
    this.setMaxListeners(0);
    this.azure = azure;
    this.devices = devices;
  }

  get(hub: string, deviceId: string): DeviceConnection | undefined {
    return this.byDevice.get(keyOf(hub, deviceId));
  }

  get size(): number {
    return this.byDevice.size;
  }

  /** Registers a connection that has signed in. */
  open(connection: DeviceConnection): void {
    const key = keyOf(connection.hub.key, connection.deviceId);
    const older = this.byDevice.get(key);
    this.byDevice.set(key, connection);
    this.earliestExpiry = Math.min(this.earliestExpiry, connection.expires);
    this.devices.setConnected(connection.hub.key, connection.deviceId, true, this.azure.clock.now());
    this.log.connected(connection.hub, connection.deviceId);
    if (older) {
      const reason = "ConnectionForcefullyClosedOnNewConnection";
      this.log.closed(older.hub, older.deviceId, reason);
      this.emit("closed", older);
      older.close(reason);
    }
  }

  /**
   * Removes a connection that has ended. Removing it again, or after a newer one was opened, changes nothing.
   * @param reason Why the hub closes it; undefined when the device does.
   */
  remove(connection: DeviceConnection, reason?: CloseReason): void {
    const key = keyOf(connection.hub.key, connection.deviceId);
    if (this.byDevice.get(key) !== connection) return;
    this.byDevice.delete(key);
    this.log.closed(connection.hub, connection.deviceId, reason);
    this.devices.setConnected(connection.hub.key, connection.deviceId, false, this.azure.clock.now());
    this.emit("closed", connection);
  }

  disconnect(connection: DeviceConnection, reason: CloseReason): void {
    this.azure.log(`${connection.hub.host}: closed the connection of ${connection.deviceId}: ${reason}`);
    this.remove(connection, reason);
    connection.close(reason);
  }

  /** Disconnects the connections with an expired token. It looks through all of them only when one can have expired. */
  closeExpired(now: number): void {
    if (now < this.earliestExpiry) return;
    this.disconnectAll("IotHubUnauthorized: the token has expired", ({ expires }) => expires <= now);
    this.earliestExpiry = Number.POSITIVE_INFINITY;
    for (const { expires } of this.byDevice.values()) {
      this.earliestExpiry = Math.min(this.earliestExpiry, expires);
    }
  }

  /** Disconnects every connection that `which` selects. @returns Their number. */
  disconnectAll(reason: CloseReason, which: (connection: DeviceConnection) => boolean): number {
    const selected = [...this.byDevice.values()].filter(which);
    this.azure.store.transaction(() => {
      for (const connection of selected) this.disconnect(connection, reason);
    });
    return selected.length;
  }
}

const keyOf = (hub: string, deviceId: string) => `${hub}/${deviceId}`;
