import { z } from "zod";
import type { Fleet } from "../azure/fleet.ts";
import type { DeviceTwin } from "../azure/iot-hub/twins.ts";
import { conflict, updateOptimistically } from "../azure/optimistic-update.ts";
import { explained, OperatorError, statusOf } from "../lib/errors.ts";

const dayMs = 86_400_000;

/**
 * The tag `retire`: from when on the terminal may be deleted, and that a run has begun to. Both are written with the
 * twin's ETag, so that who reinstates it and who deletes it cannot both go ahead.
 */
const mark = z.object({ after: z.iso.datetime(), deleting: z.boolean().optional() });

/** How far a terminal is on its way out. */
export interface Retirement {
  /** "none": it is not marked. "waiting": it is marked. "due": its waiting time is over. */
  state: "none" | "waiting" | "due";
  /** From when on it may be deleted. */
  after?: Date;
  /** Whether it is shut out at the hub. */
  isDisabled: boolean;
  customer?: string;
  site?: string;
}

/** Reads how far a terminal is on its way out; undefined when the hub has no such terminal. */
export async function retirementOf(
  terminal: string,
  fleet: Fleet,
  now: number,
): Promise<Retirement | undefined> {
  const twin = await fleet.twins.get(terminal);
  if (!twin) return undefined;
  const after = markOf(twin);
  const { customer, site } = (twin.tags ?? {}) as { customer?: string; site?: string };
  return {
    state: !after ? "none" : after.getTime() > now ? "waiting" : "due",
    ...(after ? { after } : {}),
    isDisabled: twin.status === "disabled",
    ...(customer ? { customer } : {}),
    ...(site ? { site } : {}),
  };
}

/** What became of a terminal that was to be retired. */
export interface Retired {
  /** "marked": it is deleted by a run after `after`. "deleted": nothing is left of it but its audit record. */
  state: "marked" | "deleted" | "unknown";
  after?: Date;
}

/** Whether a run has begun to delete a terminal: then it is not reinstated any more. */
export function isBeingDeleted(twin: Pick<DeviceTwin, "tags">): boolean {
  return mark.safeParse(twin.tags?.retire).data?.deleting ?? false;
}

/**
 * Retires a terminal that is revoked: the first run marks it, a run after the waiting time deletes its Flow rows, its
 * container and its identity, in that order, so that after a kill the mark is still there. The audit log keeps what
 * was ever done with it.
 * @param options.days The waiting time, counted from the first run.
 * @throws OperatorError when it is not revoked.
 */
export async function retire(
  terminal: string,
  fleet: Fleet,
  options: { days: number; now?: number },
): Promise<Retired> {
  const now = options.now ?? Date.now();
  return updateOptimistically<Retired>(`the device twin ${terminal}`, async () => {
    const twin = await fleet.twins.get(terminal);
    if (!twin) return { state: "unknown" };
    if (twin.status !== "disabled") {
      throw new OperatorError("failed", `${terminal} is not revoked`, {
        remedy: `\`terminals revoke ${terminal}\` first.`,
      });
    }
    const after = markOf(twin);
    if (after && after.getTime() > now) return { state: "marked", after };
    if (after) {
      const begun =
        isBeingDeleted(twin) ||
        (await fleet.twins.patch(terminal, { tags: { retire: { deleting: true } } }, twin.etag));
      if (!begun) return conflict;
      await remove(terminal, fleet);
      return { state: "deleted" };
    }
    const from = new Date(now + options.days * dayMs);
    const marked = await fleet.twins.patch(
      terminal,
      { tags: { retire: { after: from.toISOString() } } },
      twin.etag,
    );
    return marked ? { state: "marked", after: from } : conflict;
  });
}

/** The terminals that are marked and whose waiting time is over, each with its customer by the hub's tag. */
export async function dueForDeletion(fleet: Fleet, now: number): Promise<Map<string, string | undefined>> {
  const due: [string, string | undefined][] = [];
  const query = "SELECT deviceId, tags FROM devices WHERE is_defined(tags.retire) AND status = 'disabled'";
  for await (const device of fleet.registry.query(query)) {
    const { deviceId, tags } = device as unknown as Pick<DeviceTwin, "deviceId" | "tags">;
    const after = markOf({ tags });
    if (after && after.getTime() <= now) due.push([deviceId, tags?.customer as string | undefined]);
  }
  return new Map(due.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function markOf({ tags }: Pick<DeviceTwin, "tags">): Date | undefined {
  const { data } = mark.safeParse(tags?.retire);
  return data && new Date(data.after);
}

async function remove(terminal: string, fleet: Fleet): Promise<void> {
  for (const customer of await fleet.flowKeys.customersOf(terminal)) {
    await fleet.flowKeys.delete(customer, terminal);
  }
  const container = await fleet.files.containerClient(terminal);
  const deleting = container.deleteIfExists().catch((error) => {
    // A container whose deletion is under way is as good as deleted.
    if (statusOf(error) !== 409) throw error;
  });
  await explained(deleting, `deleting the container ${terminal}`);
  await fleet.registry.delete(terminal);
}
