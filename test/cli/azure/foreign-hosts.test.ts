import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { signInWith } from "../../../cli/azure/sign-in.ts";
import { type StackOutputs, stackOutputs } from "../../../cli/azure/stack-outputs.ts";
import { credentialBundle } from "../../../cli/credentials/credential-bundle.ts";
import { offer } from "../../../cli/file-exchange/offers/offer.ts";
import { Lookups } from "../../../reference-terminal/lookups.ts";
import { CountingProxy } from "../../support/counting-proxy.ts";
import { exampleHandover, exampleOutputs } from "../examples.ts";
import { batchOf, onboardedFleet } from "../onboarding/onboarding-desk.ts";
import { jsonLines, runInProcess } from "../run-cli.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 300_000 });

const { fleet, operator, folder, desk, close } = await onboardedFleet("host", 2);
const { outputs } = fleet;
let proxy: CountingProxy;
beforeAll(async () => {
  proxy = await CountingProxy.start(fleet.proxy.url);
  writeFileSync(folder.file("employees.csv"), "1;Example");
  writeFileSync(folder.file("new.csv"), batchOf("new", 1));
});
beforeEach(() => {
  proxy.asked.length = 0;
});
afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await close();
});

const changing = ["--reason", "test", "--yes"];
const sealing = ["--out", folder.file("out"), "--recipient", desk.recipient];
/** Every command that uses the stack outputs. */
const commands: Record<string, string[]> = {
  onboard: ["onboard", folder.file("new.csv"), ...sealing, "--yes"],
  "onboard --dry-run": ["onboard", folder.file("new.csv"), ...sealing, "--dry-run"],
  status: ["status"],
  revoke: ["revoke", "host-0", ...changing],
  "revoke --customer": ["revoke", "--customer", "example-customer", ...changing],
  retire: ["retire", "host-0", ...changing],
  "retire --due": ["retire", "--due", ...changing],
  reinstate: ["reinstate", "host-0", ...sealing, ...changing],
  replace: ["replace", "host-0", "host-9", "--now", ...sealing, ...changing],
  rotate: ["rotate", "host-0", "--yes"],
  "rotate-signing-key": ["rotate-signing-key", "--yes"],
  "clean-up": ["clean-up", "--yes"],
  send: ["send", "host-0", folder.file("employees.csv")],
  request: ["request", "host-0", "terminal.log"],
  files: ["files", "host-0"],
  "audit show": ["audit", "show"],
  "audit verify": ["audit", "verify"],
};

/** For each output with a host: values that name another host, or another resource than the resource ID beside it. */
const foreign: Partial<Record<keyof StackOutputs, string[]>> = {
  hubHostName: [
    "elsewhere.example.com",
    "other.azure-devices.net",
    `${outputs.hubHostName}.example.com`,
    `${outputs.hubHostName}:8443`,
    `elsewhere.example.com/${outputs.hubHostName}`,
    `elsewhere.example.com#${outputs.hubHostName}`,
  ],
  ...Object.fromEntries(
    (
      [
        "filesBlobEndpoint",
        "importsBlobEndpoint",
        "flowKeysTableEndpoint",
        "auditContainerUrl",
        "flowUrl",
      ] as const
    ).map((output) => [output, foreignUrls(outputs[output])]),
  ),
};

function foreignUrls(url: string): string[] {
  const { hostname, pathname } = new URL(url);
  const [name = "", ...suffix] = hostname.split(".");
  return [
    `https://elsewhere.example.com${pathname}`,
    `https://other${name.slice(5)}.${suffix.join(".")}${pathname}`,
    `https://${hostname}.example.com${pathname}`,
    `https://${hostname}.${pathname}`,
    `https://${hostname}@elsewhere.example.com${pathname}`,
    `https://user:password@${hostname}${pathname}`,
    `https://${hostname}:8443${pathname}`,
    `https://${hostname}${pathname}?comp=list`,
    `https://${hostname}${pathname}#fragment`,
    `http://${hostname}${pathname}`,
    `https://127.0.0.1${pathname}`,
    `https://[::1]${pathname}`,
    `https://${hostname}\\@elsewhere.example.com${pathname}`,
  ];
}

