import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { CertificateAuthority } from "./certificate-authority.ts";
import { type AzurePort, ConnectionRouter } from "./connection-router.ts";
import type { Faults } from "./faults.ts";
import type { ServiceEndpoint } from "./service-endpoint.ts";

/** The running proxy. */
export interface AzureProxy {
  /** For HTTPS_PROXY, for example http://127.0.0.1:8080. */
  url: string;
  /** Path of the CA's certificate, for NODE_EXTRA_CA_CERTS and REQUESTS_CA_BUNDLE. */
  caFile: string;
  /** The same certificate (PEM), for clients in this process. */
  ca: string;
  /** Failures to play to clients. */
  faults: Faults;
  /**
   * Opens a TLS listener on 127.0.0.1 for clients that use no proxy; the server name in their hello (SNI) tells
   * the host.
   * @param port The port to listen on; 0 for any free one.
   * @param kind The port in Azure it stands for: 443 for HTTPS, 8883 for MQTT, 5671 for AMQP.
   * @returns The port it listens on. It closes with the proxy.
   */
  listen(port: number, kind: AzurePort): Promise<number>;
  /** Ends every connection and listener. */
  close(): Promise<void>;
}

/**
 * Starts the one way into the sandbox: an HTTP CONNECT proxy on 127.0.0.1 that takes the real Azure host names to
 * the endpoints, with TLS ended here, and refuses every other host.
 * @param options.dir Folder of the certificate authority, made when missing.
 * @param options.port Port of the proxy; 0 for any free one.
 * @param options.endpoints The services; the array may grow afterwards.
 * @throws An error with code EADDRINUSE when the port is taken.
 */
export async function startProxy(
  azure: { log: (line: string) => void },
  options: { dir: string; port: number; endpoints: ServiceEndpoint[] },
): Promise<AzureProxy> {
  const ca = await CertificateAuthority.open(options.dir);
  const entrance = new ConnectionRouter(ca, options.endpoints, azure.log);
  const proxy = entrance.track(createHttpServer({ requestTimeout: 0 }));
  proxy.on("connect", (req: IncomingMessage, socket: Socket, head: Buffer) => {
    socket.unshift(head);
    entrance.connect(req.url ?? "", socket);
  });
  proxy.on("request", (req: IncomingMessage, res: ServerResponse) => entrance.plain(req, res));
  const port = await listening(proxy, options.port);
  return {
    url: `http://127.0.0.1:${port}`,
    caFile: ca.caFile,
    ca: ca.pem,
    faults: entrance.faults,
    listen: (wanted, kind) => {
      const accept = (socket: Socket) => {
        entrance.direct(socket, kind).catch((error: Error) => {
          azure.log(`A connection on port ${kind} failed: ${error.stack}`);
          socket.destroy();
        });
      };
      return listening(entrance.track(createServer(accept)), wanted);
    },
    close: () => entrance.close(),
  };
}

async function listening(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}
