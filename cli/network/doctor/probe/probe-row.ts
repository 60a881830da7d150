import type { Socket } from "node:net";
import type { Destination } from "../../endpoint-list.ts";
import { isPrivateAddress } from "../addresses.ts";
import { type Attempt, noFacts } from "../facts.ts";
import { StageTimeout, waitForStage } from "../limits.ts";
import type { ProxyChoice } from "../proxy/proxy-choice.ts";
import { codeOf } from "../surroundings.ts";
import { askDns, askTime, knockUdp } from "./datagrams.ts";
import { askHttp, askUpgrade, type Question } from "./http-answer.ts";
import { authorization, openDirect, openProxy, openTunnel } from "./open-socket.ts";
import type { ProbeContext } from "./probe-context.ts";
import { openTls } from "./tls-session.ts";

/** Where terminals open their WebSocket (IoT Hub Developer Guide, "Communicate with your IoT hub using the MQTT protocol"). */
const webSocketPath = "/$iothub/websocket?iothub-no-client-cert=true";
/** What an HTTPS request to the IoT Hub asks for. Without a token the hub answers 401 in its own form. */
const hubPath = "/devices/doctor/messages/devicebound?api-version=2021-04-12";

/** What a probe of a row needs besides the row. */
export interface RowContext extends ProbeContext {
  /** The proxy for a host; undefined for a direct connection. */
  proxyFor(url: string): Promise<ProxyChoice | undefined>;
  /** A host of the list that a DNS server is asked for. */
  sampleHost: string;
}

/**
 * The host that is tried for a row: a pattern is replaced by one of the hosts that it means. TeamViewer's website has no
 * port 5938, so that the whole domain is tried with one of the servers that terminals register with.
 */
export function sampleOf(pattern: string): string {
  return pattern.replace(/^\*\./, "master1.").replaceAll("*", "1");
}

/** Starts the attempt of each port of a row. The attempts are filled in while the probes run. */
export function startRow(
  context: RowContext,
  row: Destination,
): { attempts: Attempt[]; done: Promise<void> } {
  const attempts = row.ports.map(({ protocol, number }, index): Attempt => {
    const host = row.host === null ? "" : sampleOf(row.host);
    const { service, transport, requirement, availability, tlsInspection } = row;
    return {
      port: number,
      facts: {
        ...noFacts,
        ...{ service, transport, requirement, availability, tlsInspection, protocol },
        // UDP 5938 is the same first choice as TCP 5938.
        isFallback: index > 0 && number !== row.ports[0]?.number,
        isPattern: row.host?.includes("*") ?? false,
        isComplete: false,
        localFamilies: context.surroundings.families(),
      },
      details: {
        host,
        pattern: row.host ?? "",
        port: String(number),
        protocol: protocol.toUpperCase(),
        region: row.region ?? "",
        // What a proxy is asked.
        method: transport === "http" ? "GET" : "CONNECT",
        firstPort: `${row.ports[0]?.protocol.toUpperCase()} ${row.ports[0]?.number}`,
      },
    };
  });
  const probes = attempts.map(async (attempt) => {
    await probe(context, row, attempt);
    attempt.facts.isComplete = !context.stop.aborted;
  });
  return { attempts, done: Promise.all(probes).then(() => {}) };
}

async function probe(context: RowContext, row: Destination, attempt: Attempt): Promise<void> {
  const { facts, details } = attempt;
  const host = details.host as string;
  if (row.transport === "dns") return probeDns(context, attempt);
  if (facts.protocol === "udp") {
    const [address] = (await resolve(context, attempt, host)) ?? [];
    if (address === undefined) return;
    return row.transport === "ntp" ? askTime(context, attempt, address) : knockUdp(context, attempt, address);
  }
  const isPlain = row.transport === "http";
  const proxy = isNeverProxied(attempt)
    ? undefined
    : await context.proxyFor(`${isPlain ? "http" : "https"}://${host}:${attempt.port}/`);
  const open = await prepare(context, attempt, { proxy, host, isPlain });
  const socket = await open?.();
  if (!socket) return;
  if (row.transport === "teamviewer") return void socket.destroy();
  if (isPlain) {
    const question = plainQuestion(host, row.probePath ?? "/", proxy);
    await askHttp(context, attempt, socket, { question, row });
    if (proxy) readProxyAnswer(attempt);
    return;
  }
  const secure = async (first: Socket) =>
    openTls(context, attempt, first, { host, row, reopen: open as () => Promise<Socket | undefined> });
  const secured = await secure(socket);
  if (!secured) return;
  const isWebSocket = row.transport === "websocket";
  const path = isWebSocket ? hubPath : (row.probePath ?? "/");
  await askHttp(context, attempt, secured, { question: { host, path }, row });
  if (!isWebSocket || facts.http !== "service") return;
  const second = await open?.();
  const upgraded = second && (await secure(second));
  if (upgraded) {
    await askUpgrade(context, attempt, upgraded, { host, path: row.probePath ?? webSocketPath });
  }
}

