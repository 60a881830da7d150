import { type PropertyBag, parseBag } from "../messages/property-bag.ts";

/** A device's request, which it makes by publishing to a topic of the hub. */
export type DeviceRequest =
  | { kind: "telemetry"; properties: PropertyBag }
  | { kind: "getTwin"; requestId: string }
  | { kind: "reportProperties"; requestId: string }
  | { kind: "methodAnswer"; requestId: string; status: number };

/** A topic that a device can subscribe to. */
export type Subscription = "messages" | "twinAnswers" | "desired" | "methods";

const reportedTopicPrefix = "$iothub/twin/PATCH/properties/reported/?";

/**
 * Parses a topic to which a device has published. Source: "Use MQTT to communicate with Azure IoT Hub".
 * @returns Undefined for a topic that the hub does not have.
 */
export function parseRequest(topic: string, deviceId: string): DeviceRequest | undefined {
  const events = `devices/${deviceId}/messages/events`;
  if (topic === events || topic.startsWith(`${events}/`)) {
    return { kind: "telemetry", properties: parseBag(topic.slice(events.length + 1)) };
  }
  const requestId = parseBag(topic.slice(topic.indexOf("?") + 1)).$rid;
  if (!requestId) return undefined;
  if (topic.startsWith("$iothub/twin/GET/?")) return { kind: "getTwin", requestId };
  if (topic.startsWith(reportedTopicPrefix)) return { kind: "reportProperties", requestId };
  const answer = /^\$iothub\/methods\/res\/(-?\d+)\/\?/.exec(topic);
  return answer ? { kind: "methodAnswer", requestId, status: Number(answer[1]) } : undefined;
}

/** Parses a topic filter. @returns Undefined for a filter that the hub does not have. */
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
