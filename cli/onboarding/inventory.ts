import type { Fleet } from "../azure/fleet.ts";
import { quoted } from "../azure/iot-hub/twins.ts";
import { HashIndex } from "../lib/hash-index.ts";

export type IdentityStatus = "enabled" | "disabled" | "missing";

/** Values in the index of identities. */
const enabled = 1;
const disabled = 0;

/**
 * The device identities and Flow key rows of one customer at the start of a run. They are read page by page when they are
 * first needed, and take some bytes a terminal in memory.
 */
export class Inventory {
  private readonly customer: string;
  private readonly fleet: Fleet;
  private identities: Promise<HashIndex> | undefined;
  private rows: Promise<HashIndex> | undefined;

  constructor(customer: string, fleet: Fleet) {
    this.customer = customer;
    this.fleet = fleet;
  }

  /** Status of a device identity in the IoT Hub's query index, which lags by some seconds. */
  async indexedStatus(terminal: string): Promise<IdentityStatus> {
    this.identities ??= this.readIdentities();
    const value = (await this.identities).get(terminal);
    if (value === undefined) return "missing";
    return value === enabled ? "enabled" : "disabled";
  }

  /** Status of a device identity. One that is not enabled in the index is read from the IoT Hub itself. */
  async identityStatus(terminal: string): Promise<IdentityStatus> {
    if ((await this.indexedStatus(terminal)) === "enabled") return "enabled";
    return (await this.fleet.twins.get(terminal))?.status ?? "missing";
  }

  /** Whether a terminal had a Flow key row at the start of the run. */
  async hadFlowKeyRow(terminal: string): Promise<boolean> {
    this.rows ??= this.readRows();
    return (await this.rows).get(terminal) !== undefined;
  }

  private async readIdentities(): Promise<HashIndex> {
    const index = new HashIndex();
    const query = `SELECT deviceId, status FROM devices WHERE tags.customer = ${quoted(this.customer)}`;
    for await (const { deviceId, status } of this.fleet.registry.query(query)) {
      index.set(String(deviceId), status === "enabled" ? enabled : disabled);
    }
    return index;
  }

  private async readRows(): Promise<HashIndex> {
    const index = new HashIndex();
    for await (const { terminal } of this.fleet.flowKeys.rows(this.customer)) index.set(terminal, 1);
    return index;
  }
}