/** Runs a command through the counting proxy, as an operator whose environment names it. */
async function run(args: string[], changed: Record<string, unknown>) {
  const file = folder.file("changed-outputs.json");
  writeFileSync(file, JSON.stringify({ ...outputs, ...changed }));
  const network = { ...fleet.network, proxyUrl: proxy.url };
  const azure = { network, signIn: () => signInWith(fleet.credential(undefined, network)) };
  const env = { XDG_DATA_HOME: fleet.env.XDG_DATA_HOME ?? "" };
  return runInProcess([...args, "--outputs", file, "--json"], { azure, env });
}

describe("outputs that name another host", () => {
  test("are not sent anything by any command, and the output is named", async () => {
    for (const [command, args] of Object.entries(commands)) {
      for (const [output, [value]] of Object.entries(foreign)) {
        const { code, stdout } = await run(args, { [output]: value });
        expect([command, output, code, stdout]).toEqual([
          command,
          output,
          2,
          expect.stringContaining(output),
        ]);
      }
    }
    expect(proxy.asked).toEqual([]);
  });

  test.each(Object.entries(foreign).flatMap(([output, values]) => values.map((value) => [output, value])))(
    "%s: %s is rejected before the sign-in",
    async (output, value) => {
      const result = await run(commands.status as string[], { [output]: value });
      expect(result.code, result.stdout).toBe(2);
      expect(jsonLines(result).at(-1)?.message).toContain(`  ${output}: must `);
      expect(proxy.asked).toEqual([]);
    },
  );

  test("unchanged, they are used", async () => {
    const { code, stdout } = await run(commands.status as string[], {});
    expect(code, stdout).toBe(0);
    expect(proxy.asked).toContain(`${outputs.hubHostName}:443`);
  });
});

describe("a resource ID", () => {
  test.each([
    ["hubResourceId", outputs.filesAccountResourceId],
    ["filesAccountResourceId", outputs.hubResourceId],
    ["filesAccountResourceId", outputs.importsAccountResourceId],
    ["filesAccountResourceId", outputs.filesAccountResourceId.replace(outputs.subscriptionId, "other")],
    ["importsAccountResourceId", `${outputs.importsAccountResourceId}/../x`],
    ["flowApiResourceId", outputs.flowApiResourceId.replace(/\/service\/[^/]+/, "/service/other")],
  ])("%s: %s is rejected when it is not that of the stack's resource", (output, value) => {
    const result = stackOutputs.safeParse({ ...outputs, [output]: value });
    expect(result.success).toBe(false);
  });
});

test("outputs of a stack with names of its own are accepted", () => {
  expect(stackOutputs.safeParse(exampleOutputs).error).toBeUndefined();
});

test("a credential bundle that names another host is rejected", () => {
  const bundle = exampleHandover();
  expect(credentialBundle.safeParse(bundle).success).toBe(true);
  for (const hostName of [
    "elsewhere.example.com",
    "x.azure-devices.net.example.com",
    "x.azure-devices.net/y",
  ]) {
    expect(credentialBundle.safeParse({ ...bundle, hub: { ...bundle.hub, hostName } }).success).toBe(false);
  }
  const deviceHost = { ...bundle.hub, hostName: "example.device.azure-devices.net" };
  expect(credentialBundle.safeParse({ ...bundle, hub: deviceHost }).success).toBe(true);
  for (const url of foreignUrls(bundle.flow.url)) {
    const isOfOtherService = url.startsWith("https://other");
    const { success } = credentialBundle.safeParse({ ...bundle, flow: { ...bundle.flow, url } });
    expect([url, success]).toEqual([url, isOfOtherService]);
  }
});

test("an offer whose file link names another host is not an offer", () => {
  const waiting = { direction: "upload", name: "terminal.log", validUntil: "2030-01-01T00:00:00.000Z" };
  const url = "https://example.blob.core.windows.net/example-001/from-terminal/1/terminal.log?sig=x";
  expect(offer.safeParse({ ...waiting, url }).success).toBe(true);
  for (const other of foreignUrls(url)) {
    if (other.includes("other") || other.includes("?")) continue;
    expect([other, offer.safeParse({ ...waiting, url: other }).success]).toEqual([other, false]);
  }
});

