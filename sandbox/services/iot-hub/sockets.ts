import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { createWebSocketStream, WebSocketServer } from "ws";
import { maxPacketBytes } from "./device/mqtt-channel.ts";
import { MqttConnection, type MqttParts } from "./device/mqtt-connection.ts";
import type { Hub } from "./hub.ts";
import { acceptAmqp, createAmqpContainer } from "./service/accept-amqp.ts";
import { AmqpConnection, type AmqpParts } from "./service/amqp.ts";

/** The path of both WebSocket protocols. The MQTT SDKs add ?iothub-no-client-cert=true. */
const webSocketPath = /^\/(\$|%24)iothub\/websocket$/i;
const mqttProtocol = "mqtt";
const amqpProtocol = "AMQPWSB10";

/** Serves connections of MQTT and AMQP, each over TLS or in a WebSocket. */
export class HubSockets {
  private readonly parts: MqttParts & AmqpParts;
  private readonly container = createAmqpContainer("iot-hub");
  private readonly webSockets = new WebSocketServer({
    noServer: true,
    // Clients send each MQTT packet or AMQP frame as one message.
    maxPayload: maxPacketBytes + 5,
    handleProtocols: (offered) =>
      [amqpProtocol, mqttProtocol].find((protocol) => offered.has(protocol)) ?? false,
  });
  /** The connections of the service side. */
  private readonly serviceConnections = new Set<AmqpConnection>();

  constructor(parts: MqttParts & AmqpParts) {
    this.parts = parts;
  }

  upgrade(hub: Hub, req: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Not parsed as a URL, because a client can send anything here.
    const [pathname] = (req.url ?? "").split("?");
    const offered = (req.headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
    if (
      !webSocketPath.test(pathname ?? "") ||
      !offered.some((name) => name === mqttProtocol || name === amqpProtocol)
    ) {
      this.parts.azure.log(
        `${hub.host}: refused a WebSocket at ${pathname} with the protocols ${offered.join(", ") || "(none)"}`,
      );
      socket.end("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
      return;
    }
    this.webSockets.handleUpgrade(req, socket, head, (webSocket) => {
      // Eclipse Paho for Java ends with a close code that RFC 6455 does not allow (12592). To the hub it is an end.
      webSocket.on("error", ({ code }: NodeJS.ErrnoException) => {
        if (!code?.startsWith("WS_ERR_")) return;
        stream.push(null);
        stream.destroy();
      });
      const stream = createWebSocketStream(webSocket);
      if (webSocket.protocol === mqttProtocol) this.serveMqtt(hub, stream);
      else this.serveAmqp(hub, stream);
    });
  }

  serveMqtt(hub: Hub, stream: Duplex): void {
    new MqttConnection(hub, stream, this.parts).serve().catch((error: Error) => {
      this.parts.azure.log(`${hub.host}: ${error.stack}`);
      stream.destroy();
    });
  }

  serveAmqp(hub: Hub, stream: Duplex): void {
    acceptAmqp(
      this.container,
      stream,
      this.parts.signInTimeoutMs,
      (connection) => {
        const served = new AmqpConnection(hub, connection, this.parts, () => stream.destroy());
        this.serviceConnections.add(served);
        return served;
      },
      (served) => this.serviceConnections.delete(served as AmqpConnection),
    );
  }

  /** Closes the service side's connections to one hub. */
  closeServiceConnections(hubKey: string): void {
    for (const connection of this.serviceConnections) if (connection.hub.key === hubKey) connection.drop();
  }

  /** Closes connections with an expired token. Called many times a second. */
  closeDue(): void {
    const now = this.parts.azure.clock.now();
    for (const connection of this.serviceConnections) connection.closeIfExpired(now);
  }
}
