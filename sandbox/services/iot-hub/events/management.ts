import rhea from "rhea";
import type { Hub } from "../hub.ts";
import type { EventStore } from "./event-store.ts";
import { expiredUntil } from "./receiver-link.ts";

/** The answer to a request on the link $management. */
export interface ManagementAnswer {
  status: number;
  description: string;
  condition?: string;
  body: unknown;
}

/** What .NET has for "never": January 1 of the year 1. Event Hubs returns it for a partition that never had an event. */
const never = new Date("0001-01-01T00:00:00Z");

/**
 * Answers a READ of the hub's or a partition's properties. Source: the management clients of @azure/event-hubs and of
 * azure-eventhub for Python; "AMQP 1.0 protocol in Event Hubs", management.
 */
export function answerManagement(
  hub: Hub,
  events: EventStore,
  now: number,
  request: Record<string, unknown>,
): ManagementAnswer {
  const { operation, type, name, partition } = request;
  const { path, partitions } = hub.events;
  if (operation !== "READ") return refuse(501, "amqp:not-implemented", `the operation ${String(operation)}`);
  if (String(name).toLowerCase() !== path.toLowerCase()) {
    return {
      status: 404,
      description: `The messaging entity '${String(name)}' could not be found.`,
      condition: "amqp:not-found",
      body: "",
    };
  }
  if (type === "com.microsoft:eventhub") {
    const ids = Array.from({ length: partitions }, (_, id) => String(id));
    return ok({
      name: path,
      type,
      created_at: new Date(events.createdAt(hub.key, now)),
      partition_count: rhea.types.wrap_int(partitions),
      partition_ids: rhea.types.wrap_array(ids, 0xb1, undefined),
    });
  }
  if (type !== "com.microsoft:partition")
    return refuse(501, "amqp:not-implemented", `the type ${String(type)}`);
  const id = partitionNumber(partition, partitions);
  if (id === undefined) {
    return {
      status: 400,
      description: outOfRange(partition, partitions),
      condition: "com.microsoft:argument-out-of-range",
      body: "",
    };
  }
  const state = events.state(hub.key, id, expiredUntil(hub, now));
  return ok({
    name: path,
    type,
    partition: String(id),
    begin_sequence_number: rhea.types.wrap_long(state.firstSequence),
    last_enqueued_sequence_number: rhea.types.wrap_long(state.lastSequence),
    last_enqueued_offset: String(state.lastOffset),
    last_enqueued_time_utc: state.lastSequence < 0 ? never : new Date(state.lastEnqueued),
    is_partition_empty: state.isEmpty,
  });
}

/** @returns Undefined for a partition that the hub does not have. */
export function partitionNumber(id: unknown, partitions: number): number | undefined {
  const number = /^\d{1,2}$/.test(String(id)) ? Number(id) : Number.NaN;
  return number < partitions ? number : undefined;
}

/** The text of Event Hubs' exception, from issues of its SDKs. */
export function outOfRange(id: unknown, partitions: number): string {
  return (
    `The specified partition is invalid for an EventHub partition sender or receiver: ${String(id)}. ` +
    `It should be between 0 and ${partitions - 1}.`
  );
}

const ok = (body: Record<string, unknown>): ManagementAnswer => ({ status: 200, description: "OK", body });

function refuse(status: number, condition: string, what: string): ManagementAnswer {
  return { status, description: `The sandbox does not know ${what} of $management.`, condition, body: "" };
}
