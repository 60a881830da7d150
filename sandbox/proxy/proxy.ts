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
  /** Injects failures, so that tests see how clients handle them. */
  faults: Faults;
  /**
   * Opens a TLS listener on 127.0.0.1 for clients that use no proxy. The server name in the TLS client hello (SNI)
   * determines the host.
   * @param port The port of the listener; 0: the system chooses a free port.
   * @param kind The corresponding port in Azure: 443 for HTTPS, 8883 for MQTT, 5671 for AMQP.
   * @returns The port of the listener. The listener closes with the proxy.
   */
  listen(port: number, kind: AzurePort): Promise<number>;
  /** Closes all connections and listeners. */
  close(): Promise<void>;
}

/**
 * Starts the sandbox's only entrance: an HTTP CONNECT proxy on 127.0.0.1. It terminates TLS, routes the Azure host
 * names to the endpoints, and rejects every other host.
 * @param options.dir Folder of the certificate authority. It is created when missing.
 * @param options.port Port of the proxy; 0: the system chooses a free port.
 * @param options.endpoints The services. The caller may add endpoints later.
 * @throws An error with code EADDRINUSE when another program uses the port.
 */
export async function startProxy(
  azure: { log: (line: string) => void },
  options: { dir: string; port: number; endpoints: ServiceEndpoint[] },
): Promise<AzureProxy> {
  const ca = await CertificateAuthority.open(options.dir);
  const router = new ConnectionRouter(ca, options.endpoints, azure.log);
  const server = router.track(createHttpServer({ requestTimeout: 0 }));
  server.on("connect", (req: IncomingMessage, socket: Socket, head: Buffer) => {
    socket.unshift(head);
    router.acceptConnect(req.url ?? "", socket);
  });
  server.on("request", (req: IncomingMessage, res: ServerResponse) => router.acceptPlainHttp(req, res));
  const port = await listen(server, options.port);
  return {
    url: `http://127.0.0.1:${port}`,
    caFile: ca.caFile,
    ca: ca.pem,
    faults: router.faults,
    listen: (wanted, kind) => {
      const accept = (socket: Socket) => {
        router.acceptDirect(socket, kind).catch((error: Error) => {
          azure.log(`A connection on port ${kind} failed: ${error.stack}`);
          socket.destroy();
        });
      };
      return listen(router.track(createServer(accept)), wanted);
    },
    close: () => router.close(),
  };
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}
