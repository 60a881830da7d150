import { fork } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { programFile } from "../core/program-file.ts";
import { callControl, NotRunning, type StartMessage, type Status } from "./control-client.ts";
import type { SandboxDirectory } from "./sandbox-directory.ts";

const stopTimeoutMs = 15_000;
const pollMs = 50;

/** How the sandbox's process starts. */
export interface DaemonOptions {
  /** Port of the proxy on 127.0.0.1; default: the port of the last start, else a free one. */
  port?: number;
  /** Whether the IoT Hub enforces its throttles and quotas; default true. */
  throttling?: boolean;
  /** Whether the sandbox stops when this process ends, also when it is killed; default false. */
  endsWithParent?: boolean;
  /** Whether the sandbox deletes its folder when it stops; default false. */
  temporary?: boolean;
}

/** The sandbox did not start. */
export class StartFailure extends Error {
  /** Whether another program uses the port. */
  readonly isPortInUse: boolean;

  constructor(message: string, isPortInUse = false) {
    super(message);
    this.isPortInUse = isPortInUse;
  }
}

/**
 * Starts the sandbox as a process of its own, and waits until it is ready.
 * @returns Whether its ports differ from those of the last start.
 * @throws StartFailure with the reason.
 */
export async function startDaemon(
  directory: SandboxDirectory,
  { port, throttling = true, endsWithParent = false, temporary = false }: DaemonOptions = {},
): Promise<{ portsChanged: boolean }> {
  const log = openSync(directory.log, "a", 0o600);
  const child = fork(programFile("daemon/daemon"), [directory.dir], {
    detached: true,
    stdio: ["ignore", log, log, "ipc"],
    execArgv: ["--disable-warning=ExperimentalWarning"],
    env: {
      ...process.env,
      ...(port === undefined ? {} : { SANDBOX_PORT: String(port) }),
      SANDBOX_THROTTLING: throttling ? "on" : "off",
      SANDBOX_ENDS_WITH_PARENT: endsWithParent ? "yes" : "no",
      SANDBOX_TEMPORARY: temporary ? "yes" : "no",
    },
  });
  closeSync(log);
  const ready = await new Promise<{ portsChanged: boolean }>((resolve, reject) => {
    child.on("message", (message: StartMessage) => {
      if ("ready" in message) return resolve(message);
      reject(new StartFailure(`The sandbox did not start: ${message.failed}`, message.isPortInUse));
    });
    child.on("exit", (code) =>
      reject(new StartFailure(`The sandbox ended with exit code ${code}. See its log ${directory.log}.`)),
    );
  });
  child.removeAllListeners();
  // Neither the process nor the channel, whose end the sandbox waits for, keeps this process running.
  if (endsWithParent) child.channel?.unref();
  else child.disconnect();
  child.unref();
  return ready;
}

/** The status of the sandbox; undefined when it does not run. */
export async function readStatusIfRunning(directory: SandboxDirectory): Promise<Status | undefined> {
  return callControl<Status>(directory.socket(), "GET", "/status").catch((error) => {
    if (error instanceof NotRunning) return undefined;
    throw error;
  });
}

/**
 * Stops the sandbox and waits until its process has ended.
 * @returns False when it did not run.
 * @throws When the process does not end within 15 s.
 */
export async function stopDaemon(directory: SandboxDirectory): Promise<boolean> {
  const running = await readStatusIfRunning(directory);
  if (!running) return false;
  await callControl(directory.socket(), "POST", "/stop");
  for (let waited = 0; waited < stopTimeoutMs; waited += pollMs) {
    if (!isAlive(running.pid)) return true;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  throw new Error(
    `Process ${running.pid} did not end within 15 s. See its log ${directory.log}, then end the process yourself.`,
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
