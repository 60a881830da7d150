import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createProgram } from "../../cli/commands/program.ts";
import { createEndpointList } from "../../cli/network/create-list.ts";
import { Output } from "../../cli/terminal-ui/output.ts";
import { Prompt } from "../../cli/terminal-ui/prompt.ts";
import { batchOf, onboardedFleet } from "../cli/onboarding/onboarding-desk.ts";
import { type CliResult, jsonLines, runInProcess } from "../cli/run-cli.ts";
import { type ConnectFault, startBadProxy } from "../support/bad-proxy.ts";

/* A proxy of each kind that is not Azure, in front of every command of the command line. */

let setup: Awaited<ReturnType<typeof onboardedFleet>>;
const running = new AsyncDisposableStack();

beforeAll(async () => {
  setup = await onboardedFleet("behind", 8);
  const { desk, folder } = setup;
  writeFileSync(folder.file("new.csv"), batchOf("new", 2));
  writeFileSync(folder.file("employees.csv"), "1001\n");
  const list = createEndpointList({ ...setup.fleet.outputs, now: Date.now() });
  // The other destinations are on the internet.
  const destinations = list.destinations.filter(({ region }) => region !== null);
  writeFileSync(folder.file("endpoints.json"), JSON.stringify({ ...list, destinations }));
  const revoked = await desk.runInProcess([
    "revoke",
    "behind-3",
    "--reason",
    "test",
    "--yes",
    "--outputs",
    desk.outputs,
  ]);
  expect(revoked.code, revoked.stderr).toBe(0);
});
afterAll(async () => {
  await running.disposeAsync();
  await setup?.close();
});

/** The arguments of each command that works on a stack, without its outputs. */
const onStack: Record<string, () => string[]> = {
  onboard: () => [setup.folder.file("new.csv"), "--out", setup.folder.file("new"), ...recipient(), "--yes"],
  status: () => [],
  list: () => [],
  show: () => ["behind-0"],
  whoami: () => [],
  "audit show": () => [],
  "audit verify": () => [],
  revoke: () => ["behind-0", "--reason", "test", "--yes", "--wait", "1"],
  reinstate: () => ["behind-3", "--out", setup.folder.file("again"), ...recipient(), "--yes"],
  retire: () => ["behind-1", "--reason", "test", "--yes"],
  replace: () => ["behind-2", "new-9", "--out", setup.folder.file("new"), ...recipient(), "--now", "--yes"],
  move: () => ["behind-2", "--site", "New", "--out", setup.folder.file("moved"), ...recipient(), "--yes"],
  label: () => ["behind-2", "floor=2"],
  rotate: () => ["behind-4", "--wait", "0", "--yes"],
  send: () => ["behind-5", setup.folder.file("employees.csv")],
  request: () => ["behind-5", "terminal.log"],
  files: () => ["behind-5"],
  "rotate-signing-key": () => ["--yes"],
  "clean-up": () => ["--yes"],
};

/** The other commands that connect. */
const connecting: Record<string, () => string[]> = {
  simulate: () => [
    ...[join(setup.desk.out, "behind-6.age"), "--identity", setup.desk.writeIdentity()],
    ...["--folder", setup.folder.file("homes"), "--for", "0"],
  ],
  doctor: () => ["--endpoints", setup.folder.file("endpoints.json")],
};

/** The commands that connect as a terminal, and so to the IoT Hub first. */
const likeTerminals = ["simulate", "doctor"];

/** The commands that do not connect. */
const offline = ["open", "endpoints", "sheet", "completion", "keygen"];

const recipient = () => ["--recipient", setup.desk.recipient];

function leafCommands(command: CommandUnknownOpts, path: string[] = []): string[] {
  if (command.commands.length === 0) return [path.join(" ")];
  return command.commands.flatMap((child) => leafCommands(child, [...path, child.name()]));
}

test("every command of the command line has a case", () => {
  const context = { signal: new AbortController().signal, output: new Output({}), prompt: new Prompt() };
  const cases = [...Object.keys(onStack), ...Object.keys(connecting), ...offline];
  expect(leafCommands(createProgram(context)).sort()).toEqual(cases.sort());
});

/** Runs a command through a proxy, with short waits. */
function run(command: string, proxyUrl: string): Promise<CliResult> {
  const { fleet, desk } = setup;
  // The doctor reports a service as silent after that time, and on a busy computer an answer may take longer.
  const idleMs = command === "doctor" ? 3_000 : 400;
  const network = { ...fleet.network, proxyUrl, retries: { firstMs: 1, longestMs: 5 }, idleMs };
  const args = onStack[command]
    ? [...command.split(" "), ...onStack[command](), "--outputs", desk.outputs]
    : [command, ...(connecting[command]?.() ?? [])];
  return runInProcess([...args, "--json"], {
    azure: { network, signIn: (its) => fleet.signIn(its) },
    env: { XDG_DATA_HOME: fleet.env.XDG_DATA_HOME ?? "" },
  });
}

const commands = [...Object.keys(onStack), ...Object.keys(connecting)];

/** What each kind of proxy does, and what a message must name of it beside the host. */
const connectKinds: [name: string, fault: ConnectFault, names: string][] = [
  ["answers CONNECT with 403", 403, "with 403"],
  ["answers CONNECT with 404", 404, "with 404"],
  ["answers CONNECT with 407", 407, "with 407"],
  ["answers CONNECT with 502", 502, "with 502"],
  ["closes the connection", "closes", "ended the connection"],
  ["never answers", "silent", "did not answer"],
];
const pageKinds = [200, 302, 403, 404, 502];

