import { HubError } from "../errors.ts";

/** A message in either direction, independent of the protocol. */
export interface Message {
  messageId?: string;
  correlationId?: string;
  userId?: string;
  contentType?: string;
  contentEncoding?: string;
  /** Other system properties of a device's message, such as $.ifid. The sandbox does not act on them. */
  others?: Record<string, string | null>;
  /** Application properties; null for a name without a value. */
  properties: Record<string, string | null>;
  body: Buffer;
}

/** Which outcomes of a cloud-to-device message its sender gets feedback on. */
export type Acknowledgement = "none" | "positive" | "negative" | "full";

/** A cloud-to-device message in a device's queue. Times are in milliseconds since 1970. */
export interface QueuedMessage extends Message {
  sequence: number;
  acknowledgement: Acknowledgement;
  enqueued: number;
  expires: number;
  deliveryCount: number;
  /** The lock token, with which the device completes, rejects or abandons the message. */
  lock: string;
}

/** Maximum sizes in bytes. Source: "IoT Hub quotas and throttling", other limits. */
export const deviceToCloudBytes = 256 * 1024;
export const cloudToDeviceBytes = 64 * 1024;

/** The system properties that a sender can set. */
const systemProperties = ["messageId", "correlationId", "userId", "contentType", "contentEncoding"] as const;

/** IDs of messages. Source: "Create and read IoT Hub messages", system properties. */
const idPattern = /^[A-Za-z0-9\-:.+%_#*?!(),=@;$']{0,128}$/;
/** Names of application properties in cloud-to-device messages. Source: the same page. */
const propertyNamePattern = /^[A-Za-z0-9!#$%&'*+\-.^_`|~]+$/;
/**
 * Values in cloud-to-device messages. The same page allows the characters of names only, but "Use MQTT to communicate
 * with Azure IoT Hub" shows a value with a space. Both pages exclude what is not printable ASCII.
 */
const propertyValuePattern = /^[\x20-\x7e]*$/;

/**
 * The size of a message as the hub meters it: the body, the values of system properties, and names and values of
 * application properties. Source: "Create and read IoT Hub messages", message size.
 */
export function messageSize(message: Message): number {
  const others = Object.values(message.others ?? {}).map((value) => value ?? "");
  const system = [...systemProperties.map((name) => message[name] ?? ""), ...others];
  const application = Object.entries(message.properties).flatMap(([name, value]) => [name, value ?? ""]);
  return [...system, ...application].reduce(
    (sum, text) => sum + Buffer.byteLength(text),
    message.body.length,
  );
}

/**
 * Checks size and IDs of a message in either direction. Azure documents the form of the message ID only. The correlation
 * ID, which usually repeats a message ID, must have the same form here.
 * @throws HubError MessageTooLarge, ArgumentInvalid.
 */
export function checkMessage(message: Message, limitBytes: number): void {
  const size = messageSize(message);
  if (size > limitBytes) {
    throw new HubError(
      "MessageTooLarge",
      `The message has ${size} bytes; at most ${limitBytes} are allowed.`,
    );
  }
  for (const name of ["messageId", "correlationId"] as const) {
    if (idPattern.test(message[name] ?? "")) continue;
    throw invalid(
      `${name} must have up to 128 ASCII letters, digits and - : . + % _ # * ? ! ( ) , = @ ; $ '`,
    );
  }
}

/** Checks that the texts of a cloud-to-device message are ASCII. @throws HubError ArgumentInvalid. */
export function checkTexts(message: Message): void {
  const system = systemProperties.map((name): [string, string] => [name, message[name] ?? ""]);
  for (const [name, value] of [...system, ...Object.entries(message.properties)]) {
    if (!propertyNamePattern.test(name)) {
      throw invalid(`The property name ${JSON.stringify(name)} is not valid.`);
    }
    if (!propertyValuePattern.test(value ?? "")) {
      throw invalid(`The value of ${name} is not printable ASCII.`);
    }
  }
}

const invalid = (message: string) => new HubError("ArgumentInvalid", `BadRequest: ${message}`);
