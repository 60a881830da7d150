import { z } from "zod";
import { explained, statusOf } from "../azure/explain-error.ts";
import type { Fleet } from "../azure/fleet.ts";
import type { DeviceTwin } from "../azure/iot-hub/twins.ts";
import { conflict, updateOptimistically } from "../azure/optimistic-update.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { t } from "../words/translate.ts";

const dayMs = 86_400_000;

/**
 * The tag `retire`: the earliest time of the deletion, and whether a run has started to delete the terminal. Both are
 * written under the twin's ETag, so that a reinstatement and a deletion cannot both succeed.
 */
const retireTag = z.object({ after: z.iso.datetime(), deleting: z.boolean().optional() });

/** Progress of a retirement. */
export interface Retirement {
  /** "none": not retired. "waiting": retired, within the waiting period. "due": the waiting period has passed. */
  state: "none" | "waiting" | "due";
  /** The earliest time of the deletion. */
  after?: Date;
  /** Whether the device identity is disabled. */
  isDisabled: boolean;
  customer?: string;
  site?: string;
}

/** Reads the progress of a retirement; undefined when there is no device identity. */
export async function readRetirement(
  terminal: string,
  { twins }: Pick<Fleet, "twins">,
  now: number,
): Promise<Retirement | undefined> {
  const twin = await twins.get(terminal);
  if (!twin) return undefined;
  const after = deletionTime(twin);
  const { customer, site } = (twin.tags ?? {}) as { customer?: string; site?: string };
  return {
    state: !after ? "none" : after.getTime() > now ? "waiting" : "due",
    after,
    isDisabled: twin.status === "disabled",
    customer,
    site,
  };
}

/** The result of retiring a terminal. */
export interface Retired {
  /** "marked": a run after `after` deletes it. "deleted": only its audit records remain. "unknown": no such terminal. */
  state: "marked" | "deleted" | "unknown";
  after?: Date;
}

/** Whether a run has started to delete a terminal. Then it can no longer be reinstated. */
export function isBeingDeleted(twin: Pick<DeviceTwin, "tags">): boolean {
  return retireTag.safeParse(twin.tags?.retire).data?.deleting ?? false;
}

/**
 * Retires a revoked terminal. The first run sets the tag `retire`. A run after the waiting period deletes the Flow key
 * rows, the container and the device identity, in this order: after a kill the identity still has the tag. The audit log
 * keeps its records.
 * @param options.days Waiting period in days, from the first run.
 * @throws OperatorError when the terminal is not revoked.
 */
export async function retire(
  terminal: string,
  fleet: Pick<Fleet, "twins" | "flowKeys" | "files" | "registry">,
  options: { days: number; now?: number },
): Promise<Retired> {
  const { twins } = fleet;
  const now = options.now ?? Date.now();
  return updateOptimistically<Retired>(t`the device twin ${terminal}`, async () => {
    const twin = await twins.get(terminal);
    if (!twin) return { state: "unknown" };
    if (twin.status !== "disabled") {
      throw new OperatorError("failed", t`${terminal} is not revoked`, {
        remedy: t`Run \`npx terminals revoke ${terminal} --reason TEXT\` first.`,
      });
    }
    const after = deletionTime(twin);
    if (after && after.getTime() > now) return { state: "marked", after };
    if (after) {
      const isClaimed =
        isBeingDeleted(twin) ||
        (await twins.patch(terminal, { tags: { retire: { deleting: true } } }, twin.etag));
      if (!isClaimed) return conflict;
      await deleteTerminal(terminal, fleet);
      return { state: "deleted" };
    }
    const earliest = new Date(now + options.days * dayMs);
    const tags = { retire: { after: earliest.toISOString() } };
    const isMarked = await twins.patch(terminal, { tags }, twin.etag);
    return isMarked ? { state: "marked", after: earliest } : conflict;
  });
}

/** The retired terminals with a waiting period that has passed, each with the customer of its tag, sorted by ID. */
export async function findDueForDeletion(
  { registry }: Pick<Fleet, "registry">,
  now: number,
): Promise<Map<string, string | undefined>> {
  const due: [string, string | undefined][] = [];
  const query = "SELECT deviceId, tags FROM devices WHERE is_defined(tags.retire) AND status = 'disabled'";
  for await (const device of registry.query(query)) {
    // A query's rows have the type of its SELECT list, which the compiler does not know.
    const { deviceId, tags } = device as unknown as Pick<DeviceTwin, "deviceId" | "tags">;
    const after = deletionTime({ tags });
    if (after && after.getTime() <= now) due.push([deviceId, tags?.customer as string | undefined]);
  }
  return new Map(due.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function deletionTime({ tags }: Pick<DeviceTwin, "tags">): Date | undefined {
  const { data } = retireTag.safeParse(tags?.retire);
  return data && new Date(data.after);
}

async function deleteTerminal(
  terminal: string,
  { flowKeys, files, registry }: Pick<Fleet, "flowKeys" | "files" | "registry">,
): Promise<void> {
  for (const customer of await flowKeys.customersOf(terminal)) await flowKeys.delete(customer, terminal);
  const container = await files.containerClient(terminal);
  const deleting = container.deleteIfExists().catch((error) => {
    // 409: its deletion is already in progress.
    if (statusOf(error) !== 409) throw error;
  });
  await explained(deleting, t`deleting the container ${terminal}`);
  await registry.delete(terminal);
}
