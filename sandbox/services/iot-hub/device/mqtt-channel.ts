import type { Duplex } from "node:stream";
import mqtt, { type Packet } from "mqtt-packet";
import { HubError } from "../errors.ts";
import { deviceToCloudBytes } from "../messages/message.ts";
import { maxTopicBytes } from "../messages/property-bag.ts";

/** Maximum size of a CONNECT: a will's topic and payload of 64 KB each, names and a token. */
const maxConnectBytes = 2 * maxTopicBytes + 16 * 1024;
/** Maximum size of a packet of a device that has signed in: a message with its topic. */
export const maxPacketBytes = deviceToCloudBytes + maxTopicBytes + 4;
/** Milliseconds between closing this side of a connection and destroying it when the peer does not close its side. */
export const lingerMs = 1000;

/** Reads and writes MQTT packets on a stream, and destroys the stream when the peer stays silent for too long. */
export class MqttChannel {
  private readonly stream: Duplex;
  private maxBytes = maxConnectBytes;
  private timer: NodeJS.Timeout;
  /** Whether bytes from the peer restart the timer. */
  private extendsTimer = false;

  /** @param signInTimeoutMs Milliseconds until `signedIn` must be called, whatever the peer sends. */
  constructor(stream: Duplex, signInTimeoutMs: number) {
    this.stream = stream;
    this.timer = setTimeout(() => stream.destroy(), signInTimeoutMs);
    stream.on("error", () => stream.destroy());
  }

  /**
   * Yields packets until the stream ends. Bytes that are not MQTT destroy the stream.
   * @throws HubError MessageTooLarge when a packet's header announces too many bytes, before they are read.
   */
  async *packets(): AsyncGenerator<Packet> {
    const parsed: Packet[] = [];
    const parser = mqtt.parser({ protocolVersion: 4 });
    parser.on("packet", (packet) => parsed.push(packet));
    parser.on("error", () => this.stream.destroy());
    for await (const chunk of this.stream) {
      if (this.extendsTimer) this.timer.refresh();
      parser.parse(chunk as Buffer);
      for (const packet of parsed.splice(0)) {
        // Answers that the peer does not read would fill the memory, so wait until it reads them.
        if (this.stream.writableNeedDrain) await finishedWriting(this.stream);
        yield packet;
      }
      // The parser's types lack `packet`, the packet that is not complete yet.
      const { length = 0 } = (parser as unknown as { packet: Packet }).packet;
      if (length <= this.maxBytes) continue;
      throw new HubError(
        "MessageTooLarge",
        `A packet has ${length} bytes; at most ${this.maxBytes} are allowed.`,
      );
    }
  }

  /** Sends a packet. Destroys the stream when the header has a wrong length, for which the peer would wait forever. */
  send(packet: Packet): void {
    if (!this.stream.writable) return;
    const bytes = mqtt.generate(packet);
    if (bytes.length === announcedBytes(bytes)) this.stream.write(bytes);
    else
      this.stream.destroy(new Error(`The ${packet.cmd} packet cannot be written: a part of it is too long.`));
  }

  publish(topic: string, payload: string | Buffer, qos: 0 | 1, messageId?: number): void {
    this.send({ cmd: "publish", topic, payload, qos, messageId, dup: false, retain: false });
  }

  /** Accepts larger packets from now on, and destroys the stream when the peer is silent for `idleMs`. */
  signedIn(idleMs: number): void {
    this.maxBytes = maxPacketBytes;
    this.extendsTimer = true;
    this.restart(idleMs);
  }

  /** Closes the stream after all packets are written, and destroys it if the peer then keeps its side open. */
  end(): void {
    this.extendsTimer = false;
    this.restart(lingerMs);
    this.stream.end();
  }

  /** Closes the stream at once. */
  destroy(): void {
    clearTimeout(this.timer);
    this.stream.destroy();
  }

  private restart(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.stream.destroy(), ms);
  }
}

/** Resolves when a stream accepts more data or is closed. */
function finishedWriting(stream: Duplex): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off("drain", done).off("close", done);
      resolve();
    };
    stream.on("drain", done).on("close", done);
  });
}

/** The length of a packet by its fixed header, which has it in groups of seven bits (MQTT 3.1.1, 2.2.3). */
function announcedBytes(packet: Buffer): number {
  let length = 0;
  for (let at = 1; at <= 4; at++) {
    const group = packet[at] ?? 0;
    length += (group & 0x7f) * 128 ** (at - 1);
    if (group < 128) return 1 + at + length;
  }
  return Number.NaN;
}
