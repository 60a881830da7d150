import type { Fleet } from "../azure/fleet.ts";
import { quoted } from "../azure/iot-hub/twins.ts";
import { HashIndex } from "../lib/hash-index.ts";

const enabled = 1;

/**
 * What the IoT Hub and the Flow rows have of one customer's terminals when a run begins: read page by page when it is
 * first asked for, and kept in a few bytes a terminal.
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

  /** How the hub's query index has a terminal; it lags some seconds behind. */
  async indexedStatus(terminal: string): Promise<"enabled" | "disabled" | "missing"> {
    this.identities ??= this.readIdentities();
    const state = (await this.identities).get(terminal);
    if (state === undefined) return "missing";
    return state === enabled ? "enabled" : "disabled";
  }

  /** How the hub has a terminal: what the index does not show as enabled is asked of the hub itself. */
  async identityStatus(terminal: string): Promise<"enabled" | "disabled" | "missing"> {
    if ((await this.indexedStatus(terminal)) === "enabled") return "enabled";
    return (await this.fleet.twins.get(terminal))?.status ?? "missing";
  }

  /** Whether a terminal had a Flow row when the run began. */
  async hadFlowKeyRow(terminal: string): Promise<boolean> {
    this.rows ??= this.readRows();
    return (await this.rows).get(terminal) !== undefined;
  }

  private async readIdentities(): Promise<HashIndex> {
    const found = new HashIndex();
    const query = `SELECT deviceId, status FROM devices WHERE tags.customer = ${quoted(this.customer)}`;
    for await (const { deviceId, status } of this.fleet.registry.query(query)) {
      found.set(String(deviceId), status === "enabled" ? enabled : 0);
    }
    return found;
  }

  private async readRows(): Promise<HashIndex> {
    const found = new HashIndex();
    for await (const { terminal } of this.fleet.flowKeys.rows(this.customer)) found.set(terminal, 1);
    return found;
  }
}
