import mqtt, { type IConnectPacket, type Packet } from "mqtt-packet";
import { HubError } from "../errors.ts";
import { readFixedHeader } from "./mqtt-frames.ts";

/** The protocol level of MQTT 3.1.1 in a CONNECT. */
const protocolLevel = 4;

/** What a text with bytes that are not UTF-8 contains after it was decoded. */
const replacementCharacter = "\uFFFD";

/**
 * Reads one packet of a client by the rules of MQTT 3.1.1. mqtt-packet reads some packets that the standard forbids, and a
 * server must close the connection for them (4.8.0-1). The numbers in this file are those of the standard's statements.
 * @param bytes The packet with its fixed header.
 * @throws HubError IotHubFormatError for a packet that the standard forbids.
 */
export function readPacket(bytes: Buffer): Packet {
  const { headerBytes } = readFixedHeader(bytes) as { headerBytes: number };
  const body = bytes.subarray(headerBytes);
  const level = (bytes[0] as number) >> 4 === 1 ? readLevel(body) : protocolLevel;
  // The refusal of another level is a CONNACK (3.1.2-2), so the rest of the packet, which is unknown, is not read.
  if (level !== protocolLevel) return { cmd: "connect", protocolVersion: level, clientId: "" } as Packet;
  const packet = parse(bytes);
  const reason = findViolation(packet, body);
  if (reason) throw forbidden(`${packet.cmd.toUpperCase()}: ${reason}`);
  return packet;
}

/** The level of a CONNECT. Clients of MQTT 3.1 send another protocol name, which is 6 bytes long. */
function readLevel(body: Buffer): number {
  const nameBytes = body.length >= 2 ? body.readUInt16BE(0) : 0;
  const name = body.toString("latin1", 2, 2 + nameBytes);
  const level = body[2 + nameBytes];
  if ((name !== "MQTT" && name !== "MQIsdp") || level === undefined) {
    throw forbidden("CONNECT: the protocol name is not MQTT (3.1.2-1)");
  }
  if (name === "MQIsdp" && level === protocolLevel)
    throw forbidden("CONNECT: the protocol name is not MQTT (3.1.2-1)");
  return level;
}

function parse(bytes: Buffer): Packet {
  const parsed: Packet[] = [];
  let failure: Error | undefined;
  const parser = mqtt.parser({ protocolVersion: protocolLevel });
  parser.on("packet", (packet) => parsed.push(packet));
  parser.on("error", (error) => {
    failure = error;
  });
  parser.parse(bytes);
  const [packet] = parsed;
  if (failure || !packet) throw forbidden(failure?.message ?? "the packet is not complete");
  return packet;
}

/** What the standard forbids in a packet; undefined for a valid packet. */
function findViolation(packet: Packet, body: Buffer): string | undefined {
  switch (packet.cmd) {
    case "connect":
      return findConnectViolation(packet, body);
    case "publish":
      if (packet.dup && packet.qos === 0) return "a duplicate with QoS 0 (3.3.1-2)";
      return (
        (packet.qos > 0 ? findIdViolation(packet) : undefined) ??
        findTopicViolation(packet.topic) ??
        findTextViolation([packet.topic], packet, body)
      );
    case "subscribe": {
      const filters = packet.subscriptions.map(({ topic }) => topic);
      return (
        findIdViolation(packet) ?? findFilterViolation(filters) ?? findTextViolation(filters, packet, body)
      );
    }
    case "unsubscribe": {
      const filters = packet.unsubscriptions;
      return (
        findIdViolation(packet) ?? findFilterViolation(filters) ?? findTextViolation(filters, packet, body)
      );
    }
    case "puback":
      return body.length === 2 ? findIdViolation(packet) : "a length other than 2 (3.4.1)";
    case "pingreq":
    case "disconnect":
      return body.length === 0 ? undefined : "a body (3.12.1, 3.14.1)";
    default:
      return undefined;
  }
}

function findConnectViolation(packet: IConnectPacket, body: Buffer): string | undefined {
  const { will, username, password, clientId } = packet;
  if (will && (will.qos ?? 0) > 2) return "a will with QoS 3 (3.1.2-14)";
  if (password !== undefined && username === undefined) return "a password without a user name (3.1.2-22)";
  const topicViolation = will && findTopicViolation(will.topic);
  if (topicViolation) return topicViolation;
  if ([clientId, username ?? ""].some((text) => text.includes("\0"))) return "a text with U+0000 (1.5.3-2)";
  return isExact(packet, body)
    ? undefined
    : "bytes after the last field, or a text that is not UTF-8 (1.5.3-1)";
}

/** A packet ID is not zero (2.3.1-1). mqtt-packet returns -1 when it is missing. */
function findIdViolation({ messageId = 0 }: Packet): string | undefined {
  return messageId > 0 ? undefined : "a packet ID of zero, or none (2.3.1-1)";
}

function findTopicViolation(topic: string): string | undefined {
  if (topic === "") return "an empty topic (4.7.3-1)";
  if (topic.includes("\0")) return "a topic with U+0000 (1.5.3-2)";
  return /[+#]/.test(topic) ? "a topic with a wildcard (3.3.2-2)" : undefined;
}

/** A wildcard is a whole level of a filter, and `#` the last one (4.7.1-2, 4.7.1-3). */
function findFilterViolation(filters: string[]): string | undefined {
  if (filters.length === 0) return "no topic filter (3.8.3-3, 3.10.3-2)";
  for (const filter of filters) {
    if (filter === "") return "an empty topic filter (4.7.3-1)";
    if (filter.includes("\0")) return "a topic filter with U+0000 (1.5.3-2)";
    const levels = filter.split("/");
    if (levels.some((level) => level.length > 1 && /[+#]/.test(level)) || levels.slice(0, -1).includes("#"))
      return "a wildcard in a wrong place (4.7.1-2, 4.7.1-3)";
  }
  return undefined;
}

/** Bytes that are not UTF-8 (1.5.3-1). They are replaced by U+FFFD, which a valid text can contain too. */
function findTextViolation(texts: string[], packet: Packet, body: Buffer): string | undefined {
  if (!texts.some((text) => text.includes(replacementCharacter)) || isExact(packet, body)) return undefined;
  return "a text that is not UTF-8 (1.5.3-1)";
}

/** Whether the packet, written again, has the same bytes after its fixed header. */
function isExact(packet: Packet, body: Buffer): boolean {
  try {
    const written = mqtt.generate(packet);
    return written.subarray(written.length - body.length).equals(body) && hasBody(written, body.length);
  } catch {
    return false;
  }
}

const hasBody = (packet: Buffer, bytes: number): boolean => readFixedHeader(packet)?.bodyBytes === bytes;

const forbidden = (reason: string): HubError =>
  new HubError("IotHubFormatError", `MQTT 3.1.1 does not allow the packet: ${reason}`);
