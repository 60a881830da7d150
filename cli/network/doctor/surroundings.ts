import { createSocket } from "node:dgram";
import { Resolver } from "node:dns";
import { getServers, lookup, Resolver as PromiseResolver } from "node:dns/promises";
import { connect, type Socket } from "node:net";
import { hostname, networkInterfaces } from "node:os";
import { getCACertificates } from "node:tls";

/** Addresses of a name, and the DNS server that gave them. */
export interface Resolution {
  addresses: string[];
  /** Address of the DNS server; undefined where the system did not say, for example for its hosts file. */
  server: string | undefined;
}

/** What the doctor uses of the computer that it runs on. Tests put a network of their own in its place. */
export interface Surroundings {
  /** The computer's name, for the report. */
  computer: string;
  /** Resolves a name as every program of this computer does. @throws Error with a code, for example ENOTFOUND. */
  resolve(host: string, signal: AbortSignal): Promise<Resolution>;
  /** DNS servers that the network gave this computer. */
  dnsServers(): string[];
  /** Asks one DNS server for a name, over UDP. Resolves when it answers, also with "not found". */
  queryDns(server: string, host: string, signal: AbortSignal): Promise<void>;
  /** Opens a TCP connection. */
  connect(address: string, port: number): Socket;
  /** Sends one datagram and resolves with the answer. @throws Error with code ECONNREFUSED when the port is closed. */
  exchange(address: string, port: number, datagram: Buffer, signal: AbortSignal): Promise<Buffer>;
  /** IP versions that this computer has an address of, beside its loopback and link-local ones. */
  families(): "ipv4" | "ipv6" | "both" | "none";
  /** Certificates that this computer trusts (PEM). */
  trusted(): string[];
  /** Milliseconds since 1970. */
  now(): number;
}

/** This computer. */
export const thisComputer: Surroundings = {
  computer: hostname(),
  async resolve(host, signal) {
    const [addresses, { server, error }] = await Promise.all([
      lookup(host, { all: true }).catch((reason) => reason as Error),
      findAnsweringServer(host, signal),
    ]);
    // The system has one code for a server that does not answer and for one that answers with an error.
    if (addresses instanceof Error) throw codeOf(addresses) === "EAI_AGAIN" && error ? error : addresses;
    return { addresses: addresses.map(({ address }) => address), server };
  },
  dnsServers: () => getServers(),
  async queryDns(server, host, signal) {
    const resolver = new PromiseResolver({ tries: 1 });
    resolver.setServers([server]);
    const cancel = () => resolver.cancel();
    signal.addEventListener("abort", cancel, { once: true });
    try {
      await resolver.resolve4(host);
    } catch (error) {
      // These are answers of the server.
      if (!["ENOTFOUND", "ENODATA", "ESERVFAIL", "EREFUSED"].includes(codeOf(error))) throw error;
    } finally {
      signal.removeEventListener("abort", cancel);
    }
  },
  connect: (address, port) => connect({ host: address, port }),
  exchange,
  families() {
    const all = Object.values(networkInterfaces()).flatMap((one) => one ?? []);
    const outside = all.filter(({ internal, address }) => !internal && !/^(fe80:|169\.254\.)/i.test(address));
    const [has4, has6] = (["IPv4", "IPv6"] as const).map((name) =>
      outside.some((one) => one.family === name),
    );
    return has4 ? (has6 ? "both" : "ipv4") : has6 ? "ipv6" : "none";
  },
  trusted: () => [...new Set([...getCACertificates("default"), ...systemCertificates()])],
  now: Date.now,
};

/** Windows and macOS keep certificates that a company has installed in the system, where Node does not look by itself. */
function systemCertificates(): string[] {
  try {
    return getCACertificates("system");
  } catch {
    return [];
  }
}

/** The first DNS server that answers for this name, else the first error that a server answered with. */
async function findAnsweringServer(
  host: string,
  signal: AbortSignal,
): Promise<{ server?: string; error?: Error }> {
  let first: Error | undefined;
  for (const server of getServers()) {
    const resolver = new Resolver({ tries: 1, timeout: 1_500 });
    try {
      resolver.setServers([server]);
    } catch {
      continue;
    }
    const error = await new Promise<Error | null>((done) => resolver.resolve4(host, done));
    if (!error || codeOf(error) === "ENODATA") return { server };
    if (["ESERVFAIL", "EREFUSED"].includes(codeOf(error))) first ??= error;
    if (signal.aborted) break;
  }
  return { error: first };
}

function exchange(address: string, port: number, datagram: Buffer, signal: AbortSignal): Promise<Buffer> {
  const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
  return new Promise<Buffer>((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    socket.on("error", reject);
    socket.on("message", resolve);
    // A connected socket is told by ICMP that the port is closed.
    socket.connect(port, address, () => socket.send(datagram));
  }).finally(() => socket.close());
}

/** The code of an error; empty without one. */
export function codeOf(error: unknown): string {
  return (error as { code?: string } | undefined)?.code ?? "";
}
