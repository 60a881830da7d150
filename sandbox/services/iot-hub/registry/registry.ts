import { EventEmitter } from "node:events";
import type { AzureEnvironment } from "../../../core/azure-environment.ts";
import { deviceNotFound, HubError } from "../errors.ts";
import type { Hub } from "../hub.ts";
import { maxDevices } from "../tiers.ts";
import type { DeviceCounts, DeviceRow, DeviceTable } from "./device-table.ts";
import { checkDeviceId, etagMatches, etagText, newDevice, readIdentity, withIdentity } from "./identity.ts";

/** Changes of identities that affect connections and queues. */
export interface RegistryEvents {
  disabled: [hub: Hub, id: string];
  enabled: [hub: Hub, id: string];
  deleted: [hub: Hub, id: string];
}

/** The identity registry of every hub. */
export class Registry extends EventEmitter<RegistryEvents> {
  private readonly azure: AzureEnvironment;
  private readonly devices: DeviceTable;

  constructor(azure: AzureEnvironment, devices: DeviceTable) {
    super();
    this.azure = azure;
    this.devices = devices;
  }

  get(hub: Hub, id: string): DeviceRow {
    const row = this.devices.get(hub.key, id);
    if (!row) throw deviceNotFound(id);
    return row;
  }

  /** Identities in the order of their IDs; at most 1,000, as in the service. */
  list(hub: Hub, top: number): DeviceRow[] {
    return this.devices.list(hub.key, "", Math.min(top, 1000));
  }

  statistics(hub: Hub): DeviceCounts {
    return this.devices.statistics(hub.key);
  }

  /**
   * @param finish Adds the initial twin to the row before it is stored.
   * @throws HubError DeviceAlreadyExists, ArgumentInvalid, IotHubQuotaExceeded.
   */
  create(hub: Hub, id: string, body: unknown, finish = (row: DeviceRow) => row): DeviceRow {
    checkDeviceId(id);
    if (this.devices.get(hub.key, id)) {
      throw new HubError("DeviceAlreadyExists", `A device with ID '${id}' is already registered.`);
    }
    const input = readIdentity(body);
    if (this.devices.count(hub.key) >= maxDevices) {
      throw new HubError(
        "IotHubQuotaExceeded",
        "Total number of devices on IotHub exceeded the allocated quota.",
      );
    }
    const row = finish(newDevice(hub.key, id, input, this.azure.clock.now()));
    this.devices.insert(row);
    return row;
  }

  /**
   * Replaces an identity. The twin stays the same.
   * @param ifMatch The ETag that the identity must have, or `*`.
   * @throws HubError DeviceNotFound, PreconditionFailed, ArgumentInvalid.
   */
  update(hub: Hub, id: string, body: unknown, ifMatch: string): DeviceRow {
    const old = this.getMatching(hub, id, ifMatch);
    const row = withIdentity(old, readIdentity(body), this.azure.clock.now());
    this.devices.update(row);
    if (row.status !== old.status) this.emit(row.status, hub, id);
    return row;
  }

  /** @throws HubError DeviceNotFound, or PreconditionFailed for a missing or another ETag. */
  delete(hub: Hub, id: string, ifMatch: string | undefined): void {
    if (!ifMatch) throw new HubError("PreconditionFailed", "PreconditionFailed: Etag missing");
    this.getMatching(hub, id, ifMatch);
    this.devices.delete(hub.key, id);
    this.emit("deleted", hub, id);
  }

  private getMatching(hub: Hub, id: string, ifMatch: string): DeviceRow {
    const row = this.get(hub, id);
    if (!etagMatches(ifMatch, etagText(row.etag))) {
      throw new HubError("PreconditionFailed", "PreconditionFailed, ETag may be invalid.");
    }
    return row;
  }
}
