import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";

/** A backend of the gateway on this computer, on a port that the system chooses. */
export async function openBackend(serve: RequestListener): Promise<{ url: string; close(): void }> {
  const server = createServer(serve).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
