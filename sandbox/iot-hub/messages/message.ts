import { HubError } from "../errors.ts";

/** A message in either direction, free of any protocol. */
export interface Message {
  messageId?: string;
  correlationId?: string;
  userId?: string;
  contentType?: string;
  contentEncoding?: string;
  /** Application properties; null where only the name came. */
  properties: Record<string, string | null>;
  body: Buffer;
}

/** Sizes in bytes. Source: "IoT Hub quotas and throttling", other limits. */
export const DEVICE_TO_CLOUD_BYTES = 256 * 1024;
export const CLOUD_TO_DEVICE_BYTES = 64 * 1024;

/** A message's size as the hub meters it: body and application properties. */
export function messageSize(message: Message): number {
  const properties = Object.entries(message.properties);
  const texts = properties.reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value ?? ""),
    0,
  );
  return message.body.length + texts;
}

/** @throws HubError MessageTooLarge. */
export function checkMessageSize(message: Message, limit: number): void {
  const size = messageSize(message);
  if (size > limit) {
    throw new HubError("MessageTooLarge", `The message has ${size} bytes; at most ${limit} are allowed.`);
  }
}
