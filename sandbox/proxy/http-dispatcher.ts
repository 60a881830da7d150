import { createServer, type IncomingMessage, type Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { type FaultEffect, type Faults, lostResponse, sendAnswer } from "./faults.ts";
import { endpointOf } from "./hosts.ts";
import type { Connection, ServiceEndpoint } from "./service-endpoint.ts";

/** Azure's front ends keep an idle connection for minutes; Node's five seconds would break pooling clients. */
const keepAliveMs = 120_000;

/** What a client gets when an endpoint fails at its upgrade. */
const failedResponse = "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/** Speaks HTTP/1.1 on connections that are already accepted, and hands each request to its endpoint. */
export class HttpDispatcher {
  private readonly endpoints: ServiceEndpoint[];
  private readonly faults: Faults;
  private readonly log: (line: string) => void;
  private readonly connections = new WeakMap<Duplex, Connection>();
  /** Never listens: connections are given to it. */
  private readonly server: Server;

  constructor(endpoints: ServiceEndpoint[], faults: Faults, log: (line: string) => void) {
    this.endpoints = endpoints;
    this.faults = faults;
    this.log = log;
    this.server = createServer({
      keepAliveTimeout: keepAliveMs,
      // A endpoint that knows no upgrade answers the request as if none were asked for, as HTTP wants it.
      shouldUpgradeCallback: (req) => this.endpoint(req)?.upgrade !== undefined,
    });
    this.server.on("request", (req, res) => this.request(req, res, this.connections.get(req.socket)));
    this.server.on("upgrade", (req, socket, head) => {
      const connection = this.connections.get(socket);
      this.upgrade(req, socket as Socket, head, connection).catch((error) => {
        this.report(req, connection, error);
        socket.end(failedResponse);
      });
    });
  }

  /** Takes over a connection on which requests will come. */
  accept(socket: Socket, connection: Connection): void {
    this.connections.set(socket, connection);
    this.server.emit("connection", socket);
  }

  /** One request; also those that come to the proxy itself as plain HTTP. A endpoint that fails is a 500. */
  request(req: IncomingMessage, res: ServerResponse, connection: Connection | undefined): void {
    this.serve(req, res, connection).catch((error) => {
      this.report(req, connection, error);
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
    const effect = this.faults.pick(connection.host, req);
    if (effect?.delayMs) await sleep(effect.delayMs);
    if (effect?.drop === "before") return void req.socket.destroy();
    if (effect?.answer) return sendAnswer(req, res, effect.answer);
    const endpoint = endpointOf(this.endpoints, connection.host);
    // The resource was deleted while the connection stayed: in Azure its host name is gone.
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
    const effect: FaultEffect = this.faults.pick(connection.host, req) ?? {};
    if (effect.delayMs) await sleep(effect.delayMs);
    if (effect.drop) return void socket.destroy();
    if (effect.answer) return refuseUpgrade(req, socket, effect.answer);
    const endpoint = endpointOf(this.endpoints, connection.host);
    if (!endpoint?.upgrade || socket.destroyed) return void socket.destroy();
    await endpoint.upgrade(req, socket, head, connection);
  }

  private report(req: IncomingMessage, connection: Connection | undefined, error: unknown): void {
    // The query stays out of the log: it may hold a signature.
    const what = `${req.method} ${req.url?.split("?")[0]}`;
    const why = error instanceof Error ? error.stack : error;
    this.log(`${connection?.host}: ${what} failed: ${why}`);
  }

  private endpoint(req: IncomingMessage): ServiceEndpoint | undefined {
    const connection = this.connections.get(req.socket);
    return connection && endpointOf(this.endpoints, connection.host);
  }
}

function refuseUpgrade(
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
