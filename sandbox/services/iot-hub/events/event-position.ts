import type { EventStore } from "./event-store.ts";
import { eventsError } from "./events-error.ts";

/** The name of the filter in a link's source that selects where a receiver starts. */
const filterName = "apache.org:selector-filter:string";

const expression = /^amqp\.annotation\.x-opt-(offset|sequence-number|enqueued-time)\s*(>=?)\s*'([^']*)'$/;

/**
 * Finds the sequence number from which a receiver reads. Source of the expressions: getEventPositionFilter in
 * @azure/event-hubs and event_position_selector in azure-eventhub for Python. Without a filter it reads from the start.
 * @throws EventsError for an expression that these clients do not send.
 */
export function startSequence(events: EventStore, hub: string, partition: number, source: unknown): number {
  const text = filterText(source);
  if (text === undefined) return 0;
  const [, kind, operator, value = ""] = expression.exec(text) ?? [];
  const { lastSequence } = events.state(hub, partition, 0);
  const next = lastSequence + 1;
  if (kind === "offset" && value === "@latest") return next;
  if (!kind || !/^-?\d+$/.test(value)) throw eventsError("argument", `The filter '${text}' is not valid.`);
  const above = Number(value) - (operator === ">=" ? 1 : 0);
  if (kind === "sequence-number") return above + 1;
  const column = kind === "offset" ? "event_offset" : "enqueued";
  return events.firstAbove(hub, partition, column, above) ?? next;
}

/** The selector's text. rhea gives a described value as an object, and a map's keys as they were sent. */
function filterText(source: unknown): string | undefined {
  const { filter } = (source ?? {}) as { filter?: Record<string, unknown> };
  const selector = filter?.[filterName] as { value?: unknown } | string | null | undefined;
  if (selector === undefined || selector === null) return undefined;
  return String(typeof selector === "object" ? (selector.value ?? selector) : selector);
}
