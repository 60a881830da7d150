import type { Store } from "../../../core/store.ts";
import { createDeviceTable } from "./device-table.ts";

/**
 * Counts the devices of a hub without its data plane.
 * @param hub The key of the hub's rows: its name in lower case.
 */
export function countDevices(
  store: Store,
  hub: string,
): { total: number; enabled: number; disabled: number } {
  createDeviceTable(store, "iothub_devices");
  const row = store
    .statement(
      "SELECT count(*) AS total, count(*) FILTER (WHERE status = 'disabled') AS disabled FROM iothub_devices WHERE hub = ?",
    )
    .get(hub);
  const { total, disabled } = row as { total: number; disabled: number };
  return { total, enabled: total - disabled, disabled };
}
