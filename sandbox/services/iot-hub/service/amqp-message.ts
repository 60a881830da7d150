import { isUtf8 } from "node:buffer";
import rhea from "rhea";
import { HubError, notKnown } from "../errors.ts";
import type { Acknowledgement, Message } from "../messages/message.ts";

const deviceAddressPattern = /^\/devices\/([^/]+)\/messages\/devicebound$/i;
const acknowledgements: Acknowledgement[] = ["none", "positive", "negative", "full"];

/** A cloud-to-device message that was received over AMQP. */
export interface ReceivedMessage {
  deviceId: string;
  content: Message;
  acknowledgement: Acknowledgement;
  /** When it expires, in milliseconds since 1970; undefined for the hub's default. */
  expires: number | undefined;
}

/**
 * Reads a cloud-to-device message.
 * @throws HubError ArgumentInvalid for an unknown address or acknowledgement, NotKnownToTheSandbox for parts of the AMQP
 *   message that the sandbox does not pass on.
 */
export function readAmqpMessage(message: rhea.Message): ReceivedMessage {
  const to = deviceAddressPattern.exec(message.to ?? "");
  if (!to) throw new HubError("ArgumentInvalid", "BadRequest: The message's to is not a device's address.");
  refuseIgnoredParts(message);
  const properties = { ...(message.application_properties as Record<string, unknown> | undefined) };
  const acknowledgement = String(properties["iothub-ack"] ?? "none") as Acknowledgement;
  if (!acknowledgements.includes(acknowledgement)) {
    throw new HubError("ArgumentInvalid", `BadRequest: iothub-ack ${acknowledgement} does not exist.`);
  }
  delete properties["iothub-ack"];
  const texts = Object.entries(properties).map(([name, value]) => [
    name,
    value === null ? null : String(value),
  ]);
  return {
    deviceId: decoded(to[1] as string),
    content: {
      messageId: idText(message.message_id),
      correlationId: idText(message.correlation_id),
      userId: text(message.user_id),
      contentType: text(message.content_type),
      contentEncoding: text(message.content_encoding),
      properties: Object.fromEntries(texts) as Record<string, string | null>,
      body: bodyOf(message.body),
    },
    acknowledgement,
    expires: message.absolute_expiry_time ? new Date(message.absolute_expiry_time).getTime() : undefined,
  };
}

/** Refuses what no device would receive, so that the sender notices. */
function refuseIgnoredParts(message: rhea.Message): void {
  for (const name of ["reply_to", "subject", "group_id", "ttl"] as const) {
    if (message[name] !== undefined && message[name] !== null)
      throw notKnown(`${name} of messages to devices`);
  }
  const [annotation] = Object.keys(message.message_annotations ?? {});
  if (annotation !== undefined) throw notKnown(`the annotation ${annotation} of messages to devices`);
}

function decoded(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    throw new HubError(
      "ArgumentInvalid",
      "BadRequest: The device ID in the message's to is not well formed.",
    );
  }
}

/** Converts an ID, which can be an AMQP UUID of 16 bytes. */
function idText(id: unknown): string | undefined {
  if (Buffer.isBuffer(id)) return id.length === 16 ? rhea.uuid_to_string(id) : id.toString("hex");
  return id === undefined || id === null ? undefined : String(id);
}

/** Converts a text, which can be an AMQP symbol or binary. */
function text(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (Buffer.isBuffer(value)) return isUtf8(value) ? value.toString("utf8") : value.toString("hex");
  return String(value);
}

/** The bytes of a data section, or the text of another value. */
function bodyOf(body: unknown): Buffer {
  const content = (body as { content?: unknown } | null | undefined)?.content ?? body;
  if (Buffer.isBuffer(content)) return content;
  if (Array.isArray(content)) return Buffer.concat(content.map(bodyOf));
  return content === undefined || content === null ? Buffer.alloc(0) : Buffer.from(String(content));
}
