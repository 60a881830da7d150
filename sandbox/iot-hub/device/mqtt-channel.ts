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

  send(packet: Packet): void {
    if (this.stream.writable) this.stream.write(mqtt.generate(packet));
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
