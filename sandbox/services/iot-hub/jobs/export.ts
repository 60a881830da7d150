import type { Hub } from "../hub.ts";
import { parseExact } from "../parse-json.ts";
import type { DeviceRow, DeviceTable } from "../registry/device-table.ts";
import { etagText } from "../registry/identity.ts";
import { twinEtagText } from "../twins/twins.ts";
import type { BlobContainer } from "./blob-container.ts";

const pageSize = 500;

/** The first line of an export without keys, as a live hub writes it; such a blob is not pure JSON lines. */
const warningWithoutKeys = "WARNING: the keys of the devices are not in this file.";

/** Writes every device of the hub as a line of JSON, in the order of their IDs. */
export async function exportDevices(
  devices: DeviceTable,
  hub: Hub,
  target: { output: BlobContainer; blob: string; excludeKeys: boolean },
  reportProgress: (percent: number) => void,
  isStopped: () => boolean,
): Promise<void> {
  async function* lines(): AsyncGenerator<string> {
    if (target.excludeKeys) yield `${warningWithoutKeys}\r\n`;
    const total = devices.count(hub.key);
    let written = 0;
    for (let after = ""; !isStopped(); ) {
      const page = devices.list(hub.key, after, pageSize);
      const last = page.at(-1);
      if (!last) return;
      yield page.map((row) => `${JSON.stringify(exportJson(row, target.excludeKeys))}\r\n`).join("");
      after = last.id;
      written += page.length;
      reportProgress(Math.min(100, Math.floor((written / total) * 100)));
    }
  }
  await target.output.write(target.blob, lines());
}

function exportJson(row: DeviceRow, excludeKeys: boolean): Record<string, unknown> {
  const key = (value: string) => (excludeKeys ? null : value);
  return {
    id: row.id,
    eTag: etagText(row.etag),
    status: row.status,
    ...(row.statusReason ? { statusReason: row.statusReason } : {}),
    authentication: {
      symmetricKey: { primaryKey: key(row.primaryKey), secondaryKey: key(row.secondaryKey) },
      x509Thumbprint: { primaryThumbprint: null, secondaryThumbprint: null },
      type: "sas",
    },
    twinETag: twinEtagText(row.twinEtag),
    tags: parseExact(row.tags),
    properties: {
      desired: parseExact(row.desired),
      reported: parseExact(row.reported),
    },
    capabilities: { iotEdge: false },
  };
}
