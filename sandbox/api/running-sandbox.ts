import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { callControl, type Status } from "../daemon/control-client.ts";
import { SandboxDirectory } from "../daemon/sandbox-directory.ts";
import { startDaemon, stopDaemon } from "../daemon/start-daemon.ts";
import type { FaultOrder, FaultState } from "../faults/fault-order.ts";
import { readSeedFile } from "../seed/read-seed-file.ts";
import type { SeedResult } from "../seed/seed-result.ts";
import type { SeedInput } from "../seed/seed-schema.ts";
import { directThisProcess } from "./direct-process.ts";

/** How a sandbox starts. */
export interface StartOptions {
  /** Folder of the state, which stays; default: a temporary folder, which is deleted at the end. */
  dir?: string;
  /** Port of the proxy on 127.0.0.1; default: a free one. */
  port?: number;
  /** Whether the IoT Hub enforces its throttles and quotas; default true. */
  throttling?: boolean;
  /** What to create at first: the path of a YAML or JSON file, or the same as an object. */
  seed?: string | SeedInput;
}

/** By how much the sandbox's clock moves. Negative amounts move it back. */
export type ClockMove = { hours: number } | { days: number } | { ms: number };

/** Who signs in: the owner of the subscription, or an operator, who has the roles that they were given. */
export type PrincipalName = "deployer" | "operator";

/** A sandbox that runs for a test. It stops when the test's process ends, also when that process is killed. */
export interface RunningSandbox extends AsyncDisposable {
  /** The folder of its state. */
  readonly dir: string;
  /** The CONNECT proxy through which clients reach it. */
  readonly proxyUrl: string;
  /** Path of the certificate (PEM) that clients must trust. */
  readonly caFile: string;
  readonly tenantId: string;
  readonly subscriptionId: string;
  /** What `StartOptions.seed` created. */
  readonly seeded: SeedResult | undefined;
  /**
   * The environment variables that direct a child process to the sandbox.
   * @param as Default "operator".
   */
  env(as?: PrincipalName): Promise<Record<string, string>>;
  /**
   * Directs this process to the sandbox: sets the variables of `env` in process.env, and trusts the sandbox's
   * certificates. Clients that read HTTPS_PROXY, such as those of Azure's SDK, need nothing else.
   * @returns A function that takes the variables back.
   */
  direct(as?: PrincipalName): Promise<() => void>;
  /** Creates what a file or an object declares. @throws With the line and the remedy. */
  seed(seed: string | SeedInput): Promise<SeedResult>;
  /** Orders a fault. @returns The fault, and a function that ends it. */
  fault(order: FaultOrder): Promise<FaultState & { end(): Promise<void> }>;
  /** Ends all faults. */
  clearFaults(): Promise<void>;
  /** Moves the sandbox's clock. @returns The sandbox's time. */
  clock(move: ClockMove): Promise<Date>;
  /** Stops the sandbox, and deletes its folder when it is temporary. A second call does nothing. */
  stop(): Promise<void>;
}

/**
 * Starts a sandbox in a process of its own, in about two seconds.
 * @throws With the reason and the remedy.
 */
export async function start(options: StartOptions = {}): Promise<RunningSandbox> {
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), "azure-sandbox-"));
  const temporary = options.dir === undefined;
  const directory = new SandboxDirectory(dir);
  const { port, throttling } = options;
  try {
    directory.claim();
    await startDaemon(directory, { port, throttling, temporary, endsWithParent: true });
  } catch (error) {
    if (temporary) rmSync(dir, { recursive: true, force: true });
    throw error;
  }
  const running = await describeRunning(directory);
  try {
    const seeded = options.seed === undefined ? undefined : await running.seed(options.seed);
    return { ...running, seeded };
  } catch (error) {
    await running.stop();
    throw error;
  }
}

async function describeRunning(directory: SandboxDirectory): Promise<RunningSandbox> {
  const call = <T>(method: "GET" | "POST", path: string, body?: object) =>
    callControl<T>(directory.socket(), method, path, body);
  const { proxyUrl, caFile, subscriptionId, tenantId } = await call<Status>("GET", "/status");
  let stopped: Promise<unknown> | undefined;
  const stop = async () => {
    stopped ??= stopDaemon(directory);
    await stopped;
  };
  const env = (as: PrincipalName = "operator") => call<Record<string, string>>("POST", "/env", { as });
  return {
    dir: directory.dir,
    proxyUrl,
    caFile,
    tenantId,
    subscriptionId,
    seeded: undefined,
    env,
    direct: async (as) => directThisProcess(await env(as), readFileSync(caFile, "utf8")),
    seed: async (seed) => call<SeedResult>("POST", "/seed", seedText(seed)),
    async fault(order) {
      const fault = await call<FaultState>("POST", "/faults", order);
      return { ...fault, end: () => call<void>("POST", "/faults/clear", { id: fault.id }) };
    },
    clearFaults: () => call<void>("POST", "/faults/clear"),
    async clock(move) {
      const { now } = await call<{ now: string }>("POST", "/clock", { moveMs: milliseconds(move) });
      return new Date(now);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function seedText(seed: string | SeedInput): { text: string; file: string } {
  if (typeof seed === "string") return { text: readSeedFile(seed), file: seed };
  return { text: JSON.stringify(seed, null, 2), file: "seed" };
}

function milliseconds(move: ClockMove): number {
  if ("days" in move) return move.days * 86_400_000;
  return "hours" in move ? move.hours * 3_600_000 : move.ms;
}
