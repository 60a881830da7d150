import type { Socket } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";
import type { CertificateAuthority } from "./certificate-authority.ts";
import { RecentlyUsed } from "./recently-used.ts";
import type { Connection, TlsVersion } from "./service-endpoint.ts";

/** OpenSSL signs nothing for TLS 1.0 and 1.1 at its default security level, so those hosts get level 0. */
const oldClients = "DEFAULT@SECLEVEL=0";

/** Far more hosts than are used at a time; a wildcard's are without end. What is forgotten is made again. */
const mostHosts = 500;

/** Ends TLS for each host with the host's own certificate and lowest version. */
export class TlsHosts {
  private readonly ca: CertificateAuthority;
  private readonly secured: (inside: TLSSocket, connection: Connection) => void;
  private readonly log: (line: string) => void;
  /** Servers that never listen: each holds the settings and session tickets of a host, port and version. */
  private readonly servers = new RecentlyUsed<Server>(mostHosts);

  /** @param secured Called with the connection inside, when and if a handshake succeeds. */
  constructor(
    ca: CertificateAuthority,
    secured: (inside: TLSSocket, connection: Connection) => void,
    log: (line: string) => void,
  ) {
    this.ca = ca;
    this.secured = secured;
    this.log = log;
  }

  /** Shakes hands on a connection whose next bytes are the client's hello. */
  async accept(socket: Socket, host: string, port: number, lowest: TlsVersion): Promise<void> {
    const name = `${host}:${port} ${lowest}`;
    const server = await this.servers.get(name, () => this.create(host, port, lowest));
    server.emit("connection", socket);
  }

  private async create(host: string, port: number, lowest: TlsVersion): Promise<Server> {
    const { key, cert } = await this.ca.leaf(host);
    const old = lowest === "TLSv1" || lowest === "TLSv1.1";
    const server = createServer({
      key,
      cert,
      minVersion: lowest,
      // HTTP/2 is not spoken here; a client that also offers something else gets that.
      ALPNCallback: ({ protocols }) => protocols.find((protocol) => protocol !== "h2"),
      ...(old ? { ciphers: oldClients } : {}),
    });
    server.on("secureConnection", (inside) => {
      inside.on("error", () => inside.destroy());
      this.secured(inside, { host, port, tls: inside.getProtocol() as TlsVersion });
    });
    server.on("tlsClientError", (error: NodeJS.ErrnoException) => {
      if (error.code?.startsWith("ERR_SSL")) this.log(`TLS handshake with ${host} failed: ${error.code}`);
    });
    return server;
  }
}
