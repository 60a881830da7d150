import { createServer, type IncomingMessage, type Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { delayRequest, type FaultEffect, type Faults, lostResponse, sendAnswer } from "./faults.ts";
import { endpointOf } from "./hosts.ts";
import { readTarget } from "./request-target.ts";
import type { Connection, ServiceEndpoint } from "./service-endpoint.ts";

/** Azure keeps an idle connection for minutes. Node's default of five seconds would break clients that pool connections. */
const keepAliveMs = 120_000;

/** The response when an endpoint fails during an upgrade. */
const failedResponse = "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/** Serves HTTP/1.1 on accepted connections, and passes each request to its endpoint. */
export class HttpDispatcher {
  private readonly endpoints: ServiceEndpoint[];
  private readonly faults: Faults;
  private readonly log: (line: string) => void;
  private readonly connections = new WeakMap<Duplex, Connection>();
  /** Does not listen: accept() passes connections to it. */
  private readonly server: Server;

  constructor(endpoints: ServiceEndpoint[], faults: Faults, log: (line: string) => void) {
    this.endpoints = endpoints;
    this.faults = faults;
    this.log = log;
    this.server = createServer({
      keepAliveTimeout: keepAliveMs,
      // HTTP requires that an endpoint without upgrades handles the request as one without an Upgrade header.
      shouldUpgradeCallback: (req) => this.findEndpoint(req)?.upgrade !== undefined,
    });
    this.server.on("request", (req, res) => this.request(req, res, this.connections.get(req.socket)));
    this.server.on("upgrade", (req, socket, head) => {
      const connection = this.connections.get(socket);
      this.upgrade(req, socket as Socket, head, connection).catch((error) => {
        this.logFailure(req, connection, error);
        socket.end(failedResponse);
      });
    });
  }

  /** Starts to serve requests on a connection. */
  accept(socket: Socket, connection: Connection): void {
    this.connections.set(socket, connection);
    this.server.emit("connection", socket);
  }

  /** Handles one request, also one that reached the proxy as plain HTTP. Responds with 500 when the endpoint fails. */
  request(req: IncomingMessage, res: ServerResponse, connection: Connection | undefined): void {
    this.serve(req, res, connection).catch((error) => {
      this.logFailure(req, connection, error);
      if (res.headersSent || res.destroyed) return void req.socket.destroy();
      res.writeHead(500, { connection: "close" }).end();
    });
  }

  private async serve(
    req: IncomingMessage,
    res: ServerResponse,
    connection: Connection | undefined,
  ): Promise<void> {
    if (!connection) return void req.socket.destroy();
    if (!readTarget(req, connection.host)) return void misdirected(req, res);
    const effect = this.faults.pick(connection.host, req);
    if (effect) await delayRequest(effect);
    if (effect?.drop === "before") return void req.socket.destroy();
    if (effect?.answer) return sendAnswer(req, res, effect.answer);
    const endpoint = endpointOf(this.endpoints, connection.host);
    // The resource was deleted while the connection was open. In Azure its host name no longer exists.
    if (!endpoint || req.socket.destroyed) return void req.socket.destroy();
    await endpoint.request(req, effect?.drop === "after" ? lostResponse(req) : res, connection);
  }

  private async upgrade(
    req: IncomingMessage,
    socket: Socket,
    head: Buffer,
    connection: Connection | undefined,
  ): Promise<void> {
    socket.on("error", () => socket.destroy());
    if (!connection) return void socket.destroy();
    if (!readTarget(req, connection.host)) return rejectUpgrade(req, socket, { status: 421 });
    const effect: FaultEffect = this.faults.pick(connection.host, req) ?? {};
    await delayRequest(effect);
    if (effect.drop) return void socket.destroy();
    if (effect.answer) return rejectUpgrade(req, socket, effect.answer);
    const endpoint = endpointOf(this.endpoints, connection.host);
    if (!endpoint?.upgrade || socket.destroyed) return void socket.destroy();
    await endpoint.upgrade(req, socket, head, connection);
  }

  private logFailure(req: IncomingMessage, connection: Connection | undefined, error: unknown): void {
    // The query is not logged, because it may contain a signature.
    const call = `${req.method} ${req.url?.split("?")[0]}`;
    const reason = error instanceof Error ? error.stack : error;
    this.log(`${connection?.host}: ${call} failed: ${reason}`);
  }

  private findEndpoint(req: IncomingMessage): ServiceEndpoint | undefined {
    const connection = this.connections.get(req.socket);
    return connection && endpointOf(this.endpoints, connection.host);
  }
}

/** Answers a request for another host than that of its connection. */
function misdirected(req: IncomingMessage, res: ServerResponse): void {
  sendAnswer(req, res, { status: 421, headers: { connection: "close" } });
}

function rejectUpgrade(
  req: IncomingMessage,
  socket: Socket,
  answer: NonNullable<FaultEffect["answer"]>,
): void {
  const res = new ServerResponse(req);
  res.assignSocket(socket);
  res.shouldKeepAlive = false;
  res.on("finish", () => socket.end());
  sendAnswer(req, res, answer);
}