/** TeamViewer uses a proxy for its ports 443 and 80, and none for its own port. */
function isNeverProxied({ facts, port }: Attempt): boolean {
  return facts.transport === "teamviewer" && port !== 443 && port !== 80;
}

/** Resolves the name, and returns what opens a connection; undefined when the name has no address. */
async function prepare(
  context: RowContext,
  attempt: Attempt,
  { proxy, host, isPlain }: { proxy: ProxyChoice | undefined; host: string; isPlain: boolean },
): Promise<(() => Promise<Socket | undefined>) | undefined> {
  if (proxy) {
    attempt.facts.dns = "by-proxy";
    attempt.details.proxySource = proxy.source;
    return isPlain
      ? () => openProxy(context, attempt, proxy)
      : () => openTunnel(context, attempt, proxy, host);
  }
  const addresses = await resolve(context, attempt, host);
  return addresses && (() => openDirect(context, attempt, addresses));
}

async function resolve(
  context: RowContext,
  { facts, details }: Attempt,
  host: string,
): Promise<string[] | undefined> {
  const { surroundings } = context;
  details.dnsServer = surroundings.dnsServers().join(", ") || "none";
  try {
    const { addresses, server } = await waitForStage((signal) => surroundings.resolve(host, signal), context);
    facts.dns = addresses.length > 0 ? "ok" : "not-found";
    if (server) details.dnsServer = server;
    details.addresses = addresses.join(", ");
    facts.addresses =
      addresses.length === 0 ? "none" : addresses.some(isPrivateAddress) ? "private" : "public";
    facts.addressFamilies = familiesOf(addresses);
    return addresses.length > 0 ? addresses : undefined;
  } catch (error) {
    const code = error instanceof StageTimeout ? "" : codeOf(error);
    details.detail = code || "no answer";
    if (["ENOTFOUND", "ENODATA"].includes(code)) facts.dns = "not-found";
    else facts.dns = dnsErrorCodes.has(code) ? "server-error" : "no-answer";
    return undefined;
  }
}

/** Errors that a DNS server itself answers with (RFC 1035, section 4.1.1). */
const dnsErrorCodes = new Set(["ESERVFAIL", "EREFUSED", "ENOTIMP", "EFORMERR"]);

function familiesOf(addresses: readonly string[]): Attempt["facts"]["addressFamilies"] {
  const has6 = addresses.some((address) => address.includes(":"));
  if (addresses.some((address) => !address.includes(":"))) return has6 ? "both" : "ipv4";
  return has6 ? "ipv6" : "none";
}

async function probeDns(context: RowContext, attempt: Attempt): Promise<void> {
  const servers = context.surroundings.dnsServers();
  if (attempt.facts.protocol === "udp") return askDns(context, attempt, context.sampleHost);
  attempt.details.dnsServer = servers.join(", ") || "none";
  if (servers.length === 0) return;
  (await openDirect(context, attempt, servers.map(withoutPort)))?.destroy();
}

/** Node writes a DNS server on another port than 53 as "address:port". */
function withoutPort(server: string): string {
  return server.replace(/^\[(.*)\](:\d+)?$/, "$1").replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, "$1");
}

/** A request to a plain host; a proxy gets the whole URL (RFC 9112, section 3.2.2). */
function plainQuestion(host: string, path: string, proxy: ProxyChoice | undefined): Question {
  if (!proxy) return { host, path };
  return { host, path: `http://${host}${path}`, headers: authorization(proxy.url) };
}

/** Tells the proxy's own refusal of a plain request from the answer of the host, as far as the status shows it. */
function readProxyAnswer({ facts, details }: Attempt): void {
  if (facts.http === "timeout" || facts.http === "closed") return;
  if (details.status === "407") facts.proxy = "sign-in";
  else if (details.status === "403" && facts.http !== "service") facts.proxy = "forbidden";
  else if (["502", "503", "504"].includes(details.status ?? "")) facts.proxy = "refused";
  else if (facts.http === "service") facts.proxy = "ok";
}
