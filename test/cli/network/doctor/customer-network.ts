import { X509Certificate } from "node:crypto";
import { Resolver } from "node:dns/promises";
import { connect, type Socket } from "node:net";
import { createEndpointList } from "../../../../cli/network/create-list.ts";
import { sampleOf } from "../../../../cli/network/doctor/probe/probe-row.ts";
import { chooseProxy, type ProxyOptions } from "../../../../cli/network/doctor/proxy/proxy-settings.ts";
import type { DoctorReport } from "../../../../cli/network/doctor/report.ts";
import { type DoctorOptions, runDoctor } from "../../../../cli/network/doctor/run-doctor.ts";
import { type Surroundings, thisComputer } from "../../../../cli/network/doctor/surroundings.ts";
import type { Destination, EndpointList } from "../../../../cli/network/endpoint-list.ts";
import type { AzureProxy } from "../../../../sandbox/proxy/proxy.ts";
import type { ServiceEndpoint } from "../../../../sandbox/proxy/service-endpoint.ts";
import { type DeployedFleet, deployFleet, type FleetOptions } from "../../../support/fleet.ts";
import {
  type LocalServer,
  startDnsServer,
  startHttp,
  startSilentTcp,
  startTimeServer,
  type Zone,
} from "../../../support/loopback-network.ts";

/** Host of a certificate authority, which the sandbox does not emulate. */
export const statusHost = "crl3.digicert.com";
/** As much of a revocation list as the doctor looks at: an ASN.1 sequence of the length that it says. */
export const emptyCrl = Buffer.concat([Buffer.from([0x30, 0x82, 0x01, 0x00]), Buffer.alloc(256)]);
/** Nothing listens at this address of the computer itself. */
const closedAddress = "127.0.0.2";
const timeHost = "time.windows.com";

/** Rows of the list that the tests check: the ones of Azure, DNS, time, TeamViewer, and one of certificates. */
const isTested = ({ id, service }: Destination) =>
  service !== "certificate-status" || id.endsWith(statusHost.replaceAll(".", "-"));

/**
 * A customer's network in front of the sandbox. Names resolve at a DNS server of the test to addresses of the internet,
 * and a connection to such an address is led to a port on this computer, or to a fault.
 */
export class CustomerNetwork implements AsyncDisposable {
  readonly fleet: DeployedFleet;
  readonly list: EndpointList;
  /** Address of each host by its name. */
  readonly addresses: ReadonlyMap<string, string>;
  /** Where connections of a healthy network end: ports of this computer. */
  readonly ports: Record<"azure" | "status" | "teamviewer" | "dns" | "dnsTcp" | "time" | "held", number>;
  private readonly cleanUp: AsyncDisposableStack;

  private constructor(
    fleet: DeployedFleet,
    ports: CustomerNetwork["ports"],
    addresses: ReadonlyMap<string, string>,
    list: EndpointList,
    cleanUp: AsyncDisposableStack,
  ) {
    this.fleet = fleet;
    this.ports = ports;
    this.addresses = addresses;
    this.list = list;
    this.cleanUp = cleanUp;
  }

  static async start(options: FleetOptions = {}, given?: DeployedFleet): Promise<CustomerNetwork> {
    await using cleanUp = new AsyncDisposableStack();
    const fleet = given ?? cleanUp.use(await deployFleet({ gateway: true, ...options }));
    const list = createTestList(fleet);
    const addresses = new Map<string, string>();
    for (const { host } of list.destinations) {
      // 20.0.0.0/8 is Microsoft's.
      if (host) addresses.set(sampleOf(host), `20.0.0.${addresses.size + 1}`);
    }
    fleet.sandbox.endpoints.push(statusEndpoint);
    const port = (server: LocalServer) => cleanUp.use(server).port;
    const ports = {
      azure: await fleet.proxy.listen(0, 443),
      status: port(
        await startHttp((_, res) =>
          res.writeHead(200, { "content-type": "application/pkix-crl" }).end(emptyCrl),
        ),
      ),
      teamviewer: port(await startSilentTcp()),
      dns: port(await startDnsServer((name) => addresses.get(name))),
      dnsTcp: port(await startSilentTcp()),
      time: port(await startTimeServer()),
      held: port(await startSilentTcp()),
    };
    return new CustomerNetwork(fleet, ports, addresses, list, cleanUp.move());
  }

