import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import mqtt, {
  type IConnectPacket,
  type IPublishPacket,
  type ISubscribePacket,
  type Packet,
} from "mqtt-packet";
import type { FaultEffect } from "../../front/faults.ts";
import { HubError } from "../errors.ts";
import type { Hub } from "../hub.ts";
import type { CloseReason, DeviceConnection } from "./connections.ts";
import { type DeviceRequestParts, DeviceRequests } from "./device-requests.ts";
import { MessageDelivery } from "./message-delivery.ts";
import { admit, type ConnectParts } from "./mqtt-connect.ts";
import type { MqttSessions, Subscriptions } from "./mqtt-sessions.ts";
import { desiredTopic, messageFromBag, methodTopic, parseFilter, parseRequest } from "./topics.ts";

/** The hub waits 1.5 times the client's keep-alive, and never longer than this (29.45 minutes). */
const MAX_IDLE_MS = 1_767_000;
/** How long a connection may wait with its CONNECT. Undocumented. */
const CONNECT_MS = 30_000;

export interface MqttParts extends ConnectParts, DeviceRequestParts {
  sessions: MqttSessions;
  /** What a test has ordered to go wrong; see MqttConnection.fault. */
  fault: (hub: Hub, operation: "PUBLISH" | "DELIVER", topic: string) => FaultEffect | undefined;
}

/**
 * One device's MQTT 3.1.1 connection, over TLS or a WebSocket. IoT Hub is no broker: it has a few topics of its own,
 * knows QoS 0 and 1, and ends the connection on whatever it does not take.
 */
export class MqttConnection implements DeviceConnection {
  readonly hub: Hub;
  deviceId = "";
  generation = "";
  expires = Number.POSITIVE_INFINITY;
  private readonly stream: Duplex;
  private readonly parts: MqttParts;
  private readonly requests: DeviceRequests;
  private delivery: MessageDelivery | undefined;
  private subscriptions: Subscriptions = new Map();
  private connect: IConnectPacket | undefined;
  private idle: NodeJS.Timeout;
  private ended = false;
  /** While a fault withholds the answer. */
  private muted = false;

  constructor(hub: Hub, stream: Duplex, parts: MqttParts) {
    this.hub = hub;
    this.stream = stream;
    this.parts = parts;
    this.requests = new DeviceRequests(parts, this, (topic, payload) => this.answer(topic, payload));
    this.idle = setTimeout(() => stream.destroy(), CONNECT_MS);
    stream.on("error", () => stream.destroy());
  }

  /** Serves the connection until it ends; packets are handled one after another, so a slow one holds the next. */
  async serve(): Promise<void> {
    const packets: Packet[] = [];
    const parser = mqtt.parser({ protocolVersion: 4 });
    parser.on("packet", (packet) => packets.push(packet));
    parser.on("error", () => this.stream.destroy());
    try {
      for await (const chunk of this.stream) {
        this.idle.refresh();
        parser.parse(chunk as Buffer);
        for (let packet = packets.shift(); packet; packet = packets.shift()) {
          if (!this.ended) await this.handle(packet);
        }
      }
    } catch (error) {
      if (error instanceof HubError) this.log(`${error.code}: ${error.message}`);
      else if (!this.stream.destroyed) this.log((error as Error).stack ?? "");
    } finally {
      this.finish();
    }
  }

  messagesAvailable(): void {
    if (this.subscriptions.has("messages")) this.delivery?.run();
  }

  desiredChanged(patch: Record<string, unknown>, version: number): void {
    if (!this.subscriptions.has("desired")) return;
    this.publish(desiredTopic(version), JSON.stringify({ ...patch, $version: version }));
  }

  callMethod(requestId: string, name: string, payload: string): boolean {
    if (!this.subscriptions.has("methods")) return false;
    this.publish(methodTopic(name, requestId), payload);
    return true;
  }

  close(reason: CloseReason): void {
    this.log(reason);
    this.ended = true;
    this.stream.destroy();
  }

  private async handle(packet: Packet): Promise<void> {
    if (packet.cmd === "connect") return this.accept(packet);
    if (!this.connect) return this.end("a packet came before CONNECT");
    switch (packet.cmd) {
      case "publish":
        return this.published(packet);
      case "puback":
        return this.delivery?.acknowledged(packet.messageId as number);
      case "subscribe":
        return this.subscribe(packet);
      case "unsubscribe":
        for (const filter of packet.unsubscriptions) {
          const subscription = parseFilter(filter, this.deviceId);
          if (subscription) this.subscriptions.delete(subscription);
        }
        this.keepSession();
        return this.send({ cmd: "unsuback", messageId: packet.messageId as number, granted: [] });
      case "pingreq":
        return this.send({ cmd: "pingresp" });
      case "disconnect":
        this.connect.will = undefined;
        this.ended = true;
        this.stream.end();
        return;
      default:
        return this.end(`${packet.cmd} is not for a server`);
    }
  }

