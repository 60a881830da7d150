import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A line to a proxy, whose quality can be chosen. */
export interface Line extends AsyncDisposable {
  proxyUrl: string;
  /** After so many bytes to the client a connection stands still; undefined for never. */
  standsStillAfter: number | undefined;
  /** Milliseconds that every piece to the client takes; default 0. */
  pieceMs: number;
  /** Connections that were made. */
  connections: number;
}

/** Opens a line on this computer. */
export async function openLine(proxyUrl: string): Promise<Line> {
  const { hostname, port } = new URL(proxyUrl);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    line.connections++;
    const onward = connect(Number(port), hostname);
    sockets.add(socket).add(onward);
    for (const end of [socket, onward]) end.on("error", () => {});
    socket.pipe(onward);
    void carry(onward, socket, line);
    socket.on("close", () => onward.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const line: Line = {
    proxyUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    standsStillAfter: undefined,
    pieceMs: 0,
    connections: 0,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
  return line;
}

async function carry(from: Socket, to: Socket, line: Line): Promise<void> {
  const { standsStillAfter: most = Number.POSITIVE_INFINITY } = line;
  let carried = 0;
  try {
    for await (const piece of from as AsyncIterable<Buffer>) {
      carried += piece.length;
      if (carried > most) await once(to, "close");
      if (line.pieceMs > 0) await new Promise((resolve) => setTimeout(resolve, line.pieceMs));
      to.write(piece);
    }
  } catch {
    // It was cut.
  }
  to.destroy();
}