test("a file link of another account is not called", async () => {
  const elsewhere = "https://elsewhere.example.com/host-0/to-terminal/x?sig=secret";
  const through = await fleet.connect({ ...fleet.network, proxyUrl: proxy.url });
  proxy.asked.length = 0;
  expect(await through.files.acceptsLink(elsewhere)).toBe(false);
  expect(proxy.asked).toEqual([]);
  expect(await operator.files.acceptsLinks("host-0")).toBe(true);
});

describe("a service that redirects to another host", () => {
  const location = "https://elsewhere.example.com/";
  /** For each service: its host, and a command that calls it. */
  const services: Record<string, [host: string, command: string]> = {
    "the IoT Hub": [fleet.hosts.hub, "files"],
    "the key table": [fleet.hosts.flowKeys, "status"],
    "the files account": [fleet.hosts.files, "request"],
    "the audit log": [fleet.hosts.audit, "audit show"],
    "the Resource Manager": ["management.azure.com", "files"],
    "Entra ID": ["login.microsoftonline.com", "files"],
  };
  test.each(
    Object.keys(services).flatMap((service) => [302, 307, 308].map((status) => [service, status] as const)),
  )("%s with %i: no client goes there, with or without a token", async (service, status) => {
    const [host, command] = services[service] as [string, string];
    const stop = fleet.proxy.faults.add({ host, answer: { status, headers: { location } } });
    const { code } = await run(commands[command] as string[], {});
    stop();
    expect(code).not.toBe(0);
    expect(proxy.asked).toContain(`${host}:443`);
    expect(proxy.asked.filter((target) => target.startsWith("elsewhere"))).toEqual([]);
  });
});

test("a gateway that redirects to another host gets no lookup sent there, so that the keys stay", async () => {
  const bundle = await desk.open("host-0");
  const location = "https://elsewhere.example.com/";
  fleet.sandbox.endpoints.push({
    serves: (host) => host === fleet.hosts.flow,
    request: (_request, response) => void response.writeHead(307, { location }).end(),
  });
  const lookups = new Lookups(() => bundle, { ...fleet.network, proxyUrl: proxy.url });
  const { status } = await lookups.get("v1/employees/1001");
  expect(status).toBe(307);
  expect(proxy.asked).toEqual([`${fleet.hosts.flow}:443`]);
});

describe("NODE_TLS_REJECT_UNAUTHORIZED=0", () => {
  test.each(Object.keys(commands))("is refused by %s, which sends nothing", async (command) => {
    const env = { ...fleet.env, HTTPS_PROXY: proxy.url, NODE_TLS_REJECT_UNAUTHORIZED: "0" };
    const args = [...(commands[command] as string[]), "--outputs", desk.outputs];
    const { code, stderr } = await runInProcess(args, { env });
    expect([code, stderr]).toEqual([2, expect.stringContaining("NODE_TLS_REJECT_UNAUTHORIZED=0")]);
    expect(stderr).toContain("NODE_EXTRA_CA_CERTS");
    expect(proxy.asked).toEqual([]);
  });

  test("is refused by simulate, which sends nothing", async () => {
    const args = [
      "simulate",
      `${desk.out}/host-0.age`,
      "--identity",
      desk.writeIdentity(),
      "--folder",
      folder.file("s"),
    ];
    const env = { HTTPS_PROXY: proxy.url, NODE_TLS_REJECT_UNAUTHORIZED: "0" };
    const { code, stderr } = await runInProcess(args, { env });
    expect([code, stderr]).toEqual([2, expect.stringContaining("NODE_EXTRA_CA_CERTS")]);
    expect(proxy.asked).toEqual([]);
  });
});

test("another cloud's AZURE_AUTHORITY_HOST is refused, and the client secret is not sent", async () => {
  const env = { ...fleet.env, HTTPS_PROXY: proxy.url, AZURE_AUTHORITY_HOST: "https://elsewhere.example.com" };
  const { code, stderr } = await runInProcess(["status", "--outputs", desk.outputs], { env });
  expect([code, stderr]).toEqual([2, expect.stringContaining("AZURE_AUTHORITY_HOST")]);
  expect(proxy.asked).toEqual([]);
});