  private async accept(packet: IConnectPacket): Promise<void> {
    if (this.connect) return this.end("a second CONNECT");
    const admission = await admit(this.parts, this.hub, packet);
    if (typeof admission === "number") {
      this.send({ cmd: "connack", returnCode: admission, sessionPresent: false });
      this.ended = true;
      this.stream.end();
      return;
    }
    this.connect = packet;
    this.deviceId = admission.device.id;
    this.generation = admission.device.generation;
    this.expires = admission.expires;
    const idle = packet.keepalive ? Math.min(packet.keepalive * 1500, MAX_IDLE_MS) : MAX_IDLE_MS;
    clearTimeout(this.idle);
    this.idle = setTimeout(() => this.end("nothing came within the keep-alive"), idle);
    const { sessions, connections, twins } = this.parts;
    const session = packet.clean ? undefined : sessions.load(this.hub.key, this.deviceId);
    if (packet.clean) sessions.delete(this.hub.key, this.deviceId);
    this.subscriptions = session ?? new Map();
    this.delivery = new MessageDelivery(this.parts.queue, this.hub.key, this.deviceId, {
      qos: () => this.subscriptions.get("messages") ?? 0,
      send: (topic, body, qos, messageId) => this.deliver(topic, body, qos, messageId),
    });
    if (admission.modelId) twins.setModel(this.hub, this.deviceId, admission.modelId);
    connections.open(this);
    this.send({ cmd: "connack", returnCode: 0, sessionPresent: session !== undefined });
    this.keepSession();
    this.subscribed();
  }

  private async published(packet: IPublishPacket): Promise<void> {
    if (packet.qos === 2) return this.end("the hub has no QoS 2");
    const request = parseRequest(packet.topic, this.deviceId);
    if (!request) return this.end(`the hub has no topic ${packet.topic}`);
    const fault = this.parts.fault(this.hub, "PUBLISH", packet.topic);
    if (fault?.delayMs) await sleep(fault.delayMs);
    if (fault?.drop === "before" || fault?.answer)
      return this.close("ConnectionForcefullyClosedOnFaultInjection");
    if (fault?.drop === "after") this.muted = true;
    await this.requests.handle(request, packet);
    if (fault?.drop === "after") return this.close("ConnectionForcefullyClosedOnFaultInjection");
    if (packet.qos === 1) this.send({ cmd: "puback", messageId: packet.messageId as number });
  }

  private answer(topic: string, payload: string): void {
    if (this.subscriptions.has("twinAnswers") && !this.muted) this.publish(topic, payload);
  }

  private subscribe(packet: ISubscribePacket): void {
    const granted = packet.subscriptions.map(({ topic, qos }) => {
      const subscription = parseFilter(topic, this.deviceId);
      if (!subscription) {
        this.log(`the hub has no topic filter ${topic}`);
        return 128;
      }
      // QoS 2 is granted as 1.
      const level = qos === 0 ? 0 : 1;
      this.subscriptions.set(subscription, level);
      return level;
    });
    this.keepSession();
    this.send({ cmd: "suback", messageId: packet.messageId as number, granted });
    this.subscribed();
  }

  /** Starts what subscriptions, new or of an older session, make possible. */
  private subscribed(): void {
    if (this.subscriptions.has("methods")) {
      this.parts.connections.emit("methodsReady", this.hub.key, this.deviceId);
    }
    this.messagesAvailable();
  }

  private keepSession(): void {
    if (!this.connect?.clean) this.parts.sessions.save(this.hub.key, this.deviceId, this.subscriptions);
  }

  private deliver(topic: string, body: Buffer, qos: 0 | 1, messageId: number | undefined): void {
    const fault = this.parts.fault(this.hub, "DELIVER", topic);
    const lost = fault?.drop === "before" || fault?.answer;
    if (lost) this.close("ConnectionForcefullyClosedOnFaultInjection");
    else this.publish(topic, body, qos, messageId);
    if (fault?.drop === "after") this.stream.end();
  }

  /** Twin answers, notifications and method calls go at QoS 0: undocumented, and the worse case. */
  private publish(topic: string, payload: string | Buffer, qos: 0 | 1 = 0, messageId?: number): void {
    this.send({ cmd: "publish", topic, payload, qos, messageId, dup: false, retain: false });
  }

  private send(packet: Packet): void {
    if (this.stream.writable) this.stream.write(mqtt.generate(packet));
  }

  private end(why: string): void {
    this.log(why);
    this.ended = true;
    this.stream.destroy();
  }

  private finish(): void {
    this.ended = true;
    clearTimeout(this.idle);
    this.stream.destroy();
    this.delivery?.stop();
    if (!this.connect) return;
    this.parts.connections.closed(this);
    const { will } = this.connect;
    if (!will) return;
    const request = parseRequest(will.topic, this.deviceId);
    if (request?.kind !== "telemetry") return;
    const message = messageFromBag(request.properties, Buffer.from(will.payload));
    message.properties["iothub-MessageType"] = "Will";
    this.parts.telemetry.accept(this.hub, this.deviceId, message);
  }

  private log(text: string): void {
    this.parts.cloud.log(`${this.hub.host}: MQTT ${this.deviceId || "(not signed in)"}: ${text}`);
  }
}
