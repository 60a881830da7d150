import { createHash, randomBytes } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { batchOf } from "../../test/cli/onboarding/onboarding-desk.ts";
import { temporaryFolder } from "../../test/support/folder.ts";
import { measure, type Run } from "./measure.ts";
import { BenchSandbox } from "./scale/bench-sandbox.ts";
import { requireOpenFiles } from "./scale/open-files.ts";
import { TerminalProcesses } from "./scale/terminal-processes.ts";

const root = resolve(import.meta.dirname, "..", "..");
const count = Number(process.env.BENCH_CONNECTED ?? 10_000);
/** The terminals of the baseline, which run one after another. */
const oneByOne = Math.min(count, 10);
const fileBytes = 16 * 1024;
/** Terminals in one process. More would need a heap that is larger than Node's default. */
const terminalsInProcess = 2_500;
const customer = "example-customer";

/**
 * Terminals that are connected at the same time. Each gets an offer of one file by `send --customer`, loses its connection
 * when the hub drops all of them, and again when the sandbox is killed and started again. Then `status` reads all, and one
 * is revoked. The baseline is one terminal after another, in the same run.
 */
export async function benchTerminals(): Promise<string[]> {
  requireOpenFiles(count);
  await using folder = await temporaryFolder();
  await using sandbox = await BenchSandbox.start(folder.file("sandbox"));
  const lines: string[] = [];
  const report = (what: string, value: string) => lines.push(`${what.padEnd(42)} ${value}`);
  const outputs = folder.file("outputs.json");
  writeFileSync(outputs, JSON.stringify(sandbox.outputs));
  const terminals = (command: string, ...args: string[]): Promise<Run> =>
    measure(process.execPath, [join(root, "cli", "main.ts"), command, ...args, "--outputs", outputs], {
      cwd: root,
      env: { ...process.env, ...sandbox.env, XDG_DATA_HOME: folder.file("data") },
    });

  const identity = await generateIdentity();
  const identityFile = folder.file("key.txt");
  writeFileSync(identityFile, `${identity}\n`, { mode: 0o600 });
  const batch = folder.file("batch.csv");
  writeFileSync(batch, batchOf("bench", count, customer));
  const bundles = folder.file("bundles");
  const recipient = await identityToRecipient(identity);
  const onboard = () => terminals("onboard", batch, "--out", bundles, "--recipient", recipient, "--yes");
  // On a busy computer the command can give up; it continues where it stopped.
  const onboarding = await timed(() => onboard().catch(onboard).catch(onboard));
  report(`${count} terminals onboarded`, `${onboarding.toFixed(1)} s`);

  const names = readdirSync(bundles)
    .map((name) => name.replace(/\.age$/, ""))
    .sort();
  const homes = folder.file("homes");
  const processes = Math.ceil(count / terminalsInProcess);
  await using load = new TerminalProcesses({
    bundles,
    identity: identityFile,
    homes,
    env: sandbox.env,
    processes,
  });

  // The baseline: a terminal connects and gets an offer, and then the next one does.
  const single = await timed(async () => {
    for (const [number, terminal] of names.slice(0, oneByOne).entries()) {
      load.only(terminal);
      await load.until(() => load.connected.has(terminal));
      await terminals("send", terminal, writeContent(folder.file("single.bin")).path);
      await load.until(() => load.handled.length > number);
    }
  });
  await load.stop();

  const idleSandbox = await sandbox.read();
  const idleLoad = await load.usage();
  await load.start();
  const opened = await load.usage();
  const connecting = await timed(() => load.until(() => load.connected.size === count));
  const connectedSandbox = await sandbox.read();
  const connectedLoad = await load.usage();
  report(`${count} terminals connected`, `${connecting.toFixed(1)} s, ${rate(count, connecting)} a second`);
  const each = (from: { residentMb: number }, to: { residentMb: number }) =>
    `${(((to.residentMb - from.residentMb) * 1024) / count).toFixed(0)} kB`;
  report(
    "memory a terminal, connected",
    `${each(idleLoad, connectedLoad)} in its process, ${each(idleSandbox, connectedSandbox)} in the sandbox`,
  );
  const cpu = (from: { cpuSeconds: number }, to: { cpuSeconds: number }) =>
    `${(((to.cpuSeconds - from.cpuSeconds) * 1000) / count).toFixed(2)} ms`;
  report(
    "computing time of a connection",
    `${cpu(opened, connectedLoad)} in its process, ${cpu(idleSandbox, connectedSandbox)} in the sandbox`,
  );

  const { path, sha256 } = writeContent(folder.file("bench.bin"));
  const before = load.handled.length;
  let sending = 0;
  const offering = await timed(async () => {
    sending = (await terminals("send", path, "--customer", customer, "--yes")).seconds;
    await load.until(() => load.handled.length - before >= count);
  });
  const offeredSandbox = await sandbox.read();
  const offeredLoad = await load.usage();
  report(
    `${count} offers, one upload`,
    `${offering.toFixed(1)} s, ${rate(count, offering)} a second (send: ${sending.toFixed(1)} s)`,
  );
  report(
    "computing time of an offer",
    `${cpu(connectedLoad, offeredLoad)} in its process, ${cpu(connectedSandbox, offeredSandbox)} in the sandbox`,
  );
  const handled = load.handled.slice(before);
  const received = names.filter((terminal) => isReceivedOnce(join(homes, terminal), sha256)).length;
  const once = new Set(handled.map(({ terminal }) => terminal)).size;
  report("received once, with the right SHA-256", `${received} of ${count}; ${handled.length - once} twice`);

  await load.untilStable();
  const undropped = await sandbox.read();
  const dropped = await timed(async () => {
    await sandbox.drop();
    await load.until(() => load.connected.size < count / 2);
    await load.until(() => load.connected.size === count);
  });
  const back = await sandbox.read();
  report(
    "all connections dropped and restored",
    `${dropped.toFixed(1)} s, ${rate(back.messages - undropped.messages, dropped)} MQTT messages a second`,
  );

  const status = await terminals("status", "--json");
  report(
    `status of ${count} connected terminals`,
    `${status.seconds.toFixed(1)} s, peak ${Math.round(status.largestProcessMb ?? 0)} MB`,
  );

  await load.untilStable();
  load.disconnects.length = 0;
  let starting = 0;
  const restarted = await timed(async () => {
    starting = await timed(() => sandbox.restart());
    await load.until(() => load.disconnects.length >= count);
    await load.until(() => load.connected.size === count);
  });
  report(
    "sandbox killed, until all are connected",
    `${restarted.toFixed(1)} s (its start: ${starting.toFixed(1)} s), ${load.disconnects.length - count} failed attempts`,
  );
  report("handled again after it", String(load.handled.length - before - count));

  const victim = names[Math.floor(count / 2)] as string;
  load.disconnects.length = 0;
  const from = performance.now();
  const revoking = terminals("revoke", victim, "--reason", "bench", "--yes", "--json");
  const ends = () => load.disconnects.filter(({ terminal }) => terminal === victim);
  await load.until(() => ends().some(({ reason }) => reason === "UnauthorizedError"), 60_000);
  const { seconds } = lastLine(await revoking);
  const lost = (((ends()[0]?.atMs ?? 0) - from) / 1000).toFixed(1);
  report(
    `revoke one of ${count} connected`,
    `${Number(seconds).toFixed(2)} s (at most 3); connection lost after ${lost} s with the command's start; ${load.connected.size} stay connected`,
  );

  const perTerminal = (connecting + offering) / count;
  report("one terminal after another", `${(oneByOne / single).toFixed(1)} a second, connecting included`);
  report("times as fast, connecting included", (single / oneByOne / perTerminal).toFixed(1));
  return lines;
}

function writeContent(path: string): { path: string; sha256: string } {
  const content = randomBytes(fileBytes);
  writeFileSync(path, content);
  return { path, sha256: createHash("sha256").update(content).digest("base64") };
}

/** Whether a terminal has received the file with this SHA-256 exactly once. */
function isReceivedOnce(home: string, sha256: string): boolean {
  const received = join(home, "received");
  const found = readdirSync(received, { recursive: true, withFileTypes: true }).filter((entry) => {
    if (!entry.isFile()) return false;
    const content = readFileSync(join(entry.parentPath, entry.name));
    return createHash("sha256").update(content).digest("base64") === sha256;
  });
  return found.length === 1;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return (performance.now() - from) / 1000;
}

const rate = (number: number, seconds: number) => (number / seconds).toFixed(0);

/** The result that a command with --json prints last. */
function lastLine({ output }: Run): { seconds?: number } {
  return JSON.parse(output.trim().split("\n").at(-1) as string) as { seconds?: number };
}
