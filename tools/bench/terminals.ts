import { type ChildProcess, fork } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Fleet } from "@terminal-fleet/cli";
import { sendFile } from "@terminal-fleet/cli";
import pMap from "p-map";
import { deployFleet } from "../../test/cli/fleet-harness.ts";
import { batchOf, Desk } from "../../test/cli/onboarding/onboarding-desk.ts";
import { temporaryFolder } from "../../test/support/folder.ts";
import type { Event, Order } from "./terminals-load.ts";

const count = Number(process.env.BENCH_CONNECTED ?? 1_000);
const oneByOne = Math.min(count, 40);
const fileBytes = 64 * 1024;
/** Files that are sent concurrently, as by an operator with several windows. */
const sendsAtOnce = 8;

/**
 * Terminals that are connected at the same time, in one process: each gets an offer of its own file, and all connections
 * are dropped once. The baseline is one terminal after another, in the same run.
 */
export async function benchTerminals(): Promise<string[]> {
  await using fleet = await deployFleet();
  await using folder = await temporaryFolder();
  const desk = await Desk.at(fleet, folder.path, batchOf("bench", count));
  const onboarding = await desk.onboard();
  if (onboarding.code !== 0) throw new Error(onboarding.stderr);
  const operator = await fleet.connect();
  let messages = 0;
  const { faults } = fleet.proxy;
  const pick = faults.pick.bind(faults);
  faults.pick = (host, target) => {
    if (target.method === "PUBLISH" || target.method === "DELIVER") messages++;
    return pick(host, target);
  };
  const names = readdirSync(desk.out)
    .map((name) => name.replace(/\.age$/, ""))
    .sort();
  const homes = folder.file("homes");
  const args = [desk.out, desk.writeIdentity(), homes];
  const run = <T>(work: (load: Load) => Promise<T>) => withLoad(args, fleet.env, work);

  // One after another: a terminal connects, gets an offer, reports the file and disconnects.
  const single = await run(async (load) => {
    const seconds = await timed(async () => {
      for (const [number, terminal] of names.slice(0, oneByOne).entries()) {
        load.connected = 0;
        load.order({ only: number });
        await load.until(() => load.connected === 1);
        await send(operator, terminal, folder.file(terminal));
        await load.until(() => load.handled.length > number);
      }
    });
    await load.stop();
    return seconds / oneByOne;
  });

  const lines: string[] = [];
  const report = (what: string, value: string) => lines.push(`${what.padEnd(38)} ${value}`);
  let peakMb = 0;
  await run(async (load) => {
    messages = 0;
    load.order({ start: count });
    const connecting = await timed(() => load.until(() => load.connected === count));
    report(
      `${count} terminals connected`,
      `${connecting.toFixed(1)} s, ${(count / connecting).toFixed(0)} a second, ${(messages / connecting).toFixed(0)} MQTT messages a second`,
    );

    messages = 0;
    const hashes = new Map<string, string>();
    const offering = await timed(async () => {
      await pMap(
        names,
        async (terminal) => hashes.set(terminal, await send(operator, terminal, folder.file(terminal))),
        { concurrency: sendsAtOnce },
      );
      await load.until(() => load.handled.length >= count);
    });
    report(
      `${count} files of 64 KB offered and fetched`,
      `${offering.toFixed(1)} s, ${(count / offering).toFixed(0)} a second, ${(messages / offering).toFixed(0)} MQTT messages a second`,
    );
    const received = names.filter((terminal) => isReceivedOnce(join(homes, terminal), hashes.get(terminal)));
    const once = new Set(load.handled.map(({ id }) => id)).size;
    report(
      "received once, with the right SHA-256",
      `${received.length} of ${count}; ${load.handled.length - once} twice`,
    );

    messages = 0;
    const back = await timed(async () => {
      fleet.hub.dropConnections();
      await load.until(() => load.connected < count / 2);
      await load.until(() => load.connected === count);
    });
    report(
      "all connections dropped and restored",
      `${back.toFixed(1)} s, ${(messages / back).toFixed(0)} MQTT messages a second`,
    );
    peakMb = await load.stop();
    const perOffer = offering / count;
    report("one terminal after another", `${(1 / single).toFixed(1)} a second, connecting included`);
    report("times as fast, connecting included", `${(single / (perOffer + connecting / count)).toFixed(1)}`);
  });
  report(
    "memory of the terminals, peak",
    `${Math.round(peakMb)} MB, ${Math.round((peakMb * 1024) / count)} kB each`,
  );
  return lines;
}

async function send(operator: Fleet, terminal: string, path: string): Promise<string> {
  const content = randomBytes(fileBytes);
  writeFileSync(path, content);
  await sendFile(operator, terminal, path, { name: "bench.bin" });
  return createHash("sha256").update(content).digest("base64");
}

/** Whether a terminal has received the file with this SHA-256 exactly once. */
function isReceivedOnce(home: string, sha256: string | undefined): boolean {
  const received = join(home, "received");
  const found = readdirSync(received).filter((id) => {
    const content = readFileSync(join(received, id, "bench.bin"));
    return createHash("sha256").update(content).digest("base64") === sha256;
  });
  return found.length === 1;
}

async function timed(work: () => Promise<void>): Promise<number> {
  const from = performance.now();
  await work();
  return (performance.now() - from) / 1000;
}

/** The process that runs the terminals. */
class Load {
  connected = 0;
  readonly handled: { id: string; state: string }[] = [];
  private readonly child: ChildProcess;
  private stopped: number | undefined;

  constructor(child: ChildProcess) {
    this.child = child;
    child.on("message", (event: Event) => {
      if ("connected" in event) this.connected = event.connected;
      else if ("handled" in event) this.handled.push({ id: event.handled, state: event.state });
      else this.stopped = event.peakMb;
      child.emit("update");
    });
  }

  order(order: Order): void {
    this.child.send(order);
  }

  /** Waits for a condition. @throws Error after two minutes, or when the process has ended. */
  async until(what: () => boolean): Promise<void> {
    const late = AbortSignal.timeout(120_000);
    while (!what()) {
      if (this.child.exitCode !== null) throw new Error("The terminals' process has ended.");
      await once(this.child, "update", { signal: late });
    }
  }

  /** @returns The process's peak of resident memory, in MB. */
  async stop(): Promise<number> {
    this.order({ stop: true });
    await this.until(() => this.stopped !== undefined);
    return this.stopped as number;
  }
}

async function withLoad<T>(
  args: string[],
  env: Record<string, string>,
  work: (load: Load) => Promise<T>,
): Promise<T> {
  const child = fork(join(import.meta.dirname, "terminals-load.ts"), args, {
    env: { ...process.env, ...env },
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  const ended = once(child, "exit");
  try {
    return await work(new Load(child));
  } finally {
    if (child.connected) child.disconnect();
    await ended;
  }
}
