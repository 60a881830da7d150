import type { Duplex } from "node:stream";
import mqtt, { type Packet } from "mqtt-packet";
import { HubError } from "../errors.ts";
import { deviceToCloudBytes } from "../messages/message.ts";
import { maxTopicBytes } from "./topics.ts";

/** A CONNECT with a will: its topic and its payload of at most 64 KB each, names and a token. */
const connectBytes = 2 * maxTopicBytes + 16 * 1024;
/** The largest packet of a device that has signed in: a message with its topic. */
export const packetBytes = deviceToCloudBytes + maxTopicBytes + 4;
/** How long a peer has to close its side after this one has, before the connection is cut. */
export const lingerMs = 1000;

/** MQTT packets over a stream, in and out, with the time after which a silent peer is dead. */
export class MqttChannel {
  private readonly stream: Duplex;
  private limit = connectBytes;
  private timer: NodeJS.Timeout;
  /** Whether bytes from the peer put the timer off. */
  private heard = false;

  /** @param signInMs How long a connection may take until `signedIn`, whatever it sends. */
  constructor(stream: Duplex, signInMs: number) {
    this.stream = stream;
    this.timer = setTimeout(() => stream.destroy(), signInMs);
    stream.on("error", () => stream.destroy());
  }

  /**
   * Packets as they come, until the stream ends; bytes that are no MQTT end it.
   * @throws HubError MessageTooLarge when a packet's header announces more than is taken, before it is read.
   */
  async *packets(): AsyncGenerator<Packet> {
    const parsed: Packet[] = [];
    const parser = mqtt.parser({ protocolVersion: 4 });
    parser.on("packet", (packet) => parsed.push(packet));
    parser.on("error", () => this.stream.destroy());
    for await (const chunk of this.stream) {
      if (this.heard) this.timer.refresh();
      parser.parse(chunk as Buffer);
      for (const packet of parsed.splice(0)) {
        // A peer that asks without reading the answers waits, so that they do not pile up here.
        if (this.stream.writableNeedDrain) await finishedWriting(this.stream);
        yield packet;
      }
      // Left out of the parser's typings: the packet whose end has not come yet.
      const { length = 0 } = (parser as unknown as { packet: Packet }).packet;
      if (length <= this.limit) continue;
      throw new HubError("MessageTooLarge", `A packet has ${length} bytes; at most ${this.limit} are taken.`);
    }
  }

  /** Sends a packet whole, or cuts the connection: a peer would wait for what a wrong header announces. */
  send(packet: Packet): void {
    if (!this.stream.writable) return;
    const bytes = mqtt.generate(packet);
    if (bytes.length === announcedBytes(bytes)) this.stream.write(bytes);
    else
      this.stream.destroy(new Error(`A ${packet.cmd} packet cannot be written: a part of it is too long.`));
  }

  publish(topic: string, payload: string | Buffer, qos: 0 | 1, messageId?: number): void {
    this.send({ cmd: "publish", topic, payload, qos, messageId, dup: false, retain: false });
  }

  /** Takes larger packets from here on, and ends the stream when nothing has come for `idleMs`. */
  signedIn(idleMs: number): void {
    this.limit = packetBytes;
    this.heard = true;
    this.restart(idleMs);
  }

  /** Ends when what was sent is out, and soon after that even if the peer keeps its side open. */
  end(): void {
    this.heard = false;
    this.restart(lingerMs);
    this.stream.end();
  }

  /** Ends at once. */
  destroy(): void {
    clearTimeout(this.timer);
    this.stream.destroy();
  }

  private restart(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.stream.destroy(), ms);
  }
}

/** Resolves when a stream has room for more, or is gone. */
function finishedWriting(stream: Duplex): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off("drain", done).off("close", done);
      resolve();
    };
    stream.on("drain", done).on("close", done);
  });
}

/** How long a packet is by its fixed header, whose length comes in groups of seven bits (MQTT 3.1.1, 2.2.3). */
function announcedBytes(packet: Buffer): number {
  let length = 0;
  for (let at = 1; at <= 4; at++) {
    const group = packet[at] ?? 0;
    length += (group & 0x7f) * 128 ** (at - 1);
    if (group < 128) return 1 + at + length;
  }
  return Number.NaN;
}
