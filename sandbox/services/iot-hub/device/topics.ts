import type { QueuedMessage } from "../messages/cloud-to-device.ts";
import type { Message } from "../messages/message.ts";

/** What a device asks for when it publishes to one of the hub's topics. */
export type DeviceRequest =
  | { kind: "telemetry"; properties: Record<string, string | null> }
  | { kind: "getTwin"; requestId: string }
  | { kind: "reportProperties"; requestId: string }
  | { kind: "methodAnswer"; requestId: string; status: number };

/** A topic that a device can subscribe to. */
export type Subscription = "messages" | "twinAnswers" | "desired" | "methods";

const reportedTopicPrefix = "$iothub/twin/PATCH/properties/reported/?";

/** Reads a published topic; undefined for any that the hub does not have. Source: "Use MQTT to communicate with Azure IoT Hub". */
export function parseRequest(topic: string, deviceId: string): DeviceRequest | undefined {
  const events = `devices/${deviceId}/messages/events`;
  if (topic === events || topic.startsWith(`${events}/`)) {
    return { kind: "telemetry", properties: parseBag(topic.slice(events.length + 1)) };
  }
  if (topic.startsWith("$iothub/twin/GET/?")) {
    return withRequestId(topic, (requestId) => ({ kind: "getTwin", requestId }));
  }
  if (topic.startsWith(reportedTopicPrefix)) {
    return withRequestId(topic, (requestId) => ({ kind: "reportProperties", requestId }));
  }
  const answer = /^\$iothub\/methods\/res\/(-?\d+)\/\?/.exec(topic);
  if (!answer) return undefined;
  const status = Number(answer[1]);
  return withRequestId(topic, (requestId) => ({ kind: "methodAnswer", requestId, status }));
}

function withRequestId(topic: string, make: (requestId: string) => DeviceRequest): DeviceRequest | undefined {
  const requestId = parseBag(topic.slice(topic.indexOf("?") + 1)).$rid;
  return requestId ? make(requestId) : undefined;
}

/** Reads a topic filter; undefined for any that the hub does not have. */
export function parseFilter(filter: string, deviceId: string): Subscription | undefined {
  switch (filter) {
    case `devices/${deviceId}/messages/devicebound/#`:
      return "messages";
    case "$iothub/twin/res/#":
      return "twinAnswers";
    case "$iothub/twin/PATCH/properties/desired/#":
      return "desired";
    case "$iothub/methods/POST/#":
      return "methods";
    default:
      return undefined;
  }
}

export const twinAnswerTopic = (status: number, requestId: string, version?: number): string =>
  `$iothub/twin/res/${status}/?$rid=${requestId}${version === undefined ? "" : `&$version=${version}`}`;

export const desiredTopic = (version: number): string =>
  `$iothub/twin/PATCH/properties/desired/?$version=${version}`;

export const methodTopic = (name: string, requestId: string): string =>
  `$iothub/methods/POST/${name}/?$rid=${requestId}`;

/** The system properties of a message, by their names in property bags. */
const systemNames = {
  "$.mid": "messageId",
  "$.cid": "correlationId",
  "$.uid": "userId",
  "$.ct": "contentType",
  "$.ce": "contentEncoding",
} as const satisfies Record<string, keyof Message>;

/** A message from the property bag of its topic. */
export function messageFromBag(bag: Record<string, string | null>, body: Buffer): Message {
  const message: Message & Required<Pick<Message, "others">> = { properties: {}, others: {}, body };
  for (const [name, value] of Object.entries(bag)) {
    if (Object.hasOwn(systemNames, name)) {
      message[systemNames[name as keyof typeof systemNames]] = value ?? "";
    } else if (name.startsWith("$.")) message.others[name] = value;
    else message.properties[name] = value;
  }
  return message;
}

/** The most that a text in an MQTT packet can have, since two bytes give its length (MQTT 3.1.1, 1.5.3). */
export const maxTopicBytes = 65_535;

type Deliverable = Message & Pick<QueuedMessage, "acknowledgement" | "expires">;

/** How long the topic of a cloud-to-device message is. */
export const topicBytes = (deviceId: string, message: Deliverable): number =>
  Buffer.byteLength(messageTopic(deviceId, message));

/** The topic that a cloud-to-device message is delivered on, its properties in the bag. */
export function messageTopic(deviceId: string, message: Deliverable): string {
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

/** Names and values as in a query string; null where only the name came. */
export function parseBag(text: string): Record<string, string | null> {
  const bag: Record<string, string | null> = {};
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
