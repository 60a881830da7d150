import type { Duplex } from "node:stream";
import mqtt, { type Packet } from "mqtt-packet";

/** How long a connection may wait with its CONNECT. Undocumented. */
const CONNECT_MS = 30_000;

/** MQTT packets over a stream, in and out, with the time after which a silent peer is dead. */
export class MqttChannel {
  private readonly stream: Duplex;
  private idle: NodeJS.Timeout;

  constructor(stream: Duplex) {
    this.stream = stream;
    this.idle = setTimeout(() => stream.destroy(), CONNECT_MS);
    stream.on("error", () => stream.destroy());
  }

  /** Packets as they come, until the stream ends; bytes that are no MQTT end it. */
  async *packets(): AsyncGenerator<Packet> {
    const parsed: Packet[] = [];
    const parser = mqtt.parser({ protocolVersion: 4 });
    parser.on("packet", (packet) => parsed.push(packet));
    parser.on("error", () => this.stream.destroy());
    for await (const chunk of this.stream) {
      this.idle.refresh();
      parser.parse(chunk as Buffer);
      yield* parsed.splice(0);
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

  /** Ends the stream when nothing has come for that long. */
  setIdle(ms: number): void {
    clearTimeout(this.idle);
    this.idle = setTimeout(() => this.stream.destroy(), ms);
  }

  /** Ends when what was sent is out. */
  end(): void {
    clearTimeout(this.idle);
    this.stream.end();
  }

  /** Ends at once. */
  destroy(): void {
    clearTimeout(this.idle);
    this.stream.destroy();
  }
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
