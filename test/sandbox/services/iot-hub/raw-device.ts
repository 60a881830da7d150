import { type TLSSocket, connect as tlsConnect } from "node:tls";
import mqtt, { type IPublishPacket, type Packet } from "mqtt-packet";
import { type HubUnderTest, until } from "./iot-hub-harness.ts";
import { type Device, deviceToken } from "./official-device.ts";

/** A device without an SDK: it says exactly what a test wants said. */
export class RawDevice {
  readonly packets: Packet[] = [];
  readonly socket: TLSSocket;
  closed = false;
  private readonly hub: HubUnderTest;

  /**
   * @param port Where the hub's proxy listens for 8883.
   * @param options.allowHalfOpen Whether it keeps its side open when the hub has ended its own.
   */
  constructor(hub: HubUnderTest, port: number, options: { allowHalfOpen?: boolean } = {}) {
    this.hub = hub;
    this.socket = tlsConnect({ host: "127.0.0.1", port, servername: hub.host, ...options });
    const parser = mqtt.parser({ protocolVersion: 4 });
    parser.on("packet", (packet) => this.packets.push(packet));
    this.socket.on("data", (chunk) => parser.parse(chunk));
    this.socket.on("error", () => {});
    this.socket.on("close", () => {
      this.closed = true;
    });
  }

  send(packet: Packet): void {
    this.socket.write(mqtt.generate(packet));
  }

  connect(
    device: Device,
    more: object = {},
  ): Promise<Packet & { returnCode?: number; sessionPresent?: boolean }> {
    this.send({
      cmd: "connect",
      protocolId: "MQTT",
      protocolVersion: 4,
      clientId: device.id,
      clean: true,
      keepalive: 60,
      username: `${this.hub.host}/${device.id}/?api-version=2021-04-12`,
      password: Buffer.from(deviceToken(this.hub, device)),
      ...more,
    });
    return until(() => this.packets.find(({ cmd }) => cmd === "connack")) as never;
  }

  async subscribe(topic: string, qos: 0 | 1 | 2 = 1): Promise<unknown> {
    this.packets.length = 0;
    this.send({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic, qos }] });
    const suback = await until(() => this.packets.find(({ cmd }) => cmd === "suback"));
    return (suback as unknown as { granted: number[] }).granted[0];
  }

  publish(topic: string, payload: string | Buffer, qos: 0 | 1 | 2 = 1, more: object = {}): void {
    this.send({ cmd: "publish", topic, payload, qos, messageId: 7, dup: false, retain: false, ...more });
  }

  published(): IPublishPacket[] {
    return this.packets.filter(({ cmd }) => cmd === "publish") as IPublishPacket[];
  }
}
