import type { Fleet } from "../../azure/fleet.ts";
import { quoted } from "../../azure/iot-hub/twins.ts";
import { parseKeyTags } from "./record.ts";

/** A terminal whose keys can be rotated. */
export interface RotationCandidate {
  terminal: string;
  /** From its tags. */
  customer?: string;
  /** Creation time of the older of its device keys and its Flow key, in milliseconds; undefined when unknown. */
  oldestKeyAt: number | undefined;
  /** Whether a rotation is in progress. */
  isRotating: boolean;
  /** Whether that rotation includes the customer's subscription key. */
  rotatesSubscriptionKey: boolean;
}

/**
 * The terminals of a customer, or of the whole fleet, that are not revoked, sorted by ID. The IoT Hub's query index is some
 * seconds behind.
 */
export async function findRotationCandidates(
  { flowKeys, registry }: Pick<Fleet, "flowKeys" | "registry">,
  customer?: string,
): Promise<RotationCandidate[]> {
  const flowKeyTimes = new Map<string, number>();
  for await (const row of flowKeys.rows(customer)) {
    flowKeyTimes.set(`${row.customer}/${row.terminal}`, Date.parse(row.keyCreatedAt));
  }
  const where = customer ? ` AND tags.customer = ${quoted(customer)}` : "";
  const query = `SELECT deviceId, tags FROM devices WHERE status = 'enabled'${where}`;
  const candidates: RotationCandidate[] = [];
  for await (const device of registry.query(query)) {
    const { deviceId, tags } = device as { deviceId: string; tags?: Record<string, unknown> };
    const { hubCreatedAt, rotation } = parseKeyTags(tags);
    const flowKeyAt = flowKeyTimes.get(`${tags?.customer}/${deviceId}`);
    // Device keys that were never rotated are as old as the first Flow key.
    const deviceKeysAt = hubCreatedAt ? Date.parse(hubCreatedAt) : flowKeyAt;
    const times = [flowKeyAt, deviceKeysAt].filter((time) => time !== undefined);
    candidates.push({
      terminal: deviceId,
      customer: typeof tags?.customer === "string" ? tags.customer : undefined,
      oldestKeyAt: times.length > 0 ? Math.min(...times) : undefined,
      isRotating: Boolean(rotation),
      rotatesSubscriptionKey: rotation?.keys.includes("shared") ?? false,
    });
  }
  return candidates.sort((a, b) => (a.terminal < b.terminal ? -1 : 1));
}
