import { HubError } from "../errors.ts";

/** A message in either direction, free of any protocol. */
export interface Message {
  messageId?: string;
  correlationId?: string;
  userId?: string;
  contentType?: string;
  contentEncoding?: string;
  /** A device's other system properties by the names it sent, such as $.ifid; nothing here acts on them. */
  others?: Record<string, string | null>;
  /** Application properties; null where only the name came. */
  properties: Record<string, string | null>;
  body: Buffer;
}

/** Sizes in bytes. Source: "IoT Hub quotas and throttling", other limits. */
export const deviceToCloudBytes = 256 * 1024;
export const cloudToDeviceBytes = 64 * 1024;

/** The system properties that a sender sets. */
const systemProperties = ["messageId", "correlationId", "userId", "contentType", "contentEncoding"] as const;

/** IDs: up to 128 ASCII letters, digits and these marks. Source: "Create and read IoT Hub messages", system properties. */
const id = /^[A-Za-z0-9\-:.+%_#*?!(),=@;$']{0,128}$/;
/** Names of application properties in cloud-to-device messages. Source: the same page. */
const propertyName = /^[A-Za-z0-9!#$%&'*+\-.^_`|~]+$/;
/**
 * Values in cloud-to-device messages. The same page takes the marks of names only, but "Use MQTT to communicate with
 * Azure IoT Hub" shows one with a space: what both rule out is all but printable ASCII.
 */
const propertyValue = /^[\x20-\x7e]*$/;

/**
 * A message's size as the hub meters it: the body, the values of system properties, names and values of application
 * properties. Source: "Create and read IoT Hub messages", message size.
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
 * Checks a message in either direction.
 * @throws HubError MessageTooLarge, or ArgumentInvalid for an ID. Only the message ID's form is documented; the
 *   correlation ID, which repeats one, is held to the same.
 */
export function checkMessage(message: Message, limit: number): void {
  const size = messageSize(message);
  if (size > limit) {
    throw new HubError("MessageTooLarge", `The message has ${size} bytes; at most ${limit} are allowed.`);
  }
  for (const name of ["messageId", "correlationId"] as const) {
    if (id.test(message[name] ?? "")) continue;
    throw invalid(`${name} takes up to 128 ASCII letters, digits and - : . + % _ # * ? ! ( ) , = @ ; $ '`);
  }
}

/** Checks what only cloud-to-device messages must keep to: texts in ASCII. @throws HubError ArgumentInvalid. */
export function checkTexts(message: Message): void {
  const system = systemProperties.map((name): [string, string] => [name, message[name] ?? ""]);
  for (const [name, value] of [...system, ...Object.entries(message.properties)]) {
    if (!propertyName.test(name)) throw invalid(`The property name ${JSON.stringify(name)} is not valid.`);
    if (!propertyValue.test(value ?? "")) throw invalid(`The value of ${name} is not printable ASCII.`);
  }
}

const invalid = (message: string) => new HubError("ArgumentInvalid", `BadRequest: ${message}`);
