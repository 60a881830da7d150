import type { Message, QueuedMessage } from "./message.ts";

/** The properties of a message, as MQTT topics carry them: names and values as in a query string. */
export type PropertyBag = Record<string, string | null>;

/** The system properties of a message, by their names in property bags. */
const systemNames = {
  "$.mid": "messageId",
  "$.cid": "correlationId",
  "$.uid": "userId",
  "$.ct": "contentType",
  "$.ce": "contentEncoding",
} as const satisfies Record<string, keyof Message>;

/** Reads a property bag. A name without a value gets null. */
export function parseBag(text: string): PropertyBag {
  const bag: PropertyBag = {};
  // Some SDKs put the question mark of a query string before the bag.
  for (const part of text.replace(/^\?/, "").replace(/\/$/, "").split("&")) {
    if (part === "") continue;
    const separator = part.indexOf("=");
    if (separator < 0) bag[decode(part)] = null;
    else bag[decode(part.slice(0, separator))] = decode(part.slice(separator + 1));
  }
  return bag;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Creates a message from a body and the property bag in its topic. */
export function messageFromBag(bag: PropertyBag, body: Buffer): Message {
  const message: Message & Required<Pick<Message, "others">> = { properties: {}, others: {}, body };
  for (const [name, value] of Object.entries(bag)) {
    if (Object.hasOwn(systemNames, name)) {
      message[systemNames[name as keyof typeof systemNames]] = value ?? "";
    } else if (name.startsWith("$.")) message.others[name] = value;
    else message.properties[name] = value;
  }
  return message;
}

/** Maximum bytes of a topic: MQTT gives the length of a text in two bytes (MQTT 3.1.1, 1.5.3). */
export const maxTopicBytes = 65_535;

/** A cloud-to-device message, before or after it was queued. */
type DeliverableMessage = Message & Pick<QueuedMessage, "acknowledgement" | "expires">;

/** The topic on which a cloud-to-device message is delivered, with its properties in the bag. */
export function messageTopic(deviceId: string, message: DeliverableMessage): string {
  const bag: [string, string | null][] = [];
  for (const [name, key] of Object.entries(systemNames)) {
    const value = message[key];
    if (value !== undefined) bag.push([name, value]);
  }
  bag.push(["$.to", `/devices/${deviceId}/messages/deviceBound`]);
  bag.push(["$.exp", new Date(message.expires).toISOString()]);
  if (message.acknowledgement !== "none") bag.push(["iothub-ack", message.acknowledgement]);
  bag.push(...Object.entries(message.properties));
  const text = bag.map(([name, value]) =>
    value === null ? encodeURIComponent(name) : `${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
  );
  return `devices/${deviceId}/messages/devicebound/${text.join("&")}`;
}
