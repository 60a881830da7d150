import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import type { Route } from "../core/list-routes.ts";

export type TlsVersion = "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3";

/** What the proxy knows about a connection before it reads the protocol inside it. */
export interface Connection {
  /** The Azure host name that the client requested, in lower case. */
  host: string;
  /** The port that the client requested: 443, 80, 8883 or 5671. */
  port: number;
  /** The negotiated TLS version; undefined with plain HTTP. */
  tls: TlsVersion | undefined;
}

/** The data plane or control plane of an Azure service. The proxy routes connections to it by host name. */
export interface ServiceEndpoint {
  /** The operations that it serves by method and path; undefined for a service that has none of its own. */
  routes?: readonly Route[];
  /** Whether this host name, in lower case, belongs to a resource of the service that exists now. */
  serves(host: string): boolean;
  /** The lowest TLS version that the handshake accepts; default TLSv1.2. */
  minimumTls?(host: string): TlsVersion;
  /**
   * The cipher suites of a host, as node:tls has them; default those of Node. Without a suite of TLS 1.3 the host has TLS
   * 1.2 at most.
   */
  ciphers?(host: string): string;
  /** Whether plain HTTP on port 80 reaches the endpoint, so that it can reject it with its own error; default false. */
  plainHttp?: boolean;
  /** Handles one request. When it throws or rejects, the proxy logs the error and responds with 500. */
  request(req: IncomingMessage, res: ServerResponse, connection: Connection): void | Promise<void>;
  /** Handles a WebSocket upgrade, with the same error handling. Without this method the proxy rejects upgrades. */
  upgrade?(req: IncomingMessage, socket: Duplex, head: Buffer, connection: Connection): void | Promise<void>;
  /** Handlers of TLS connections to other ports than 443: 8883 for MQTT, 5671 for AMQP. */
  raw?: Record<number, (socket: TLSSocket, connection: Connection) => void>;
}
