import { type TLSSocket, connect as tlsConnect } from "node:tls";
import mqtt, { type IPublishPacket, type Packet } from "mqtt-packet";
import { waitFor } from "../../../support/wait-for.ts";
import type { HubUnderTest } from "./iot-hub-harness.ts";
import { type Device, deviceToken } from "./official-device.ts";

/** A device without an SDK, which sends exactly the packets of a test. */
export class RawDevice {
  readonly packets: Packet[] = [];
  readonly socket: TLSSocket;
  closed = false;
  private readonly hub: HubUnderTest;

  /**
   * @param port The local port for 8883 of the hub's proxy.
   * @param options.allowHalfOpen Whether the device keeps its side open after the hub has closed its own.
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
    return waitFor("CONNACK", () => this.packets.find(({ cmd }) => cmd === "connack")) as never;
  }

  async subscribe(topic: string, qos: 0 | 1 | 2 = 1): Promise<unknown> {
    this.packets.length = 0;
    this.send({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic, qos }] });
    const suback = await waitFor("SUBACK", () => this.packets.find(({ cmd }) => cmd === "suback"));
    return (suback as unknown as { granted: number[] }).granted[0];
  }

  publish(topic: string, payload: string | Buffer, qos: 0 | 1 | 2 = 1, more: object = {}): void {
    this.send({ cmd: "publish", topic, payload, qos, messageId: 7, dup: false, retain: false, ...more });
  }

  published(): IPublishPacket[] {
    return this.packets.filter(({ cmd }) => cmd === "publish") as IPublishPacket[];
  }
}
