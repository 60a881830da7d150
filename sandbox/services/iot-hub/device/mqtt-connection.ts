import type { Duplex } from "node:stream";
import type { IConnectPacket, IPublishPacket, ISubscribePacket, Packet } from "mqtt-packet";
import { delayRequest, type FaultEffect } from "../../../proxy/faults.ts";
import { HubError } from "../errors.ts";
import type { Hub } from "../hub.ts";
import type { CloseReason } from "./close-reason.ts";
import type { DeviceConnection } from "./connections.ts";
import { type DeviceRequestParts, DeviceRequests } from "./device-requests.ts";
import { MessageDelivery } from "./message-delivery.ts";
import { MqttChannel } from "./mqtt-channel.ts";
import { admit, type ConnectParts } from "./mqtt-connect.ts";
import type { MqttSessions, Subscriptions } from "./mqtt-sessions.ts";
import { desiredTopic, methodTopic, parseFilter, parseRequest, type Subscription } from "./topics.ts";

/** The hub waits 1.5 times the client's keep-alive, and at most this long (29.45 minutes). */
const maxIdleMs = 1_767_000;
/** Errors of a stream that the peer or this side has closed. */
const closedStreamErrors = new Set(["ERR_STREAM_PREMATURE_CLOSE", "ECONNRESET", "EPIPE"]);
const injectedFault = "ConnectionForcefullyClosedOnFaultInjection";

export interface MqttParts extends ConnectParts, DeviceRequestParts {
  sessions: MqttSessions;
  /** Milliseconds after which a connection without a CONNECT is closed. */
  signInTimeoutMs: number;
  /** The fault that a test has ordered for a message from or to a device. */
  fault: (hub: Hub, operation: "PUBLISH" | "DELIVER", topic: string) => FaultEffect | undefined;
}

/**
 * One device's MQTT 3.1.1 connection, over TLS or a WebSocket. IoT Hub is not a broker: it has a few fixed topics, knows
 * QoS 0 and 1, and closes the connection for anything else.
 */
export class MqttConnection implements DeviceConnection {
  readonly hub: Hub;
  deviceId = "";
  generation = "";
  expires = Number.POSITIVE_INFINITY;
  authScope: "device" | "hub" = "device";
  private readonly channel: MqttChannel;
  private readonly parts: MqttParts;
  private readonly requests: DeviceRequests;
  private delivery: MessageDelivery | undefined;
  private subscriptions: Subscriptions = new Map();
  private connect: IConnectPacket | undefined;
  private ended = false;
  /** Whether a fault suppresses the answers to a request. */
  private answersSuppressed = false;

  constructor(hub: Hub, stream: Duplex, parts: MqttParts) {
    this.hub = hub;
    this.channel = new MqttChannel(stream, parts.signInTimeoutMs);
    this.parts = parts;
    this.requests = new DeviceRequests(parts, this, (topic, payload) => this.answer(topic, payload));
  }

  /** Serves the connection until it ends. Packets are handled one after another, so a slow one delays the next. */
  async serve(): Promise<void> {
    try {
      for await (const packet of this.channel.packets()) {
        if (!this.ended) await this.handle(packet);
      }
    } catch (error) {
      const { code, stack } = error as NodeJS.ErrnoException;
      if (error instanceof HubError) this.log(`${error.code}: ${error.message}`);
      else if (!closedStreamErrors.has(code ?? "")) this.log(stack ?? String(error));
    } finally {
      this.finish();
    }
  }

  sendMessages(): void {
    if (this.subscriptions.has("messages")) this.delivery?.run();
  }

  sendDesired(patch: Record<string, unknown>, version: number): void {
    if (!this.subscriptions.has("desired")) return;
    this.deliver(desiredTopic(version), JSON.stringify({ ...patch, $version: version }), 0);
  }

  callMethod(requestId: string, name: string, payload: string): boolean {
    if (!this.subscriptions.has("methods")) return false;
    this.deliver(methodTopic(name, requestId), payload, 0);
    return true;
  }

  close(reason: CloseReason): void {
    this.log(reason);
    this.finish();
  }

  private async handle(packet: Packet): Promise<void> {
    if (packet.cmd === "connect") return this.signIn(packet);
    if (!this.connect) return this.refuse("the first packet is not CONNECT");
    switch (packet.cmd) {
      case "publish":
        return this.handlePublish(packet);
      case "puback":
        return this.delivery?.acknowledge(packet.messageId as number);
      case "subscribe":
        return this.subscribe(packet);
      case "unsubscribe":
        for (const filter of packet.unsubscriptions) {
          this.subscriptions.delete(parseFilter(filter, this.deviceId) as Subscription);
        }
        this.saveSession();
        return this.channel.send({ cmd: "unsuback", messageId: packet.messageId as number, granted: [] });
      case "pingreq":
        return this.channel.send({ cmd: "pingresp" });
      case "disconnect":
        this.connect.will = undefined;
        return this.finish("when sent");
      default:
        return this.refuse(`a client must not send ${packet.cmd}`);
    }
  }

