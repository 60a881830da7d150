import { request } from "node:http";
import { isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Attempt } from "../facts.ts";
import { StageTimeout, waitForStage } from "../limits.ts";
import { type ProxyChoice, shownProxy } from "../proxy/proxy-choice.ts";
import { codeOf } from "../surroundings.ts";
import type { ProbeContext } from "./probe-context.ts";

const maxAddresses = 4;

/** Opens a TCP connection to one of the addresses. Undefined when none answers; the facts of the attempt say why. */
export async function openDirect(
  context: ProbeContext,
  attempt: Attempt,
  addresses: readonly string[],
): Promise<Socket | undefined> {
  const sockets: Socket[] = [];
  const work = () =>
    Promise.any(
      addresses.slice(0, maxAddresses).map((address) => {
        const socket = context.surroundings.connect(address, attempt.port);
        sockets.push(socket);
        return connected(socket);
      }),
    );
  try {
    const socket = await waitForStage(work, context);
    for (const other of sockets) if (other !== socket) other.destroy();
    attempt.facts.tcp = "ok";
    return socket;
  } catch (error) {
    for (const socket of sockets) socket.destroy();
    const first = error instanceof AggregateError ? error.errors[0] : error;
    attempt.facts.tcp = describeTcp(first);
    attempt.details.detail = first instanceof StageTimeout ? "no answer" : codeOf(first) || String(first);
    return undefined;
  }
}

function describeTcp(error: unknown): Attempt["facts"]["tcp"] {
  if (error instanceof StageTimeout) return "timeout";
  const code = codeOf(error);
  if (code === "ECONNREFUSED") return "refused";
  if (code === "ETIMEDOUT") return "timeout";
  return ["ENETUNREACH", "EHOSTUNREACH", "EADDRNOTAVAIL"].includes(code) ? "no-route" : "failed";
}

/** Opens a tunnel through a proxy. Undefined when it opens none; the facts of the attempt say why. */
export async function openTunnel(
  context: ProbeContext,
  attempt: Attempt,
  proxy: ProxyChoice,
  host: string,
): Promise<Socket | undefined> {
  const { facts, details } = attempt;
  const toProxy = await openProxy(context, attempt, proxy);
  if (!toProxy) return undefined;
  const authority = `${isIP(host) === 6 ? `[${host}]` : host}:${attempt.port}`;
  const ask = () =>
    new Promise<{ status: number; socket: Socket; scheme: string }>((resolve, reject) => {
      const call = request({
        method: "CONNECT",
        path: authority,
        headers: { host: authority, ...authorization(proxy.url) },
        createConnection: () => toProxy,
      });
      call.once("connect", ({ statusCode = 0, headers }, socket: Socket) => {
        resolve({ status: statusCode, socket, scheme: schemesOf(headers["proxy-authenticate"]) });
      });
      call.once("error", reject);
      call.end();
    });
  try {
    const { status, socket, scheme } = await waitForStage(ask, context);
    if (status === 200) {
      facts.proxy = "ok";
      return socket;
    }
    socket.destroy();
    details.status = String(status);
    details.scheme = scheme;
    facts.proxy = status === 407 ? "sign-in" : status === 403 ? "forbidden" : "refused";
  } catch (error) {
    facts.proxy = error instanceof StageTimeout ? "no-answer" : "closed";
    // Codes of Node's HTTP parser.
    if (codeOf(error).startsWith("HPE_")) {
      facts.proxy = "refused";
      details.status = "not HTTP";
    }
  }
  toProxy.destroy();
  return undefined;
}

/** Connects to the proxy itself. */
export async function openProxy(
  context: ProbeContext,
  { facts, details }: Attempt,
  proxy: ProxyChoice,
): Promise<Socket | undefined> {
  const { protocol, hostname, port } = proxy.url;
  facts.route = "proxy";
  facts.proxyHasCredentials = proxy.url.username !== "";
  details.proxy = shownProxy(proxy);
  const isTls = protocol === "https:";
  const plain = context.surroundings.connect(
    hostname.replace(/^\[|\]$/g, ""),
    Number(port || (isTls ? 443 : 80)),
  );
  const open = async () => {
    await connected(plain);
    if (!isTls) return plain;
    const ca = context.surroundings.trusted();
    const inside = connectTls({ socket: plain, servername: hostname, ca });
    await new Promise((resolve, reject) => inside.once("secureConnect", resolve).once("error", reject));
    return inside;
  };
  try {
    return await waitForStage(open, context);
  } catch (error) {
    plain.destroy();
    facts.proxy = ["ENOTFOUND", "EAI_AGAIN"].includes(codeOf(error)) ? "not-found" : "unreachable";
    details.detail = error instanceof StageTimeout ? "no answer" : codeOf(error) || String(error);
    return undefined;
  }
}

/** Header for the user and password of a proxy's URL; none without them. */
export function authorization({ username, password }: URL): Record<string, string> {
  if (username === "") return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(pair).toString("base64")}` };
}

/** The names of the sign-ins that a proxy offers, for example "Negotiate, NTLM". */
export function schemesOf(header: string | string[] | undefined): string {
  const offers = [header ?? []].flat().flatMap((text) => text.split(","));
  const names = offers.flatMap((offer) => /^\s*([A-Za-z][\w-]*)(?=\s|$)/.exec(offer)?.[1] ?? []);
  return [...new Set(names)].join(", ") || "?";
}

async function connected(socket: Socket): Promise<Socket> {
  await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  // Later errors are seen by what uses the socket; without a listener they would end the process.
  socket.on("error", () => {});
  return socket;
}
