import { HubError } from "../errors.ts";

/** The parts of a fixed header: its own bytes, and those of the packet after it. */
export interface FixedHeader {
  headerBytes: number;
  bodyBytes: number;
}

/**
 * Reads a fixed header: a byte with the kind of packet, and the length in one to four groups of seven bits (MQTT 3.1.1,
 * 2.2.3).
 * @returns Undefined when bytes are missing.
 * @throws HubError IotHubFormatError for a length in more than four groups.
 */
export function readFixedHeader(bytes: Buffer): FixedHeader | undefined {
  let bodyBytes = 0;
  for (let at = 1; at <= 4; at++) {
    const group = bytes[at];
    if (group === undefined) return undefined;
    bodyBytes += (group & 0x7f) * 128 ** (at - 1);
    if (group < 128) return { headerBytes: at + 1, bodyBytes };
  }
  throw new HubError("IotHubFormatError", "A packet's length has more than four bytes.");
}

/** The flags of each kind of packet, from 0 on; undefined for the reserved kinds, and for PUBLISH, which has its own. */
const flags = [undefined, 0, 0, undefined, 0, 0, 2, 0, 2, 0, 2, 0, 0, 0, 0, undefined];
const publish = 3;
const qos3 = 0b0110;

/** Checks the kind and flags of a packet (MQTT 3.1.1, 2.2.2-2, 3.3.1-4), before its other bytes are awaited. */
function checkFirstByte(byte: number): void {
  const kind = byte >> 4;
  const isValid = kind === publish ? (byte & qos3) !== qos3 : flags[kind] === (byte & 0x0f);
  if (!isValid) {
    throw new HubError("IotHubFormatError", `No packet of MQTT 3.1.1 starts with 0x${byte.toString(16)}.`);
  }
}

/** Splits the bytes of a stream into MQTT packets. */
export class MqttFrames {
  private chunks: Buffer[] = [];
  private size = 0;
  /** The number of bytes without which there is no further packet. */
  private needed = 2;

  push(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.size += chunk.length;
  }

  /**
   * Takes the next packet, with its fixed header.
   * @param maxBytes Maximum size of the packet without its header.
   * @returns Undefined until the whole packet was received.
   * @throws HubError MessageTooLarge as soon as the header announces more than `maxBytes`. IotHubFormatError for a header
   *   that MQTT 3.1.1 does not have.
   */
  take(maxBytes: number): Buffer | undefined {
    if (this.size < this.needed) return undefined;
    const bytes = this.chunks.length === 1 ? (this.chunks[0] as Buffer) : Buffer.concat(this.chunks);
    this.chunks = [bytes];
    checkFirstByte(bytes[0] as number);
    const header = readFixedHeader(bytes);
    if (header && header.bodyBytes > maxBytes) {
      throw new HubError(
        "MessageTooLarge",
        `A packet has ${header.bodyBytes} bytes; at most ${maxBytes} are allowed.`,
      );
    }
    const end = header ? header.headerBytes + header.bodyBytes : bytes.length + 1;
    this.needed = end;
    if (bytes.length < end) return undefined;
    const rest = bytes.subarray(end);
    this.chunks = [rest];
    this.size = rest.length;
    this.needed = 2;
    return bytes.subarray(0, end);
  }
}
