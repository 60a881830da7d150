import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { createWebSocketStream, WebSocketServer } from "ws";
import type { Connection, ServiceEndpoint } from "../../../proxy/service-endpoint.ts";
import type { Hub, Hubs } from "../hub.ts";
import { acceptAmqp, createAmqpContainer } from "../service/accept-amqp.ts";
import { EventReceivers } from "./event-receivers.ts";
import { EventsConnection } from "./events-connection.ts";
import { writeFullFrames } from "./full-frames.ts";
import type { ReceiverParts } from "./receiver-link.ts";
import { expiredUntil } from "./receiver-link.ts";

/** The path of AMQP over WebSocket. Source: "AMQP 1.0 protocol in Event Hubs"; the clients add no other one. */
const webSocketPath = /^\/(\$|%24)servicebus\/websocket\/?$/i;
const amqpProtocol = "AMQPWSB10";

/** Interval, on the sandbox's clock, between deletions of expired events. */
const deletionIntervalMs = 60_000;

/** Maximum bytes of a frame that a client sends. */
const maxPayloadBytes = 256 * 1024;

type EventsParts = Omit<ReceiverParts, "receivers"> & { signInTimeoutMs: number };

/** The built-in endpoints of all hubs, at their host names: AMQP over TLS on port 5671, and over WebSocket on port 443. */
export class EventsEndpoints {
  readonly endpoint: ServiceEndpoint;
  private readonly hubs: Hubs;
  private readonly parts: ReceiverParts & EventsParts;
  private readonly container = createAmqpContainer("events");
  private readonly webSockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxPayloadBytes,
    handleProtocols: (offered) => (offered.has(amqpProtocol) ? amqpProtocol : false),
  });
  private readonly connections = new Set<EventsConnection>();
  private deletedAt = 0;

  constructor(hubs: Hubs, parts: EventsParts) {
    this.hubs = hubs;
    this.parts = { ...parts, receivers: new EventReceivers() };
    const withHub = ({ host }: Connection, socket: Duplex, use: (hub: Hub) => void): void => {
      const hub = hubs.atEvents(host);
      if (hub) use(hub);
      else socket.destroy();
    };
    this.endpoint = {
      serves: (host) => hubs.atEvents(host) !== undefined,
      request: (_req, res) => refuseRequest(res),
      upgrade: (req, socket, head, connection) =>
        withHub(connection, socket, (hub) => this.upgrade(hub, req, socket, head)),
      raw: { 5671: (socket, connection) => withHub(connection, socket, (hub) => this.serve(hub, socket)) },
    };
  }

  /** Closes the connections to one hub. */
  closeConnections(hubKey: string): void {
    for (const connection of this.connections) if (connection.hub.key === hubKey) connection.drop();
  }

  /** Closes connections with expired tokens, and deletes expired events. Called many times a second. */
  closeDue(): void {
    const now = this.parts.azure.clock.now();
    for (const connection of this.connections) connection.closeIfExpired(now);
    if (Math.abs(now - this.deletedAt) < deletionIntervalMs) return;
    this.deletedAt = now;
    for (const hub of this.hubs.all()) this.parts.events.deleteExpired(hub.key, expiredUntil(hub, now));
  }

  private upgrade(hub: Hub, req: IncomingMessage, socket: Duplex, head: Buffer): void {
    const [pathname] = (req.url ?? "").split("?");
    const offered = (req.headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
    if (!webSocketPath.test(pathname ?? "") || !offered.includes(amqpProtocol)) {
      socket.end("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
      return;
    }
    this.webSockets.handleUpgrade(req, socket, head, (webSocket) => {
      this.serve(hub, createWebSocketStream(webSocket));
    });
  }

  private serve(hub: Hub, stream: Duplex): void {
    acceptAmqp(
      this.container,
      stream,
      this.parts.signInTimeoutMs,
      (connection) => {
        writeFullFrames(connection);
        const served = new EventsConnection(hub, connection, this.parts, () => stream.destroy());
        this.connections.add(served);
        return served;
      },
      (served) => this.connections.delete(served as EventsConnection),
    );
  }
}

/** The endpoint exposes AMQP only: iot-hub/iot-hub-devguide-messages-read-builtin. */
function refuseRequest(res: ServerResponse): void {
  res.writeHead(501, { "content-type": "text/plain; charset=utf-8" });
  res.end("The sandbox does not know Event Hubs over HTTPS. Read the built-in endpoint over AMQP.\n");
}
