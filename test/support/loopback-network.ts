import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer, Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";

/*
 * The parts of a customer's network on this computer: DNS and time servers, hosts that answer wrongly, and connections
 * that are refused or dropped.
 */

export interface LocalServer extends AsyncDisposable {
  port: number;
}

/** What a DNS server answers: addresses, or undefined for "no such name". */
export type Zone = (name: string) => string | undefined;

/** A DNS server for A records (RFC 1035). */
export async function startDnsServer(zone: Zone): Promise<LocalServer> {
  const socket = createSocket("udp4");
  socket.on("message", (query, { port, address }) => socket.send(answerDns(query, zone), port, address));
  return bindUdp(socket);
}

/** A UDP port that receives and never answers. */
export async function startSilentUdp(): Promise<LocalServer> {
  return bindUdp(createSocket("udp4"));
}

/** A time server (RFC 5905) whose clock is `aheadMs` ahead of this computer's. */
export async function startTimeServer(aheadMs = 0): Promise<LocalServer> {
  const socket = createSocket("udp4");
  socket.on("message", (_, { port, address }) => {
    const answer = Buffer.alloc(48);
    // Version 4, mode 4 (server).
    answer[0] = 0x24;
    answer.writeUInt32BE(Math.floor((Date.now() + aheadMs) / 1000) + 2_208_988_800, 40);
    socket.send(answer, port, address);
  });
  return bindUdp(socket);
}

/** A plain HTTP server. */
export async function startHttp(listener: RequestListener): Promise<LocalServer> {
  return listenTcp(createHttpServer(listener));
}

/** A TLS server that answers no request. */
export async function startTls(options: TlsOptions): Promise<LocalServer> {
  return listenTcp(createTlsServer(options, (socket) => socket.on("error", () => socket.destroy())));
}

/** A TCP port that accepts connections and says nothing. */
export async function startSilentTcp(): Promise<LocalServer> {
  return listenTcp(createServer());
}

/** A connection that never gets an answer, as behind a firewall that drops packets. */
export function droppedConnection(): Socket {
  return new Socket();
}

/** A connection to an address that the computer has no route to. */
export function unroutedConnection(): Socket {
  const socket = new Socket();
  const error = Object.assign(new Error("connect ENETUNREACH"), { code: "ENETUNREACH" });
  process.nextTick(() => socket.destroy(error));
  return socket;
}

async function bindUdp(socket: ReturnType<typeof createSocket>): Promise<LocalServer> {
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return {
    port: socket.address().port,
    async [Symbol.asyncDispose]() {
      socket.close();
    },
  };
}

async function listenTcp(server: ReturnType<typeof createServer>): Promise<LocalServer> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket.on("error", () => socket.destroy()));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

const headerBytes = 12;

function answerDns(query: Buffer, zone: Zone): Buffer {
  const labels: string[] = [];
  let at = headerBytes;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  const question = query.subarray(headerBytes, at + 5);
  const type = query.readUInt16BE(at + 1);
  const address = zone(labels.join(".").toLowerCase());
  const isAnswered = address !== undefined && type === 1;
  const header = Buffer.from(query.subarray(0, headerBytes));
  // Response, recursion desired and available; code 3 for a name that does not exist.
  header.writeUInt16BE(address === undefined ? 0x8183 : 0x8180, 2);
  for (const [index, count] of [1, isAnswered ? 1 : 0, 0, 0].entries())
    header.writeUInt16BE(count, 4 + 2 * index);
  if (!isAnswered) return Buffer.concat([header, question]);
  // A pointer to the name, type A, class IN, a minute, four bytes.
  const record = Buffer.from([0xc0, headerBytes, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]);
  return Buffer.concat([header, question, record, Buffer.from(address.split(".").map(Number))]);
}
