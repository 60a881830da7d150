import { readFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { connect as connectTo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { DoctorReport } from "../../../../cli/network/doctor/report.ts";
import { doctorReport } from "../../../../cli/network/doctor/report.ts";
import { reasonWords, verdictWords } from "../../../../cli/network/doctor/words.ts";
import { CertificateAuthority } from "../../../../sandbox/proxy/certificate-authority.ts";
import { type ConnectFault, startBadProxy } from "../../../support/bad-proxy.ts";
import {
  droppedConnection,
  startHttp,
  startSilentTcp,
  startSilentUdp,
  startTimeServer,
  startTls,
  unroutedConnection,
} from "../../../support/loopback-network.ts";
import { projectRoot } from "../../../support/project-root.ts";
import { CustomerNetwork, statusHost } from "./customer-network.ts";

/*
 * A fault of each kind between a terminal and the sandbox. Each case says which reason each destination gets; the table in
 * docs/reference/doctor.md is made from what the doctor said.
 */

let network: CustomerNetwork;
let inspector: CertificateAuthority;

beforeAll(async () => {
  network = await CustomerNetwork.start();
  inspector = await CertificateAuthority.open(join(network.fleet.sandbox.folder, "inspector"));
});
afterAll(() => network?.[Symbol.asyncDispose]());

interface Fault {
  /** For the table. */
  fault: string;
  check(): Promise<DoctorReport>;
  /** Reason of each destination that is not in its healthy state. */
  reasons: Record<string, string>;
  outcome: DoctorReport["outcome"];
  regionsCutOff?: string[];
}

const hub = "iot-hub";
const hubSoon = "iot-hub-second-name";
const blob = "blob-storage";
const flow = "flow-api";
const status = `certificates-${statusHost.replaceAll(".", "-")}`;
const teamviewer = ["teamviewer", "teamviewer-master", "teamviewer-router"];
const azure = [hub, hubSoon, blob, flow];

const healthy: Record<string, string> = {
  ...Object.fromEntries(azure.map((id) => [id, "reached"])),
  dns: "dns-answers",
  time: "time-answers",
  [status]: "reached",
  ...Object.fromEntries(teamviewer.map((id) => [id, "sample-reached"])),
};
const each = (ids: string[], reason: string) => Object.fromEntries(ids.map((id) => [id, reason]));
/** The row of an IoT Hub's second name fails like the first one, but is not needed yet. */
const hubs = (reason: string) => ({ [hub]: reason, [hubSoon]: "not-used-yet" });
const allAzure = (reason: string) => ({ ...each([blob, flow], reason), ...hubs(reason) });

const hostOf = (id: string) => network.list.destinations.find((row) => row.id === id)?.host as string;
const addressOf = (id: string) => network.addressOf(hostOf(id));

/** Connections to the port of some rows get a fault; the others succeed. */
const connectWith =
  (ids: string[], port: number, fault: () => ReturnType<typeof droppedConnection> | number) =>
  (address: string, to: number) => {
    if (to !== port || !ids.map(addressOf).includes(address)) return network.connect(address, to);
    const answer = fault();
    return typeof answer === "number" ? network.connect("127.0.0.1", answer) : answer;
  };

/** A check through a proxy that does something with some hosts. */
async function throughBadProxy(
  fault: ConnectFault,
  isBad: Parameters<typeof startBadProxy>[1] = () => true,
  credentials = "",
): Promise<DoctorReport> {
  await using proxy = await startBadProxy(fault, isBad, network.fleet.proxy.url);
  return await network.check({}, { proxy: { proxy: proxy.url.replace("//", `//${credentials}`) } });
}

/** A check through a proxy that decrypts TLS. */
async function throughInspection(options: {
  isTrusted: boolean;
  answer?: { status: number; body: string };
  refusesUpgrade?: boolean;
}): Promise<DoctorReport> {
  const { endpoints } = network.fleet.sandbox;
  const behind = options.refusesUpgrade
    ? endpoints.map((one) => ({
        serves: one.serves.bind(one),
        request: one.request.bind(one),
        plainHttp: one.plainHttp,
      }))
    : endpoints;
  const proxy = await network.startInspection("inspector", behind);
  if (options.answer) {
    proxy.faults.add({ answer: { ...options.answer, headers: { "content-type": "text/html" } } });
  }
  try {
    const trusted = () => [network.fleet.proxy.ca, ...(options.isTrusted ? [inspector.pem] : [])];
    return await network.check({ trusted }, { proxy: { proxy: proxy.url } });
  } finally {
    await proxy.close();
  }
}

/** A check in a network whose sign-in page answers on port 80, and which drops port 443. */
async function throughPortal(
  answer: RequestListener,
  faults: Parameters<CustomerNetwork["check"]>[0] = {},
): Promise<DoctorReport> {
  await using page = await startHttp(answer);
  const connect = (address: string, port: number) => {
    if (port === 443) return droppedConnection();
    return port === 80 ? network.connect("127.0.0.1", page.port) : network.connect(address, port);
  };
  return await network.check({ connect, ...faults });
}

const rightPassword = "user:right%40word@";
const isUnsigned = (_: string, headers: { "proxy-authorization"?: string | undefined }) =>
  headers["proxy-authorization"] !== `Basic ${Buffer.from("user:right@word").toString("base64")}`;

const faults: Fault[] = [
  { fault: "none, direct connections", check: () => network.check(), reasons: {}, outcome: "ok" },
  {
    fault: "none, through a proxy without sign-in",
    check: () => network.check({}, { proxy: { proxy: network.fleet.proxy.url } }),
    reasons: {},
    outcome: "ok",
  },
  {
    fault: "no DNS: its server does not answer",
    async check() {
      await using silent = await startSilentUdp();
      return await network.check({ dnsPort: silent.port });
    },
    reasons: {
      ...allAzure("dns-no-server"),
      dns: "dns-no-server",
      time: "time-no-answer",
      [status]: "dns-no-server",
      ...each(teamviewer, "sample-not-resolved"),
    },
    outcome: "blocked",
  },
  {
    fault: "DNS does not know a name",
    check: () =>
      network.check({
        async resolve(host, signal) {
          if (host !== hostOf(blob)) return network.surroundings({}).resolve(host, signal);
          throw Object.assign(new Error("queryA ENOTFOUND"), { code: "ENOTFOUND" });
        },
      }),
    reasons: { [blob]: "dns-not-found" },
    outcome: "blocked",
  },
  {
    fault: "DNS answers with an error (SERVFAIL)",
    check: () =>
      network.check({
        async resolve(host, signal) {
          if (host !== hostOf(blob)) return network.surroundings({}).resolve(host, signal);
          throw Object.assign(new Error("queryA ESERVFAIL"), { code: "ESERVFAIL" });
        },
      }),
    reasons: { [blob]: "dns-server-error" },
    outcome: "blocked",
  },
  {
    fault: "DNS gives only IPv6 addresses, in a network with IPv4",
    check: () =>
      network.check({
        async resolve(host, signal) {
          const real = await network.surroundings({}).resolve(host, signal);
          return host === hostOf(blob) ? { ...real, addresses: ["2603:1020::1"] } : real;
        },
        connect: (address, port) =>
          address.includes(":") ? unroutedConnection() : network.connect(address, port),
      }),
    reasons: { [blob]: "dns-ipv6-only" },
    outcome: "blocked",
  },
  {
    fault: "a DNS that lies: an address that is not on the internet",
    check: () =>
      network.check({
        async resolve(host, signal) {
          const real = await network.surroundings({}).resolve(host, signal);
          return host === hostOf(flow) ? { ...real, addresses: ["10.0.0.53"] } : real;
        },
        connect: (address, port) =>
          address === "10.0.0.53" ? network.refuse() : network.connect(address, port),
      }),
    reasons: { [flow]: "dns-wrong-address" },
    outcome: "blocked",
  },
  {
    fault: "a DNS that lies: the address of another server",
    async check() {
      await using server = await startTls(await inspector.leaf("blocked.example"));
      return await network.check({ connect: connectWith([hub, hubSoon], 443, () => server.port) });
    },
    reasons: hubs("wrong-server"),
    outcome: "blocked",
  },
  {
    fault: "closed port",
    check: () => network.check({ connect: connectWith([blob], 443, () => network.refuse()) }),
    reasons: { [blob]: "port-closed" },
    outcome: "blocked",
  },
  {
    fault: "silent drop",
    check: () => network.check({ connect: connectWith([blob], 443, droppedConnection) }),
    reasons: { [blob]: "dropped" },
    outcome: "blocked",
  },
  {
    fault: "no route",
    check: () => network.check({ connect: connectWith([blob], 443, unroutedConnection) }),
    reasons: { [blob]: "no-route" },
    outcome: "blocked",
  },
  {
    fault: "only the second name of the IoT Hub is blocked",
    check: () => network.check({ connect: connectWith([hubSoon], 443, () => network.refuse()) }),
    reasons: { [hubSoon]: "not-used-yet" },
    outcome: "ok",
  },
  {
    fault: "a firewall that drops TLS by its server name",
    async check() {
      await using server = await startSilentTcp();
      return await network.check({ connect: connectWith([flow], 443, () => server.port) });
    },
    reasons: { [flow]: "tls-no-answer" },
    outcome: "blocked",
    regionsCutOff: [],
  },
  {
    fault: "proxy with sign-in, without user and password",
    check: () => throughBadProxy(407, isUnsigned),
    reasons: { ...allAzure("proxy-sign-in"), [status]: "proxy-sign-in" },
    outcome: "blocked",
  },
  {
    fault: "proxy with sign-in, with a wrong password",
    check: () => throughBadProxy(407, isUnsigned, "user:wrong@"),
    reasons: { ...allAzure("proxy-sign-in-refused"), [status]: "proxy-sign-in-refused" },
    outcome: "blocked",
  },
  {
    fault: "proxy with sign-in, with user and password",
    check: () => throughBadProxy(407, isUnsigned, rightPassword),
    reasons: each([...azure, status], "proxy-signed-in"),
    outcome: "ok",
  },
  {
    fault: "proxy that refuses CONNECT by 403",
    check: () => throughBadProxy(403, (host) => host === hostOf(hub)),
    reasons: { [hub]: "proxy-forbids" },
    outcome: "blocked",
  },
  {
    fault: "proxy that refuses CONNECT by 404",
    check: () => throughBadProxy(404, (host) => host === hostOf(hub)),
    reasons: { [hub]: "proxy-refuses" },
    outcome: "blocked",
  },
  {
    fault: "proxy that ends the connection",
    check: () => throughBadProxy("closes", (host) => host === hostOf(hub)),
    reasons: { [hub]: "proxy-closed" },
    outcome: "blocked",
  },
  {
    fault: "proxy that does not answer",
    check: () => throughBadProxy("silent", (host) => host === hostOf(hub)),
    reasons: { [hub]: "proxy-no-answer" },
    outcome: "blocked",
  },
  {
    fault: "proxy that cannot be reached",
    check: () => network.check({}, { proxy: { proxy: network.closedUrl } }),
    reasons: { ...allAzure("proxy-unreachable"), [status]: "proxy-unreachable" },
    outcome: "blocked",
  },
  {
    fault: "proxy whose name has no address",
    check: () => {
      const connect = (address: string, port: number) =>
        address === "proxy.invalid" ? connectTo({ host: address, port }) : network.connect(address, port);
      return network.check({ connect }, { proxy: { proxy: "http://proxy.invalid:8080" } });
    },
    reasons: { ...allAzure("proxy-not-found"), [status]: "proxy-not-found" },
    outcome: "blocked",
  },
  {
    fault: "proxy that opens the tunnel and cuts it",
    check: () => throughBadProxy("cuts", (host) => host === hostOf(hub)),
    reasons: { [hub]: "tls-broken" },
    outcome: "blocked",
  },
  {
    fault: "proxy that cannot reach the destinations (502)",
    check: () => throughBadProxy(502),
    reasons: { ...allAzure("proxy-refuses"), [status]: "proxy-refuses" },
    outcome: "blocked",
  },
  {
    fault: "proxy that allows HTTPS and refuses the upgrade",
    check: () => throughInspection({ isTrusted: true, refusesUpgrade: true }),
    reasons: { ...hubs("upgrade-refused"), ...each([blob, flow], "inspected-allowed") },
    outcome: "blocked",
  },
  {
    fault: "TLS inspection, its root is not installed",
    check: () => throughInspection({ isTrusted: false }),
    reasons: allAzure("inspected-untrusted"),
    outcome: "blocked",
  },
  {
    fault: "TLS inspection, its root is installed",
    check: () => throughInspection({ isTrusted: true }),
    reasons: { ...each([hub, hubSoon], "inspected-forbidden"), ...each([blob, flow], "inspected-allowed") },
    outcome: "ok",
  },
  {
    fault: "TLS inspection that answers with its own page",
    check: () => throughInspection({ isTrusted: true, answer: { status: 403, body: "<html>No</html>" } }),
    reasons: { ...allAzure("foreign-answer"), [status]: "proxy-forbids" },
    outcome: "blocked",
  },
  {
    fault: "TLS 1.0 only",
    async check() {
      const authority = await CertificateAuthority.open(join(network.fleet.sandbox.folder, "proxy"));
      const leaf = await authority.leaf(hostOf(flow));
      const old = { minVersion: "TLSv1", maxVersion: "TLSv1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
      await using server = await startTls({ ...leaf, ...old });
      return await network.check({ connect: connectWith([flow], 443, () => server.port) });
    },
    reasons: { [flow]: "tls-too-old" },
    outcome: "blocked",
  },
  {
    fault: "clock an hour off",
    check: () => network.check({ now: () => Date.now() + 3_600_000 }),
    reasons: {
      ...hubs("clock-off"),
      [blob]: "clock-off",
      [flow]: "clock-off-elsewhere",
      time: "clock-off",
      [status]: "clock-off-elsewhere",
    },
    outcome: "blocked",
  },
  {
    fault: "a time server that is an hour off",
    async check() {
      await using server = await startTimeServer(-3_600_000);
      return await network.check({ timePort: server.port });
    },
    reasons: { time: "time-server-wrong" },
    outcome: "blocked",
  },
  {
    fault: "time server blocked, clock right",
    check: () => network.check({ timePort: null }),
    reasons: { time: "time-from-elsewhere" },
    outcome: "ok",
  },
  {
    fault: "captive portal",
    async check() {
      await using page = await startHttp((_, res) =>
        res.writeHead(302, { location: "http://portal.example/sign-in" }).end(),
      );
      await using secure = await startTls(await inspector.leaf("portal.example"));
      return await network.check({
        connect: (address, port) => network.connect(address, port, secure.port, page.port),
      });
    },
    reasons: { ...allAzure("captive-portal"), [status]: "captive-portal" },
    outcome: "blocked",
  },
  {
    fault: "captive portal that answers 200 and drops port 443",
    check: () => throughPortal((_, res) => res.writeHead(200, { "content-type": "text/html" }).end("<html>")),
    reasons: { ...allAzure("captive-portal"), [status]: "captive-portal" },
    outcome: "blocked",
  },
  {
    fault: "captive portal that answers 511 and drops port 443",
    check: () => throughPortal((_, res) => res.writeHead(511).end()),
    reasons: { ...allAzure("captive-portal"), [status]: "captive-portal" },
    outcome: "blocked",
  },
  {
    fault: "captive portal that gives all names its own address",
    check: () =>
      throughPortal((_, res) => res.writeHead(302, { location: "//portal.example/" }).end(), {
        resolve: async () => ({ addresses: ["192.168.1.1"], server: "192.168.1.1" }),
      }),
    reasons: {
      ...each([blob, flow, status, ...teamviewer], "captive-portal"),
      ...hubs("captive-portal"),
      time: "time-no-answer",
    },
    outcome: "blocked",
  },
  {
    fault: "a filter that answers for the servers of certificates with its page",
    async check() {
      await using page = await startHttp((_, res) =>
        res.writeHead(302, { location: "http://filter.example/blocked" }).end(),
      );
      return await network.check({ connect: connectWith([status], 80, () => page.port) });
    },
    reasons: { [status]: "foreign-answer", ...each(azure, "revocation-blocked") },
    outcome: "ok",
  },
  {
    fault: "servers of certificates answer with 404",
    async check() {
      await using page = await startHttp((_, res) => res.writeHead(404).end());
      return await network.check({ connect: connectWith([status], 80, () => page.port) });
    },
    reasons: { [status]: "unclear-answer" },
    outcome: "ok",
  },
  {
    fault: "IPv6 only",
    check: () => network.check({ families: () => "ipv6", connect: unroutedConnection, timePort: null }),
    reasons: {
      ...allAzure("ipv6-only"),
      time: "time-no-answer",
      [status]: "ipv6-only",
      ...each(teamviewer, "ipv6-only"),
    },
    outcome: "blocked",
  },
  {
    fault: "one region cut off (West Europe)",
    check: () => network.check({ connect: connectWith([hub, hubSoon, blob], 443, droppedConnection) }),
    reasons: { ...hubs("region-cut-off"), [blob]: "region-cut-off" },
    outcome: "blocked",
    regionsCutOff: ["westeurope"],
  },
  {
    fault: "one region cut off (Norway East, with one destination)",
    check: () => network.check({ connect: connectWith([flow], 443, droppedConnection) }),
    reasons: { [flow]: "dropped" },
    outcome: "blocked",
    regionsCutOff: ["norwayeast"],
  },
  {
    fault: "servers of revoked certificates blocked",
    check: () => network.check({ connect: connectWith([status], 80, () => network.refuse()) }),
    reasons: { [status]: "port-closed", ...each(azure, "revocation-blocked") },
    outcome: "ok",
  },
  {
    fault: "TeamViewer's own port blocked",
    check: () => network.check({ connect: connectWith(teamviewer, 5938, () => network.refuse()) }),
    reasons: each(teamviewer, "fallback-port"),
    outcome: "ok",
  },
  {
    fault: "no DNS behind a proxy",
    async check() {
      await using silent = await startSilentUdp();
      const connect = (address: string, port: number) =>
        port === 53 ? network.refuse() : network.connect(address, port);
      const faulty = { dnsPort: silent.port, connect };
      return await network.check(faulty, { proxy: { proxy: network.fleet.proxy.url } });
    },
    reasons: {
      dns: "proxy-resolves",
      time: "time-from-elsewhere",
      ...each(teamviewer, "proxy-forbids"),
    },
    outcome: "ok",
  },
  {
    fault: "the time for the whole run is over",
    check: () => {
      const limits = { stageMs: 60_000, runMs: 8_000 };
      return network.check({ connect: connectWith([flow], 443, droppedConnection) }, { limits });
    },
    reasons: { [flow]: "not-finished" },
    outcome: "incomplete",
  },
];

const reports = new Map<string, DoctorReport>();

test.concurrent.each(faults)("$fault: each destination gets its reason", async (one) => {
  const report = await one.check();
  reports.set(one.fault, report);
  const reasons = Object.fromEntries(report.results.map(({ id, reason }) => [id, reason]));
  expect(reasons).toEqual({ ...healthy, ...one.reasons });
  expect(report.outcome).toBe(one.outcome);
  if (one.regionsCutOff) expect(report.regionsCutOff).toEqual(one.regionsCutOff);
  expect(doctorReport.parse(report)).toEqual(report);
  // Every placeholder was known.
  const texts = report.results.flatMap(({ why, request }) => [why.en, why.no, request?.en, request?.no]);
  expect(texts.filter((text) => text?.includes("?:") || / \?[ .,)]|\{/.test(text ?? ""))).toEqual([]);
});

test("docs/reference/doctor.md has the table of faults", async () => {
  const page = join(projectRoot, "docs", "reference", "doctor.md");
  const rows = faults.flatMap(({ fault }) => rowsOf(fault, reports.get(fault) as DoctorReport));
  const table = ["| fault | destinations | verdict | why |", "|---|---|---|---|", ...rows].join("\n");
  const [before, after] = readFileSync(page, "utf8").split(
    /(?<=<!-- faults: begin -->\n)[\s\S]*(?=<!-- faults: end -->)/,
  );
  await expect(`${before}\n${table}\n\n${after}`).toMatchFileSnapshot(page);
});

/** Rows of the table: the destinations with the same reason together, without those that are as without a fault. */
function rowsOf(fault: string, { results }: DoctorReport): string[] {
  const isShown = ({ id, reason }: DoctorReport["results"][number]) =>
    fault.startsWith("none") || reason !== healthy[id];
  const groups = Map.groupBy(results.filter(isShown), ({ verdict, reason }) => `${verdict} ${reason}`);
  return [...groups.values()].map((group, index) => {
    const [{ verdict, reason }] = group as [DoctorReport["results"][number]];
    const ids = group.map(({ id }) => `\`${id}\``).join(", ");
    const why = reasonWords[reason]?.why.en.replaceAll("|", "\\|");
    return `| ${index === 0 ? fault : ""} | ${ids} | ${verdictWords[verdict].en} | \`${reason}\`: ${why} |`;
  });
}
