import type { Fleet } from "../../azure/fleet.ts";
import { quoted } from "../../azure/iot-hub/twins.ts";
import { keyTagsOf } from "./record.ts";

/** A terminal whose keys can be rotated, and how old they are. */
export interface Candidate {
  terminal: string;
  /** When the older of its hub and Flow keys was made, in milliseconds; undefined when nothing says so. */
  keysFrom: number | undefined;
  /** Whether a rotation is under way. */
  isRotating: boolean;
  /** Whether that is the customer's, of its shared key. */
  renewsShared: boolean;
}

/**
 * The terminals of a customer, or of the whole fleet, that are not revoked. What the hub says comes from its query
 * index, which lags some seconds behind.
 */
export async function candidates(fleet: Fleet, customer?: string): Promise<Candidate[]> {
  const flowKeysFrom = new Map<string, number>();
  for await (const row of fleet.flowKeys.rows(customer)) {
    flowKeysFrom.set(`${row.customer}/${row.terminal}`, Date.parse(row.keyCreatedAt));
  }
  const where = customer ? ` AND tags.customer = ${quoted(customer)}` : "";
  const query = `SELECT deviceId, tags FROM devices WHERE status = 'enabled'${where}`;
  const found: Candidate[] = [];
  for await (const device of fleet.registry.query(query)) {
    const { deviceId, tags } = device as { deviceId: string; tags?: Record<string, unknown> };
    const { hubCreatedAt, rotation } = keyTagsOf(tags);
    const flowFrom = flowKeysFrom.get(`${tags?.customer}/${deviceId}`);
    // The hub keys of a terminal are as old as its first Flow key, unless they were renewed.
    const ages = [flowFrom, hubCreatedAt ? Date.parse(hubCreatedAt) : flowFrom].filter(
      (from) => from !== undefined,
    );
    found.push({
      terminal: deviceId,
      keysFrom: ages.length > 0 ? Math.min(...ages) : undefined,
      isRotating: Boolean(rotation),
      renewsShared: rotation?.keys.includes("shared") ?? false,
    });
  }
  return found.sort((a, b) => (a.terminal < b.terminal ? -1 : 1));
}
