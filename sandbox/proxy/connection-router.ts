import type { IncomingMessage, ServerResponse } from "node:http";
import type { Server, Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { getExtensionData, readTlsClientHello } from "read-tls-client-hello";
import type { CertificateAuthority } from "./certificate-authority.ts";
import { Faults } from "./faults.ts";
import { endpointOf, normalizeHost, refusal } from "./hosts.ts";
import { HttpDispatcher } from "./http-dispatcher.ts";
import type { Connection, ServiceEndpoint } from "./service-endpoint.ts";
import { TlsHosts } from "./tls-hosts.ts";

/** The port in Azure that a direct listener stands for. */
export type AzurePort = 443 | 5671 | 8883;

/** Every way a connection comes in, until it is handed to an endpoint. */
export class ConnectionRouter {
  readonly faults = new Faults();
  private readonly endpoints: ServiceEndpoint[];
  private readonly http: HttpDispatcher;
  private readonly tls: TlsHosts;
  private readonly log: (line: string) => void;
  private readonly servers: Server[] = [];
  private readonly sockets = new Set<Socket>();

  constructor(ca: CertificateAuthority, endpoints: ServiceEndpoint[], log: (line: string) => void) {
    this.endpoints = endpoints;
    this.log = log;
    this.http = new HttpDispatcher(endpoints, this.faults, log);
    this.tls = new TlsHosts(ca, (inside, connection) => this.secured(inside, connection), log);
  }

  /** Remembers a server and its connections, to be ended by close(). */
  track<T extends Server>(server: T): T {
    this.servers.push(server);
    server.on("connection", (socket: Socket) => {
      this.sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => this.sockets.delete(socket));
    });
    return server;
  }

  async close(): Promise<void> {
    const closed = this.servers.map((server) => new Promise((resolve) => server.close(resolve)));
    for (const socket of this.sockets) socket.destroy();
    await Promise.all(closed);
  }

  /** A proxy client's CONNECT host:port. */
  connect(authority: string, socket: Socket): void {
    const separator = authority.lastIndexOf(":");
    const host = normalizeHost(authority.slice(0, separator));
    const port = Number(authority.slice(separator + 1));
    const endpoint = endpointOf(this.endpoints, host);
    if (!endpoint) {
      const { status, reason } = refusal(host);
      refuse(socket, status, reason);
      return;
    }
    if (!answersOn(endpoint, port)) {
      refuse(socket, 502, `${host} does not answer on port ${port}.`);
      return;
    }
    socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
    if (port === 80) this.http.accept(socket, { host, port, tls: undefined });
    else this.secure(socket, host, port, endpoint);
  }

  /** A connection without a proxy: its first bytes name the host. */
  async direct(socket: Socket, kind: AzurePort): Promise<void> {
    const hello = await readTlsClientHello(socket).catch(() => undefined);
    const name = hello && getExtensionData(hello, "server_name")?.serverName;
    const host = normalizeHost(name ?? "");
    const endpoint = endpointOf(this.endpoints, host);
    if (!endpoint || !answersOn(endpoint, kind)) {
      this.log(`Refused a connection on port ${kind} for ${host || "a client that names no host (no SNI)"}.`);
      return void socket.end(unrecognizedName);
    }
    this.secure(socket, host, kind, endpoint);
  }

  /** A plain HTTP request, as a proxy gets it: GET http://host/path. */
  plain(req: IncomingMessage, res: ServerResponse): void {
    const url = URL.parse(req.url ?? "");
    if (url?.protocol !== "http:") {
      answer(res, 400, "This is a proxy: set HTTPS_PROXY to it rather than calling it.");
      return;
    }
    const host = normalizeHost(url.hostname);
    const port = Number(url.port || 80);
    const endpoint = endpointOf(this.endpoints, host);
    if (!endpoint) {
      const { status, reason } = refusal(host);
      answer(res, status, reason);
      return;
    }
    if (port !== 80 || !endpoint.plainHttp) {
      answer(res, 502, `${host} does not answer on port ${port}.`);
      return;
    }
    delete req.headers["proxy-connection"];
    delete req.headers["proxy-authorization"];
    req.url = req.url?.replace(/^http:\/\/[^/?#]*\/?/i, "/");
    this.http.request(req, res, { host, port, tls: undefined });
  }

  private secure(socket: Socket, host: string, port: number, endpoint: ServiceEndpoint): void {
    // The proxy's HTTP server leaves connections half open, which inside a tunnel would keep dead ones alive.
    socket.allowHalfOpen = false;
    const accepted = this.tls.accept(socket, host, port, endpoint.lowestTls?.(host) ?? "TLSv1.2");
    accepted.catch((error: Error) => {
      this.log(`${host}: ${error.stack}`);
      socket.destroy();
    });
  }

  private secured(inside: TLSSocket, connection: Connection): void {
    if (connection.port === 443) {
      this.http.accept(inside, connection);
      return;
    }
    const raw = endpointOf(this.endpoints, connection.host)?.raw?.[connection.port];
    if (!raw) return void inside.destroy();
    try {
      raw(inside, connection);
    } catch (error) {
      this.log(`${connection.host}: ${(error as Error).stack}`);
      inside.destroy();
    }
  }
}

/** The TLS alert of a server that does not have the name that was asked for (RFC 6066): fatal, 112. */
const unrecognizedName = Buffer.from([21, 3, 1, 0, 2, 2, 112]);

function answersOn(endpoint: ServiceEndpoint, port: number): boolean {
  if (port === 443) return true;
  if (port === 80) return endpoint.plainHttp === true;
  return endpoint.raw?.[port] !== undefined;
}

function refuse(socket: Socket, status: number, reason: string): void {
  const body = `${reason}\n`;
  socket.end(
    `HTTP/1.1 ${status} ${status === 403 ? "Forbidden" : "Bad Gateway"}\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

function answer(res: ServerResponse, status: number, reason: string): void {
  res.writeHead(status, { "content-type": "text/plain; charset=utf-8" });
  res.end(`${reason}\n`);
}
