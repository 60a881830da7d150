import type { Socket } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";
import { LRUCache } from "lru-cache";
import type { CertificateAuthority } from "./certificate-authority.ts";
import type { Connection, TlsVersion } from "./service-endpoint.ts";

/** OpenSSL's default security level forbids TLS 1.0 and 1.1, so hosts that accept them use level 0. */
const oldTlsCiphers = "DEFAULT@SECLEVEL=0";

/** Maximum number of cached servers. An evicted one is created again when it is needed. */
const maxServers = 500;

interface TlsSettings {
  host: string;
  port: number;
  lowest: TlsVersion;
  /** Undefined for the default ones. */
  ciphers: string | undefined;
}

/** Terminates TLS for each host with the host's certificate and minimum version. */
export class TlsHosts {
  private readonly ca: CertificateAuthority;
  private readonly onSecured: (inside: TLSSocket, connection: Connection) => void;
  private readonly log: (line: string) => void;
  /** Servers that do not listen: each has the settings and session tickets of one host, port and minimum version. */
  private readonly servers = new LRUCache<string, Server, TlsSettings>({
    max: maxServers,
    fetchMethod: (_name, _stale, { context }) => this.create(context),
    // A server that is evicted while it is being created is still returned.
    ignoreFetchAbort: true,
  });

  /** @param onSecured Called with the decrypted connection after a successful handshake. */
  constructor(
    ca: CertificateAuthority,
    onSecured: (inside: TLSSocket, connection: Connection) => void,
    log: (line: string) => void,
  ) {
    this.ca = ca;
    this.onSecured = onSecured;
    this.log = log;
  }

  /** Performs the TLS handshake on a connection that starts with the client hello. */
  async accept(socket: Socket, settings: TlsSettings): Promise<void> {
    const { host, port, lowest } = settings;
    const server = await this.servers.forceFetch(`${host}:${port} ${lowest}`, { context: settings });
    server.emit("connection", socket);
  }

  private async create({ host, port, lowest, ciphers }: TlsSettings): Promise<Server> {
    const { key, cert } = await this.ca.leaf(host);
    const isOld = lowest === "TLSv1" || lowest === "TLSv1.1";
    const server = createServer({
      key,
      cert,
      minVersion: lowest,
      maxVersion: ciphers && !/\bTLS_/.test(ciphers) ? "TLSv1.2" : undefined,
      // The sandbox does not support HTTP/2. It chooses the first other protocol that the client offers.
      ALPNCallback: ({ protocols }) => protocols.find((protocol) => protocol !== "h2"),
      ciphers: ciphers ?? (isOld ? oldTlsCiphers : undefined),
    });
    server.on("secureConnection", (inside) => {
      inside.on("error", () => inside.destroy());
      this.onSecured(inside, { host, port, tls: inside.getProtocol() as TlsVersion });
    });
    server.on("tlsClientError", (error: NodeJS.ErrnoException) => {
      if (error.code?.startsWith("ERR_SSL")) this.log(`TLS handshake with ${host} failed: ${error.code}`);
    });
    return server;
  }
}
