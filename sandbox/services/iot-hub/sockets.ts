import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import rhea from "rhea";
import { createWebSocketStream, WebSocketServer } from "ws";
import { lingerMs, packetBytes } from "./device/mqtt-channel.ts";
import { MqttConnection, type MqttParts } from "./device/mqtt-connection.ts";
import type { Hub } from "./hub.ts";
import { AmqpConnection, type AmqpParts } from "./service/amqp.ts";
import { boundAmqp, frameBytes } from "./service/amqp-bounds.ts";

/** The path of both WebSocket protocols; the MQTT SDKs add ?iothub-no-client-cert=true. */
const webSocketPath = /^\/(\$|%24)iothub\/websocket$/i;
const mqttProtocol = "mqtt";
const amqpProtocol = "AMQPWSB10";

/** After this long without a frame a connection is dead. IoT Hub's own is four minutes. */
const idleMs = 240_000;

/** Takes connections that are not plain HTTP: MQTT and AMQP, each by itself or inside a WebSocket. */
export class HubSockets {
  private readonly mqtt: MqttParts;
  private readonly amqp: AmqpParts;
  private readonly container = rhea.create_container({ id: "iot-hub" });
  private readonly webSockets = new WebSocketServer({
    noServer: true,
    // Clients send a packet, or an AMQP frame, as one message.
    maxPayload: packetBytes + 5,
    handleProtocols: (offered) =>
      [amqpProtocol, mqttProtocol].find((protocol) => offered.has(protocol)) ?? false,
  });
  private readonly serving = new Set<AmqpConnection>();

  constructor(mqtt: MqttParts, amqp: AmqpParts) {
    this.mqtt = mqtt;
    this.amqp = amqp;
    // Callers sign in with a token once they are connected, so the connection itself asks for nothing. uAMQP, which
    // the C and Python SDKs stand on, knows that by the service bus's own name only.
    const mechanisms = this.container.sasl_server_mechanisms as unknown as Record<string, unknown>;
    this.container.sasl_server_mechanisms.enable_anonymous();
    mechanisms.MSSBCBS = mechanisms.ANONYMOUS;
  }

  upgrade(hub: Hub, req: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Not by the URL parser: what a client sends as its target need not be a URL.
    const [pathname] = (req.url ?? "").split("?");
    const offered = (req.headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
    if (
      !webSocketPath.test(pathname ?? "") ||
      !offered.some((name) => name === mqttProtocol || name === amqpProtocol)
    ) {
      this.amqp.azure.log(
        `${hub.host}: the sandbox does not know the WebSocket ${pathname} (${offered.join(", ")})`,
      );
      socket.end("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
      return;
    }
    this.webSockets.handleUpgrade(req, socket, head, (webSocket) => {
      const stream = createWebSocketStream(webSocket);
      if (webSocket.protocol === mqttProtocol) this.serveMqtt(hub, stream);
      else this.serveAmqp(hub, stream);
    });
  }

  serveMqtt(hub: Hub, stream: Duplex): void {
    new MqttConnection(hub, stream, this.mqtt).serve().catch((error: Error) => {
      this.amqp.azure.log(`${hub.host}: ${error.stack}`);
      stream.destroy();
    });
  }

  serveAmqp(hub: Hub, stream: Duplex): void {
    const connection = this.container.create_connection({
      idle_time_out: idleMs,
      max_frame_size: frameBytes,
      receiver_options: { autoaccept: false },
    } as rhea.ConnectionOptions);
    const served = new AmqpConnection(hub, connection, this.amqp, () => stream.destroy());
    this.serving.add(served);
    const signIn = setTimeout(() => served.signedIn || stream.destroy(), this.amqp.signInMs);
    stream.on("error", () => stream.destroy());
    // A peer may keep its side open when this one has ended.
    stream.on("finish", () => setTimeout(() => stream.destroy(), lingerMs).unref());
    boundAmqp(stream, connection);
    // Left out of rhea's typings: taking over a stream that somebody else accepted, and hearing of its end.
    const inner = connection as unknown as { accept(stream: Duplex): void; eof(): void };
    stream.on("close", () => {
      clearTimeout(signIn);
      this.serving.delete(served);
      // A stream that was cut has no "end", and rhea would keep its timers.
      if (!stream.readableEnded) inner.eof();
      served.closed();
    });
    inner.accept(stream);
  }

  /** Ends the service side's connections to one hub. */
  endAll(hubKey: string): void {
    for (const connection of this.serving) if (connection.hub.key === hubKey) connection.drop();
  }

  /** Looks at what is due. Called from time to time. */
  sweep(): void {
    for (const connection of this.serving) connection.sweep(this.amqp.azure.clock.now());
  }
}
