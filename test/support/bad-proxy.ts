import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, request } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

/**
 * What a proxy does with CONNECT: it answers with a status, closes the connection, opens a tunnel and closes it, or never
 * answers.
 */
export type ConnectFault = number | "closes" | "cuts" | "silent";

/** A proxy that opens no tunnel to some hosts. */
export interface BadProxy extends AsyncDisposable {
  url: string;
  /** host:port of the proxy, as messages name it. */
  host: string;
  /** CONNECT requests that got the fault. */
  faults: number;
}

const page = "<html><title>Access denied</title><body>Ask your administrator.</body></html>";

/**
 * Starts a proxy on this computer.
 * @param fault What it does with CONNECT, and with plain requests, for the hosts of `isBad`.
 * @param upstream URL of the proxy that it passes other hosts to.
 */
export async function startBadProxy(
  fault: ConnectFault,
  isBad: (host: string, headers: IncomingHttpHeaders) => boolean,
  upstream: string,
): Promise<BadProxy> {
  const sockets = new Set<Socket>();
  const track = (socket: Socket) => {
    sockets.add(socket);
    return socket.on("error", () => socket.destroy()).on("close", () => sockets.delete(socket));
  };
  const server = createServer().on("connection", track);
  const signIn =
    fault === 407 ? "Proxy-Authenticate: Negotiate\r\nProxy-Authenticate: Basic realm=proxy\r\n" : "";
  server.on("request", (req, res) => {
    const target = URL.parse(req.url ?? "");
    if (target && !isBad(target.hostname, req.headers)) {
      const onward = request(upstream, { path: req.url, headers: { host: target.host } }, (answer) => {
        res.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(res);
      });
      onward.on("error", () => res.destroy());
      return void onward.end();
    }
    proxy.faults++;
    if (fault === "closes" || fault === "cuts") return void res.destroy();
    if (fault === "silent") return;
    res.writeHead(fault, { "content-type": "text/html" }).end(page);
  });
  server.on("connect", ({ url: authority = "", headers }, socket: Socket) => {
    const [host = ""] = authority.split(":");
    if (!isBad(host, headers)) return tunnel(authority, socket);
    proxy.faults++;
    if (fault === "closes") return void socket.destroy();
    if (fault === "cuts") return void socket.end("HTTP/1.1 200 Connection established\r\n\r\n");
    if (fault === "silent") return;
    socket.end(
      `HTTP/1.1 ${fault} Refused\r\n${signIn}Content-Type: text/html\r\nContent-Length: ${page.length}\r\n\r\n${page}`,
    );
  });
  const tunnel = (authority: string, socket: Socket) => {
    const { hostname, port } = new URL(upstream);
    const onward = track(connect(Number(port), hostname));
    onward.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
    onward.pipe(socket).pipe(onward);
    socket.on("close", () => onward.destroy());
    onward.on("close", () => socket.destroy());
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const proxy: BadProxy = {
    url: `http://${host}`,
    host,
    faults: 0,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
  return proxy;
}
