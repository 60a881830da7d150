import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type Agent, type IncomingHttpHeaders, request as plainRequest } from "node:http";
import { type RequestOptions, request } from "node:https";
import { connect, type Socket } from "node:net";
import { type ConnectionOptions, type TLSSocket, connect as tlsConnect } from "node:tls";
import { HttpsProxyAgent } from "https-proxy-agent";
import type { AzureProxy } from "../../../sandbox/proxy/proxy.ts";

/** A response, as far as tests check it. */
export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** An HTTPS agent that uses the proxy. */
export function agentOf(proxy: AzureProxy, options: { keepAlive?: boolean } = {}): Agent & RequestOptions {
  return new HttpsProxyAgent(proxy.url, options) as Agent & RequestOptions;
}

/** How all calls reach a proxy: they share its connections, and the certificate authority that it has. */
const connections = new WeakMap<AzureProxy, { agent: Agent & RequestOptions; ca: Buffer }>();

function connectionsOf(proxy: AzureProxy) {
  const known = connections.get(proxy);
  if (known) return known;
  const created = { agent: agentOf(proxy, { keepAlive: true }), ca: readFileSync(proxy.caFile) };
  connections.set(proxy, created);
  return created;
}

/** Sends one HTTPS request through the proxy. */
export function call(
  proxy: AzureProxy,
  url: string,
  options: RequestOptions & { body?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const req = request(url, { ...connectionsOf(proxy), ...options }, (res) => {
      const chunks: Buffer[] = [];
      res.on("data", (chunk) => chunks.push(chunk));
      res.on("error", reject);
      res.on("end", () =>
        resolve({ status: res.statusCode!, headers: res.headers, body: Buffer.concat(chunks).toString() }),
      );
    });
    req.on("error", reject);
    req.end(options.body);
  });
}

/** Sends one plain HTTP request, as a client with HTTP_PROXY does. */
export function callPlain(
  proxy: AzureProxy,
  url: string,
  more: Record<string, string> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port, host } = new URL(proxy.url);
    const headers = { host: URL.parse(url)?.host ?? host, ...more };
    const req = plainRequest({ host: hostname, port, path: url, headers }, (res) => {
      let body = "";
      res.on("data", (chunk) => {
        body += chunk;
      });
      res.on("end", () => resolve({ status: res.statusCode!, headers: res.headers, body }));
    });
    req.on("error", reject);
    req.end();
  });
}

/** Sends CONNECT to the proxy. Returns the status, and the tunnel or the body of the rejection. */
export function tunnel(
  proxy: AzureProxy,
  authority: string,
): Promise<{ status: number; socket: Socket; body: string }> {
  const url = new URL(proxy.url);
  return new Promise((resolve, reject) => {
    const req = plainRequest({ host: url.hostname, port: url.port, method: "CONNECT", path: authority });
    req.on("connect", (res, socket, head) => {
      let body = head.toString();
      const status = res.statusCode!;
      if (status === 200) return resolve({ status, socket, body });
      socket.on("data", (chunk: Buffer) => {
        body += chunk;
      });
      socket.on("close", () => resolve({ status, socket, body }));
    });
    req.on("error", reject);
    req.end();
  });
}

/** Opens a TLS connection to `host`, over a socket or to a local port. */
export function secure(
  proxy: AzureProxy,
  host: string,
  over: Socket | number,
  options: ConnectionOptions = {},
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = tlsConnect({
      socket: typeof over === "number" ? connect(over, "127.0.0.1") : over,
      servername: host,
      ca: readFileSync(proxy.caFile),
      ...options,
    });
    socket.on("secureConnect", () => resolve(socket));
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("closed")));
  });
}

/** Sends bytes over TLS that no HTTP client would send. Returns all bytes that arrive until the other side closes. */
export async function sendRaw(proxy: AzureProxy, host: string, text: string): Promise<string> {
  const socket = await secure(proxy, host, (await tunnel(proxy, `${host}:443`)).socket);
  let received = "";
  socket.on("data", (data: Buffer) => {
    received += data.toString("latin1");
  });
  socket.on("error", () => {});
  socket.write(text);
  await once(socket, "close");
  return received;
}
