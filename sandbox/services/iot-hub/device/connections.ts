import { EventEmitter } from "node:events";
import type { AzureEnvironment } from "../../../core/azure-environment.ts";
import type { Hub } from "../hub.ts";
import type { DeviceTable } from "../registry/device-table.ts";

/** Why the hub ends a connection, in the words of its logs. */
export type CloseReason =
  | "ConnectionForcefullyClosedOnNewConnection"
  | "IotHubUnauthorized: the token has expired"
  | "DeviceDisabled"
  | "DeviceNotFound"
  | "IotHubNotFound"
  | "IotHubUnauthorizedAccess: public network access is disabled"
  | "ConnectionForcefullyClosedOnFaultInjection";

/** What the hub says to a device that is connected. Each returns false when the device did not ask for it. */
export interface DeviceConnection {
  hub: Hub;
  deviceId: string;
  /** Which life of the device it is: a new device of the same name is another. */
  generation: string;
  /** When its token ends, in milliseconds. */
  expires: number;
  /** A cloud-to-device message may wait. */
  messagesAvailable(): void;
  desiredChanged(patch: Record<string, unknown>, version: number): void;
  /** Calls a direct method; the answer comes by `methodAnswered`. */
  callMethod(requestId: string, name: string, payload: string): boolean;
  close(reason: CloseReason): void;
}

interface ConnectionEvents {
  /** The device now takes direct methods, or is gone. */
  methodsReady: [hub: string, deviceId: string];
  closed: [connection: DeviceConnection];
}

/**
 * The live connections, at most one for each device: the newer wins. One whose device is disabled or deleted ends
 * after a delay, since Azure promises none; a new key alone ends nothing.
 */
export class Connections extends EventEmitter<ConnectionEvents> {
  private readonly azure: AzureEnvironment;
  private readonly devices: DeviceTable;
  private readonly disconnectDelayMs: number;
  private readonly live = new Map<string, DeviceConnection>();
  private readonly doomed = new Map<string, number>();

  constructor(azure: AzureEnvironment, devices: DeviceTable, disconnectDelayMs: number) {
    super();
    this.setMaxListeners(0);
    this.azure = azure;
    this.devices = devices;
    this.disconnectDelayMs = disconnectDelayMs;
  }

  get(hub: string, deviceId: string): DeviceConnection | undefined {
    return this.live.get(key(hub, deviceId));
  }

  get size(): number {
    return this.live.size;
  }

  open(connection: DeviceConnection): void {
    const name = key(connection.hub.key, connection.deviceId);
    const older = this.live.get(name);
    this.live.set(name, connection);
    this.devices.setConnected(connection.hub.key, connection.deviceId, true, this.azure.clock.now());
    if (older) {
      this.emit("closed", older);
      older.close("ConnectionForcefullyClosedOnNewConnection");
    }
  }

  /** To be called once for each connection that was opened, when it has ended by itself. */
  closed(connection: DeviceConnection): void {
    const name = key(connection.hub.key, connection.deviceId);
    if (this.live.get(name) !== connection) return;
    this.live.delete(name);
    this.doomed.delete(name);
    this.devices.setConnected(connection.hub.key, connection.deviceId, false, this.azure.clock.now());
    this.emit("closed", connection);
  }

  /** Ends a device's connection when the delay is over, if the device is then still disabled or gone. */
  endSoon(hub: string, deviceId: string): void {
    if (this.get(hub, deviceId)) {
      this.doomed.set(key(hub, deviceId), this.azure.clock.now() + this.disconnectDelayMs);
    }
  }

  /** Ends every connection of one hub, or all that a filter takes. @returns How many. */
  endAll(reason: CloseReason, which: (connection: DeviceConnection) => boolean): number {
    const ending = [...this.live.values()].filter(which);
    for (const connection of ending) this.end(connection, reason);
    return ending.length;
  }

  /** Ends what is due: expired tokens, and disabled or deleted devices. Called many times a second. */
  sweep(): void {
    const now = this.azure.clock.now();
    for (const connection of this.live.values()) {
      if (connection.expires <= now) this.end(connection, "IotHubUnauthorized: the token has expired");
    }
    for (const [name, due] of this.doomed) {
      if (due > now) continue;
      this.doomed.delete(name);
      const connection = this.live.get(name);
      const device = connection && this.devices.get(connection.hub.key, connection.deviceId);
      if (!connection) continue;
      if (!device || device.generation !== connection.generation) this.end(connection, "DeviceNotFound");
      else if (device.status === "disabled") this.end(connection, "DeviceDisabled");
    }
  }

  private end(connection: DeviceConnection, reason: CloseReason): void {
    this.azure.log(`${connection.hub.host}: the connection of ${connection.deviceId} ends: ${reason}`);
    this.closed(connection);
    connection.close(reason);
  }
}

const key = (hub: string, deviceId: string) => `${hub}/${deviceId}`;
