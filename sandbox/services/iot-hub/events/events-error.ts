/** Error conditions of Event Hubs. Source: core-amqp of the Azure SDK for JavaScript, ConditionErrorNameMapper. */
const conditions = {
  unauthorized: "amqp:unauthorized-access",
  notFound: "amqp:not-found",
  argument: "com.microsoft:argument-error",
  outOfRange: "com.microsoft:argument-out-of-range",
  stolen: "amqp:link:stolen",
  limit: "amqp:resource-limit-exceeded",
  notImplemented: "amqp:not-implemented",
} as const;

/** An error with which the built-in endpoint closes a link. */
export class EventsError extends Error {
  readonly condition: string;

  constructor(condition: string, message: string) {
    super(message);
    this.condition = condition;
  }

  /** The form of the error in a detach frame. */
  get amqp(): { condition: string; description: string } {
    return { condition: this.condition, description: this.message };
  }
}

export function eventsError(kind: keyof typeof conditions, message: string): EventsError {
  return new EventsError(conditions[kind], message);
}
