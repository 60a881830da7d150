import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";

export type TlsVersion = "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3";

/** What the proxy knows of a connection before the first byte of the protocol inside it. */
export interface Connection {
  /** The real Azure host name the client asked for, in lower case. */
  host: string;
  /** The port the client asked for: 443, 80, 8883 or 5671. */
  port: number;
  /** The negotiated version; undefined on plain HTTP. */
  tls: TlsVersion | undefined;
}

/** One Azure service's data or control plane, as the proxy hands connections to it by host name. */
export interface ServiceEndpoint {
  /** Whether this host name, in lower case, belongs to it and exists now. */
  serves(host: string): boolean;
  /** The lowest TLS version that its handshake takes; TLSv1.2 when left out. */
  lowestTls?(host: string): TlsVersion;
  /** Whether plain HTTP on port 80 reaches it (to be refused in its own words); false when left out. */
  plainHttp?: boolean;
  /** One request. When it throws or rejects, the proxy logs that and answers 500. */
  request(req: IncomingMessage, res: ServerResponse, connection: Connection): void | Promise<void>;
  /** A WebSocket upgrade; failures as above. Without this method upgrades are refused. */
  upgrade?(req: IncomingMessage, socket: Duplex, head: Buffer, connection: Connection): void | Promise<void>;
  /** A TLS connection to a port other than 443, by port: 8883 for MQTT, 5671 for AMQP. */
  raw?: Record<number, (socket: TLSSocket, connection: Connection) => void>;
}