  private async signIn(packet: IConnectPacket): Promise<void> {
    if (this.connect) return this.refuse("a second CONNECT");
    const admission = await admit(this.parts, this.hub, packet);
    if (typeof admission === "number") {
      this.channel.send({ cmd: "connack", returnCode: admission, sessionPresent: false });
      return this.finish("when sent");
    }
    this.connect = packet;
    this.deviceId = admission.device.id;
    this.generation = admission.device.generation;
    this.expires = admission.expires;
    this.authScope = admission.authScope;
    this.channel.signedIn(packet.keepalive ? Math.min(packet.keepalive * 1500, maxIdleMs) : maxIdleMs);
    const { azure, sessions, connections, twins, queue } = this.parts;
    const session = packet.clean ? undefined : sessions.load(this.hub.key, this.deviceId);
    this.subscriptions = session ?? new Map();
    this.delivery = new MessageDelivery(queue, this.hub.key, this.deviceId, {
      qos: () => this.subscriptions.get("messages") ?? 0,
      send: (topic, body, qos, messageId) => this.deliver(topic, body, qos, messageId),
    });
    // One transaction, because the commit of a change takes longer than the change.
    azure.store.transaction(() => {
      if (packet.clean) sessions.delete(this.hub.key, this.deviceId);
      if (admission.modelId) twins.setModel(this.hub, this.deviceId, admission.modelId);
      connections.open(this);
      this.saveSession();
    });
    this.channel.send({ cmd: "connack", returnCode: 0, sessionPresent: session !== undefined });
    this.startSubscriptions();
  }

  private async handlePublish(packet: IPublishPacket): Promise<void> {
    if (packet.qos === 2) return this.refuse("the hub does not support QoS 2");
    const request = parseRequest(packet.topic, this.deviceId);
    if (!request) return this.refuse(`the hub has no topic ${packet.topic}`);
    const fault = this.parts.fault(this.hub, "PUBLISH", packet.topic);
    if (fault) await delayRequest(fault);
    if (fault?.drop === "before" || fault?.answer) return this.close(injectedFault);
    this.answersSuppressed = fault?.drop === "after";
    // The SDK for Java loses an answer about a twin that arrives before the acknowledgement of its request.
    const isTwin = request.kind === "getTwin" || request.kind === "reportProperties";
    const acknowledge = () => {
      if (packet.qos === 1 && !this.answersSuppressed)
        this.channel.send({ cmd: "puback", messageId: packet.messageId as number });
    };
    if (isTwin) acknowledge();
    await this.requests.handle(request, packet);
    if (this.answersSuppressed) this.close(injectedFault);
    else if (!isTwin) acknowledge();
  }

  /** Sends twin answers at QoS 0, like notifications and method calls: undocumented, and the worse case. */
  private answer(topic: string, payload: string): void {
    if (!this.subscriptions.has("twinAnswers") || this.answersSuppressed) return;
    this.channel.publish(topic, payload, 0);
  }

  private deliver(topic: string, payload: string | Buffer, qos: 0 | 1, messageId?: number): void {
    const fault = this.parts.fault(this.hub, "DELIVER", topic);
    if (fault?.drop === "before" || fault?.answer) this.close(injectedFault);
    else this.channel.publish(topic, payload, qos, messageId);
    if (fault?.drop === "after") this.finish("when sent");
  }

  private subscribe(packet: ISubscribePacket): void {
    const granted = packet.subscriptions.map(({ topic, qos }) => {
      const subscription = parseFilter(topic, this.deviceId);
      if (!subscription) {
        this.log(`the hub has no topic filter ${topic}`);
        return 128;
      }
      // The hub grants QoS 1 for QoS 2.
      const level = qos === 0 ? 0 : 1;
      this.subscriptions.set(subscription, level);
      return level;
    });
    this.saveSession();
    this.channel.send({ cmd: "suback", messageId: packet.messageId as number, granted });
    this.startSubscriptions();
  }

  /** Starts deliveries for the subscriptions, new ones and those of an older session. */
  private startSubscriptions(): void {
    if (this.subscriptions.has("methods")) {
      this.parts.connections.emit("methodsReady", this.hub.key, this.deviceId);
    }
    this.sendMessages();
  }

  private saveSession(): void {
    if (!this.connect?.clean) this.parts.sessions.save(this.hub.key, this.deviceId, this.subscriptions);
  }

  /** Closes the connection because of a packet that the hub does not accept. */
  private refuse(reason: string): void {
    this.log(reason);
    this.finish();
  }

  /**
   * Ends the connection. Afterwards it writes nothing to the store, even if the peer keeps the stream open.
   * @param stream Whether the stream is destroyed at once or closed after all packets are written.
   */
  private finish(stream: "at once" | "when sent" = "at once"): void {
    if (stream === "at once") this.channel.destroy();
    else this.channel.end();
    const { connect } = this;
    this.connect = undefined;
    this.ended = true;
    this.delivery?.stop();
    this.delivery = undefined;
    if (!connect) return;
    this.parts.connections.remove(this);
    if (connect.will) this.requests.acceptWill(connect.will.topic, Buffer.from(connect.will.payload));
  }

  private log(text: string): void {
    this.parts.azure.log(`${this.hub.host}: MQTT ${this.deviceId || "(not signed in)"}: ${text}`);
  }
}
