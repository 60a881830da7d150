import pMap from "p-map";
import { type Batch, readBatch, type Terminal } from "../batch/batch.ts";
import { HashIndex } from "../batch/hash-index.ts";
import type { Fleet } from "../fleet.ts";
import type { HandoverFolder } from "../handover/handover-folder.ts";
import { timeAtPace } from "../hub/pacing.ts";
import type { Journal } from "./journal.ts";

/** What onboarding a batch would do, in numbers of terminals. */
export interface Plan {
  /** Terminals that get all of it: identity, container, hand-over and Flow row. */
  new: number;
  /** Terminals whose identity is there, with its keys, and that get the rest. */
  continued: number;
  /** Terminals whose sealed hand-over is there and that get their Flow row. */
  finished: number;
  /** Terminals that are onboarded already and stay as they are. */
  unchanged: number;
  /** Terminals that cannot be onboarded: disabled, or onboarded elsewhere. */
  refused: number;
  /** Whether the customer's shared key would be made. */
  newSharedKey: boolean;
  /** How long the hub's throttle makes it take, in seconds; 0 where the first minute's allowance does. */
  seconds: number;
}

const rowsAtOnce = 16;
const chunkSize = 1_000;

/**
 * Finds out what `onboard` would do; changes nothing. What the hub has is asked with a query, whose index lags some
 * seconds behind.
 * @param journal Left out when the batch has none yet.
 */
export async function planOnboarding(
  batch: Batch,
  fleet: Fleet,
  folder: Pick<HandoverFolder, "digest">,
  journal: Pick<Journal, "get"> | undefined,
): Promise<Plan> {
  const identities = await identitiesOf(batch.customer, fleet);
  const counts = { new: 0, continued: 0, finished: 0, unchanged: 0, refused: 0 };
  const judge = async ({ id, customer, site }: Terminal): Promise<keyof typeof counts> => {
    const [entry, digest, row] = await Promise.all([
      journal?.get(id),
      folder.digest(id),
      fleet.flowKeys.get(customer, id),
    ]);
    if (entry && (entry.customer !== customer || entry.site !== site)) return "refused";
    const intact = entry !== undefined && entry.handoverSha256 === digest;
    if (row) {
      const same = intact && row.status === "active" && row.currentKeySha256 === entry.flowKeySha256;
      return same ? "unchanged" : "refused";
    }
    if (intact) return "finished";
    if (!entry && digest !== undefined) return "refused";
    const identity = identities.get(id);
    if (identity === undefined) return "new";
    return identity === enabled ? "continued" : "refused";
  };
  let chunk: Terminal[] = [];
  const judgeChunk = async () => {
    for (const kind of await pMap(chunk, judge, { concurrency: rowsAtOnce })) counts[kind]++;
    chunk = [];
  };
  for await (const terminal of readBatch(batch)) {
    chunk.push(terminal);
    if (chunk.length === chunkSize) await judgeChunk();
  }
  await judgeChunk();
  // A terminal that is continued costs its part of the bulk call, and one more to read its keys.
  const operations = counts.new + 2 * counts.continued;
  return {
    ...counts,
    newSharedKey: !(await fleet.customers.has(batch.customer)),
    seconds: Math.ceil(timeAtPace(operations, fleet.registryOperationsPerMinute) / 1000),
  };
}

const enabled = 1;
const disabled = 0;

async function identitiesOf(customer: string, fleet: Fleet): Promise<HashIndex> {
  const found = new HashIndex();
  // The customer's id has no quotation mark in it: its form was checked.
  const query = `SELECT deviceId, status FROM devices WHERE tags.customer = '${customer}'`;
  for await (const { deviceId, status } of fleet.registry.query(query)) {
    found.set(String(deviceId), status === "enabled" ? enabled : disabled);
  }
  return found;
}
