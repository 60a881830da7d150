import rhea from "rhea";
import type { PartitionState, StoredEvent } from "./event-store.ts";

/** The system properties that a device can set besides those of AMQP. Source: messages-construct page, system properties. */
const annotationNames: Record<string, string> = {
  "$.ifid": "iothub-interface-id",
  "$.sub": "dt-subject",
  "$.ctime": "iothub-creation-time-utc",
  "iothub-creationtimeutc": "iothub-creation-time-utc",
};

/**
 * The AMQP message of an event. Sources: "Create and read IoT Hub messages" (iot-hub-devguide-messages-construct), and
 * outputs of `az iot hub monitor-events --properties all` for the annotations and the authentication method's form.
 * @param state Set when the receiver asked for the partition's last event with each message.
 */
export function amqpMessage(
  event: StoredEvent,
  state: PartitionState | undefined,
  now: number,
): rhea.Message {
  const annotations: Record<string, unknown> = {
    "iothub-connection-device-id": event.deviceId,
    "iothub-connection-auth-method": JSON.stringify({
      scope: event.authScope,
      type: "sas",
      issuer: "iothub",
      acceptingIpFilterRule: null,
    }),
    "iothub-connection-auth-generation-id": event.generation,
    "iothub-enqueuedtime": new Date(event.enqueued),
    "iothub-message-source": "Telemetry",
    "x-opt-sequence-number": rhea.types.wrap_long(event.sequence),
    "x-opt-offset": String(event.offset),
    "x-opt-enqueued-time": new Date(event.enqueued),
  };
  for (const [name, value] of Object.entries(event.others ?? {})) {
    const annotation = annotationNames[name];
    if (annotation && value !== null) annotations[annotation] = value;
  }
  return {
    message_id: event.messageId,
    correlation_id: event.correlationId,
    // rhea's types want a text, but AMQP wants bytes.
    user_id: event.userId === undefined ? undefined : (Buffer.from(event.userId) as never),
    content_type: event.contentType,
    content_encoding: event.contentEncoding,
    message_annotations: annotations,
    application_properties: event.properties,
    body: rhea.message.data_section(event.body),
    ...(state ? { delivery_annotations: lastEnqueued(state, now) } : {}),
  };
}

/** Source: fromRheaMessage in @azure/event-hubs. */
function lastEnqueued(state: PartitionState, now: number): Record<string, unknown> {
  return {
    last_enqueued_sequence_number: rhea.types.wrap_long(state.lastSequence),
    last_enqueued_offset: String(state.lastOffset),
    last_enqueued_time_utc: new Date(state.lastEnqueued),
    runtime_info_retrieval_time_utc: new Date(now),
  };
}