  /** Address of a row's host. */
  addressOf(host: string): string {
    return this.addresses.get(sampleOf(host)) as string;
  }

  /** URL of a proxy that does not run. */
  get closedUrl(): string {
    return `http://${closedAddress}:${this.ports.held}`;
  }

  /** A connection to a closed port. The same port of 127.0.0.1 is open, so no other server gets it. */
  refuse(): Socket {
    return connect(this.ports.held, closedAddress);
  }

  /** Opens a proxy to the sandbox whose certificates come from another authority, as TLS inspection does. */
  startInspection(dir: string, endpoints?: ServiceEndpoint[]): Promise<AzureProxy> {
    return this.fleet.sandbox.startInspectingProxy(dir, endpoints);
  }

  /** The surroundings of a computer in this network, without faults except for the given ones. */
  surroundings(
    faults: Partial<Surroundings> & { zone?: Zone; dnsPort?: number; timePort?: number | null },
  ): Surroundings {
    const { dnsPort = this.ports.dns, timePort = this.ports.time } = faults;
    const server = `127.0.0.1:${dnsPort}`;
    return {
      ...thisComputer,
      computer: "example-001",
      async resolve(host, signal) {
        const resolver = new Resolver({ tries: 1 });
        resolver.setServers([server]);
        signal.addEventListener("abort", () => resolver.cancel(), { once: true });
        return { addresses: await resolver.resolve4(host), server };
      },
      dnsServers: () => [server],
      connect: (address, port) => this.connect(address, port),
      exchange: (address, port, datagram, signal) =>
        port === 123 && address === this.addressOf(timeHost) && timePort !== null
          ? thisComputer.exchange("127.0.0.1", timePort, datagram, signal)
          : thisComputer.exchange(closedAddress, this.ports.held, datagram, signal),
      families: () => "ipv4",
      trusted: () => [this.fleet.proxy.ca],
      ...faults,
    };
  }

  /** Connects to the port of this computer that stands for an address of the internet. */
  connect(address: string, port: number, azure = this.ports.azure, status = this.ports.status): Socket {
    if (address.startsWith("127.") && port !== 53) return connect(port, address);
    const stands: Record<number, number> = {
      53: this.ports.dnsTcp,
      80: status,
      443: azure,
      5938: this.ports.teamviewer,
    };
    const open = stands[port];
    return open === undefined ? this.refuse() : connect(open, "127.0.0.1");
  }

  /** Runs the doctor in this network. */
  async check(
    faults: Parameters<CustomerNetwork["surroundings"]>[0] = {},
    {
      proxy = { proxy: "none" },
      ...options
    }: { proxy?: ProxyOptions } & Partial<Pick<DoctorOptions, "bundle" | "limits" | "list">> = {},
  ): Promise<DoctorReport> {
    return runDoctor({
      list: this.list,
      proxy: await chooseProxy(proxy),
      surroundings: this.surroundings(faults),
      ...options,
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.cleanUp.disposeAsync();
  }
}

/** The list of the deployed stack, whose Azure rows chain to the sandbox's root. */
function createTestList(fleet: DeployedFleet): EndpointList {
  const list = createEndpointList({ ...fleet.outputs, now: Date.now() });
  const { fingerprint, fingerprint256 } = new X509Certificate(fleet.proxy.ca);
  const root = {
    name: "Root of the sandbox",
    thumbprint: fingerprint.replaceAll(":", ""),
    sha256: fingerprint256.replaceAll(":", ""),
  };
  const rows = list.destinations.filter(isTested);
  return {
    ...list,
    destinations: rows.map((row) => (row.roots.length > 0 ? { ...row, roots: [root] } : row)),
  };
}

/** The certificate authority's host behind the sandbox's proxy. */
const statusEndpoint: ServiceEndpoint = {
  serves: (host) => host === statusHost,
  plainHttp: true,
  request: (_, res) => void res.writeHead(200, { "content-type": "application/pkix-crl" }).end(emptyCrl),
};
