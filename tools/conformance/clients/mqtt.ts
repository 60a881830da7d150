import mqtt, { type IPublishPacket, type Packet } from "mqtt-packet";
import { WebSocket } from "ws";
import type { CheckDevice, HubClient } from "./hub.ts";

/** Milliseconds without the expected packet, after which a check cannot tell. */
const packetMs = 30_000;

/** A device that speaks plain MQTT 3.1.1 over WebSocket, so that a check sees each packet and return code. */
export class MqttDevice implements AsyncDisposable {
  readonly packets: Packet[] = [];
  isClosed = false;
  private readonly socket: WebSocket;
  private readonly hub: HubClient;
  private readonly device: CheckDevice;
  private readonly listeners = new Set<() => void>();

  private constructor(hub: HubClient, device: CheckDevice, socket: WebSocket) {
    this.hub = hub;
    this.device = device;
    this.socket = socket;
    const parser = mqtt.parser({ protocolVersion: 4 });
    const notify = () => {
      for (const listener of this.listeners) listener();
    };
    parser.on("packet", (packet) => {
      this.packets.push(packet);
      notify();
    });
    socket.on("message", (data: Buffer) => parser.parse(data));
    socket.on("error", () => {});
    socket.on("close", () => {
      this.isClosed = true;
      notify();
    });
  }

  /** Opens the WebSocket. */
  static async open(hub: HubClient, device: CheckDevice): Promise<MqttDevice> {
    const socket = new WebSocket(`wss://${hub.host}/$iothub/websocket`, ["mqtt"], {
      agent: hub.target.agent,
      handshakeTimeout: packetMs,
    });
    const client = new MqttDevice(hub, device, socket);
    await new Promise((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
    });
    return client;
  }

  /** Opens a connection and signs in. @throws Error unless the hub accepts the sign-in. */
  static async signIn(hub: HubClient, device: CheckDevice, options: object = {}): Promise<MqttDevice> {
    const client = await MqttDevice.open(hub, device);
    const code = await client.connect(options);
    if (code !== 0) throw new Error(`the sign-in of ${device.id} was refused with code ${code}`);
    return client;
  }

  /** The return code of a sign-in; the connection is closed. */
  static async codeOf(hub: HubClient, device: CheckDevice, options: object = {}): Promise<number | string> {
    await using client = await MqttDevice.open(hub, device);
    return await client.connect(options);
  }

  send(packet: Packet): void {
    this.socket.send(mqtt.generate(packet));
  }

  /**
   * Signs in with a token of the primary key. @param options Members of the CONNECT packet.
   * @returns The return code of CONNACK, or "closed" when the hub closes the connection without one.
   */
  async connect(options: object = {}): Promise<number | string> {
    this.send({
      cmd: "connect",
      protocolId: "MQTT",
      protocolVersion: 4,
      clientId: this.device.id,
      clean: true,
      keepalive: 60,
      username: `${this.hub.host}/${this.device.id}/?api-version=2021-04-12`,
      password: Buffer.from(this.hub.token(this.device)),
      ...options,
    });
    const answer = await this.next((packet) => packet.cmd === "connack");
    return answer === "closed" ? answer : ((answer as { returnCode?: number }).returnCode ?? -1);
  }

  /** Subscribes. @returns The granted quality of service, 128 for a refusal, or "closed". */
  async subscribe(topic: string, qos: 0 | 1 | 2 = 1): Promise<number | string> {
    this.send({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic, qos }] });
    const answer = await this.next((packet) => packet.cmd === "suback");
    if (answer === "closed") return answer;
    return Number((answer as unknown as { granted: number[] }).granted[0]);
  }

  /** Publishes with quality of service 1. @returns "puback" or "closed". */
  async publish(topic: string, payload: string, qos: 0 | 1 | 2 = 1): Promise<string> {
    this.post(topic, payload, qos);
    const answer = await this.next(({ cmd }) => cmd === "puback" || cmd === "pubrec");
    return answer === "closed" ? answer : answer.cmd;
  }

  /** Publishes without waiting for an answer. */
  post(topic: string, payload: string, qos: 0 | 1 | 2 = 0): void {
    this.send({ cmd: "publish", topic, payload, qos, messageId: 7, dup: false, retain: false });
  }

  /** The next message whose topic begins with the prefix, or "closed". */
  async message(prefix: string): Promise<{ topic: string; json: unknown } | "closed"> {
    const packet = await this.next(
      (each) => each.cmd === "publish" && (each as IPublishPacket).topic.startsWith(prefix),
    );
    if (packet === "closed") return packet;
    const { topic, payload } = packet as IPublishPacket;
    const text = payload.toString();
    return { topic, json: text === "" ? null : JSON.parse(text) };
  }

  /** Waits until the hub closes the connection. @returns The milliseconds. */
  async closed(seconds: number): Promise<number> {
    const start = performance.now();
    await this.wait(() => this.isClosed, seconds * 1000, "the hub to close the connection");
    return performance.now() - start;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.terminate();
  }

  /** Removes and returns the first packet that fits. */
  private async next(fits: (packet: Packet) => boolean): Promise<Packet | "closed"> {
    await this.wait(() => this.packets.some(fits) || this.isClosed, packetMs, "a packet of the hub");
    const at = this.packets.findIndex(fits);
    return at < 0 ? "closed" : (this.packets.splice(at, 1)[0] as Packet);
  }

  private wait(isDone: () => boolean, milliseconds: number, what: string): Promise<void> {
    if (isDone()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const end = (error?: Error) => {
        clearTimeout(timer);
        this.listeners.delete(look);
        if (error) reject(error);
        else resolve();
      };
      const look = () => {
        if (isDone()) end();
      };
      const timer = setTimeout(
        () => end(new Error(`waited ${milliseconds / 1000} s for ${what}`)),
        milliseconds,
      );
      this.listeners.add(look);
    });
  }
}
