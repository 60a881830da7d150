import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Server, Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { getExtensionData, readTlsClientHello } from "read-tls-client-hello";
import { printable } from "../core/printable.ts";
import type { CertificateAuthority } from "./certificate-authority.ts";
import { limitConnections } from "./connection-limit.ts";
import { Faults } from "./faults.ts";
import { endpointOf, explainUnreachable, normalizeHost } from "./hosts.ts";
import { HttpDispatcher } from "./http-dispatcher.ts";
import type { Connection, ServiceEndpoint } from "./service-endpoint.ts";
import { TlsHosts } from "./tls-hosts.ts";

/** The port in Azure to which a listener without proxy corresponds. */
export type AzurePort = 443 | 5671 | 8883;

/** Accepts connections of all kinds, and routes each to its endpoint. */
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
    this.tls = new TlsHosts(ca, (inside, connection) => this.acceptSecured(inside, connection), log);
  }

  /** Registers a server and its connections, so that close() ends them. */
  track<T extends Server>(server: T): T {
    this.servers.push(server);
    limitConnections(server, this.log);
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

  /** Accepts a CONNECT request. @param authority host:port */
  acceptConnect(authority: string, socket: Socket): void {
    const target = parseAuthority(authority);
    if (!target) {
      const example = "for example host.azure-devices.net:443";
      reject(
        socket,
        400,
        `CONNECT needs a host name and a port from 1 to 65535, ${example}, not ${printable(authority)}.`,
      );
      return;
    }
    const { host, port } = target;
    const endpoint = endpointOf(this.endpoints, host);
    if (!endpoint) {
      const { status, reason } = explainUnreachable(host);
      reject(socket, status, reason);
      return;
    }
    if (!servesPort(endpoint, port)) {
      reject(socket, 502, `${host} does not answer on port ${port}.`);
      return;
    }
    socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
    if (port === 80) this.http.accept(socket, { host, port, tls: undefined });
    else this.startTls(socket, host, port, endpoint);
  }

  /** Accepts a connection to a listener without proxy. The TLS client hello names the host. */
  async acceptDirect(socket: Socket, kind: AzurePort): Promise<void> {
    const hello = await readTlsClientHello(socket).catch(() => undefined);
    const name = hello && getExtensionData(hello, "server_name")?.serverName;
    const host = normalizeHost(name ?? "");
    const endpoint = endpointOf(this.endpoints, host);
    if (!endpoint || !servesPort(endpoint, kind)) {
      this.log(
        `Rejected a connection on port ${kind} to ${host || "no host: the client sent no server name (SNI)"}.`,
      );
      return void socket.end(unrecognizedName);
    }
    this.startTls(socket, host, kind, endpoint);
  }

  /** Accepts a plain HTTP request in the form that a proxy receives: GET http://host/path. */
  acceptPlainHttp(req: IncomingMessage, res: ServerResponse): void {
    const url = URL.parse(req.url ?? "");
    if (url?.protocol !== "http:") {
      respond(res, 400, "This port is a proxy. Set the environment variable HTTPS_PROXY to it.");
      return;
    }
    const host = normalizeHost(url.hostname);
    const port = Number(url.port || 80);
    const endpoint = endpointOf(this.endpoints, host);
    if (!endpoint) {
      const { status, reason } = explainUnreachable(host);
      respond(res, status, reason);
      return;
    }
    if (port !== 80 || !endpoint.plainHttp) {
      respond(res, 502, `${host} does not answer on port ${port}.`);
      return;
    }
    delete req.headers["proxy-connection"];
    delete req.headers["proxy-authorization"];
    req.url = req.url?.replace(/^http:\/\/[^/?#]*\/?/i, "/");
    this.http.request(req, res, { host, port, tls: undefined });
  }

  private startTls(socket: Socket, host: string, port: number, endpoint: ServiceEndpoint): void {
    // The proxy's HTTP server allows half-open connections. In a tunnel they would never close.
    socket.allowHalfOpen = false;
    const lowest = endpoint.minimumTls?.(host) ?? "TLSv1.2";
    const handshake = this.tls.accept(socket, { host, port, lowest, ciphers: endpoint.ciphers?.(host) });
    handshake.catch((error: Error) => {
      this.log(`${host}: ${error.stack}`);
      socket.destroy();
    });
  }

  private acceptSecured(inside: TLSSocket, connection: Connection): void {
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

/** The fatal TLS alert unrecognized_name, 112 (RFC 6066). */
const unrecognizedName = Buffer.from([21, 3, 1, 0, 2, 2, 112]);

function servesPort(endpoint: ServiceEndpoint, port: number): boolean {
  if (port === 443) return true;
  if (port === 80) return endpoint.plainHttp === true;
  return endpoint.raw?.[port] !== undefined;
}

/**
 * Parses the target of a CONNECT request: a host and a port in decimal digits. Without a valid port the answer is 400.
 * Source: RFC 9110, 9.3.6; RFC 3986, 3.2.3.
 */
function parseAuthority(authority: string): { host: string; port: number } | undefined {
  const [, host, digits] = /^(\[[\da-f:.]+\]|[^\s:/@?#]+):(\d{1,5})$/i.exec(authority) ?? [];
  const port = Number(digits);
  return host !== undefined && port >= 1 && port <= 65_535 ? { host: normalizeHost(host), port } : undefined;
}

function reject(socket: Socket, status: number, reason: string): void {
  const body = `${reason}\n`;
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

function respond(res: ServerResponse, status: number, reason: string): void {
  res.writeHead(status, { "content-type": "text/plain; charset=utf-8" });
  res.end(`${reason}\n`);
}