/** A proxy that counts the requests that got its fault. All commands share it. */
interface Faulty {
  url: string;
  count(): number;
}

async function startRefusing(fault: ConnectFault, host: string | undefined): Promise<Faulty> {
  const isBad = (name: string) => host === undefined || name === host;
  const proxy = running.use(await startBadProxy(fault, isBad, setup.fleet.proxy.url));
  return { url: proxy.url, count: () => proxy.faults };
}

/** A proxy that inspects TLS, and answers every request with a page of its own. */
async function startInspecting(status: number, host: string | undefined): Promise<Faulty> {
  const proxy = await setup.fleet.startAnotherProxy();
  running.defer(() => proxy.close());
  const body = "<html><title>Access denied</title></html>";
  const headers = {
    "content-type": "text/html; charset=utf-8",
    server: "inspector/1.0",
    ...(status === 302 ? { location: "https://login.proxy.example/" } : {}),
  };
  proxy.faults.add({ host, answer: { status, headers, body } });
  let count = 0;
  const pick = proxy.faults.pick.bind(proxy.faults);
  proxy.faults.pick = (...target) => {
    const effect = pick(...target);
    if (effect) count++;
    return effect;
  };
  return { url: proxy.url, count: () => count };
}

const kinds = [
  ...connectKinds.map(([name, fault, names]) => ({
    name,
    names,
    start: (host?: string) => startRefusing(fault, host),
  })),
  ...pageKinds.map((status) => ({
    name: `inspects TLS and answers with pages of status ${status}`,
    names: String(status),
    start: (host?: string) => startInspecting(status, host),
  })),
];

/** Results by which a command says that it has done something. */
const isDone = ({ type, closed, state }: Record<string, unknown>) =>
  (type === "door" && closed === true) ||
  (["terminal", "offer", "record", "verification"].includes(String(type)) && state !== "failed");

describe.each(kinds)("a proxy that $name", ({ names, start }) => {
  let proxy: Faulty;
  beforeAll(async () => {
    proxy = await start();
  });
  test.each(commands)(
    "in front of all hosts: %s ends with exit code 4, names it, and reports nothing as done",
    async (command) => {
      const before = proxy.count();
      const result = await run(command, proxy.url);
      const lines = jsonLines(result);
      expect(result.code, result.stdout).toBe(4);
      expect(proxy.count()).toBeGreaterThan(before);
      const message = String(lines.at(-1)?.message);
      expect(message).toContain(names);
      expect(message).toContain(new URL(proxy.url).host);
      expect(message).toContain(
        likeTerminals.includes(command) ? setup.fleet.hosts.hub : "login.microsoftonline.com",
      );
      expect(lines.filter(isDone)).toEqual([]);
    },
  );
});

/** With `npm run test:faults` all kinds, else one that refuses and two that answer in Azure's place. */
const oneHostKinds = kinds.filter(
  ({ names }) => process.env.TEST_MODE === "faults" || ["with 404", "200", "403"].includes(names),
);

/** The access path of `revoke` that each service serves. */
const accessPaths: Record<string, string> = {
  hub: "hub",
  files: "files",
  management: "files",
  flowKeys: "flow",
};

/** The commands that make no call to a service until the first fault; a proxy of another kind changes nothing in that. */
const callsNone = new Map<string, string[]>();

describe.each(oneHostKinds)("a proxy in front of one host that $name", ({ names, start }) => {
  test.each(["hub", "files", "flowKeys", "imports", "audit", "management"] as const)(
    "%s: every command that calls it ends with exit code 4 and names it",
    async (service) => {
      const host = service === "management" ? "management.azure.com" : setup.fleet.hosts[service];
      const proxy = await start(host);
      const callers: string[] = [];
      const others = callsNone.get(service) ?? [];
      for (const command of commands.filter((each) => !others.includes(each))) {
        const before = proxy.count();
        const { code, stdout, stderr } = await run(command, proxy.url);
        if (proxy.count() === before) continue;
        callers.push(command);
        const context = `${command}: ${stdout}${stderr}`;
        // Revoking does not wait for the audit log: a warning names the proxy.
        expect(code, context).toBe(service === "audit" && command === "revoke" ? 0 : 4);
        for (const named of [host, names, new URL(proxy.url).host]) expect(stdout, context).toContain(named);
        if (command === "revoke") expectOpen(accessPaths[service], stdout);
      }
      const caller = { imports: "onboard", audit: "audit show" }[service as string] ?? "revoke";
      expect(callers).toContain(caller);
      callsNone.set(
        service,
        commands.filter((each) => !callers.includes(each)),
      );
    },
  );
});

/** Expects that `revoke` reports one access path as open, and both others as closed. */
function expectOpen(accessPath: string | undefined, stdout: string): void {
  const lines = jsonLines({ code: 0, stdout, stderr: "" }).filter(({ type }) => type === "door");
  const expected = ["files", "flow", "hub"].map((door) => [door, door !== accessPath]);
  expect(lines.map(({ door, closed }) => [door, closed]).sort()).toEqual(expected);
}
