import type { Duplex } from "node:stream";
import mqtt, { type Packet } from "mqtt-packet";
import { deviceToCloudBytes } from "../messages/message.ts";
import { maxTopicBytes } from "../messages/property-bag.ts";
import { MqttFrames, readFixedHeader } from "./mqtt-frames.ts";
import { readPacket } from "./mqtt-packets.ts";

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
   * Yields packets until the stream ends.
   * @throws HubError MessageTooLarge when a packet's header announces too many bytes, before they are read.
   *   IotHubFormatError for a packet that MQTT 3.1.1 forbids, and for bytes that are not MQTT.
   */
  async *packets(): AsyncGenerator<Packet> {
    const frames = new MqttFrames();
    for await (const chunk of this.stream) {
      if (this.extendsTimer) this.timer.refresh();
      frames.push(chunk as Buffer);
      for (let bytes = frames.take(this.maxBytes); bytes; bytes = frames.take(this.maxBytes)) {
        // Answers that the peer does not read would fill the memory, so wait until it reads them.
        if (this.stream.writableNeedDrain) await finishedWriting(this.stream);
        yield readPacket(bytes);
      }
    }
  }

  /** Sends a packet. Destroys the stream when the header has a wrong length, for which the peer would wait forever. */
  send(packet: Packet): void {
    if (!this.stream.writable) return;
    const bytes = mqtt.generate(packet);
    const header = readFixedHeader(bytes);
    if (header && bytes.length === header.headerBytes + header.bodyBytes) this.stream.write(bytes);
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
