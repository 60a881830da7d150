import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

/** A proxy that notes for which hosts a connection was asked, and passes each on to another proxy. */
export class CountingProxy implements AsyncDisposable {
  /** The host and port of each CONNECT. */
  readonly asked: string[] = [];
  readonly url: string;
  private readonly server: ReturnType<typeof createServer>;
  private readonly sockets = new Set<Socket>();

  private constructor(server: ReturnType<typeof createServer>, onward: URL) {
    this.server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on("connect", (request, client: Socket) => {
      this.asked.push(request.url ?? "");
      const next = connect(Number(onward.port), onward.hostname);
      for (const socket of [client, next]) {
        this.sockets.add(socket);
        socket.on("error", () => socket.destroy()).on("close", () => this.sockets.delete(socket));
      }
      client.on("close", () => next.destroy());
      next.on("close", () => client.destroy());
      next.write(`CONNECT ${request.url} HTTP/1.1\r\nHost: ${request.url}\r\n\r\n`);
      client.pipe(next);
      next.pipe(client);
    });
  }

  /** @param onward URL of the proxy that the connections are passed on to. */
  static async start(onward: string): Promise<CountingProxy> {
    const server = createServer((_request, response) => response.writeHead(400).end());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new CountingProxy(server, new URL(onward));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
