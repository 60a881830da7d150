import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { programFile } from "../../../core/program-file.ts";
import type { AzuritePorts, FromAzurite, KeysByAccount, ToAzurite } from "./messages.ts";

/** A smaller difference in milliseconds between two offsets is a measuring error, and not a move of the clock. */
const clockToleranceMs = 50;
/** Maximum time of a start in milliseconds. The process is killed after it. */
const startTimeoutMs = 60_000;
/** Pause in milliseconds after a failed start. It doubles with each failure, up to the maximum. */
const firstPauseMs = 250;
const maxPauseMs = 30_000;

/** A running Azurite process. */
interface Running {
  child: ChildProcess;
  ports: AzuritePorts;
}

/**
 * Controls the Azurite process: starts it, sends it the account keys and the clock, and starts it again when it exits
 * unexpectedly.
 */
export class Azurite {
  /** The secret that marks requests that the sandbox has already authorized. */
  readonly pass = randomBytes(32).toString("base64url");
  /** The secret that opens Azurite's ports, which other programs on this computer can reach too. */
  readonly portPass = randomBytes(32).toString("base64url");
  private readonly dir: string;
  private readonly log: (line: string) => void;
  /** Undefined before the first start. */
  private running: Promise<Running> | undefined;
  private accounts: KeysByAccount;
  private clockOffsetMs = 0;
  private applied: Promise<unknown> = Promise.resolve();
  private readonly waiting = new Map<number, () => void>();
  private nextId = 1;
  private closed = false;
  private pause: NodeJS.Timeout | undefined;

  private constructor(dir: string, accounts: KeysByAccount, log: (line: string) => void) {
    this.dir = dir;
    this.accounts = accounts;
    this.log = log;
  }

  /**
   * Starts Azurite with the data in `dir`, which is created when missing. Without an account, Azurite starts with the
   * first account or the first call.
   * @throws When Azurite does not start, with its reason.
   */
  static async start(dir: string, accounts: KeysByAccount, log: (line: string) => void): Promise<Azurite> {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const azurite = new Azurite(dir, accounts, log);
    if (hasAccounts(accounts)) await azurite.launch();
    return azurite;
  }

  /** Replaces all accounts and keys. */
  setAccounts(accounts: KeysByAccount): void {
    this.accounts = accounts;
    if (this.running) this.sendUpdate(this.running, (id) => ({ kind: "accounts", id, accounts }));
    else if (hasAccounts(accounts)) this.launchUntilStarted();
  }

  /**
   * Waits until Azurite has applied all account keys and the offset of the clock, and returns its ports.
   * @param clockOffsetMs Difference of the sandbox's clock to the computer's clock, in milliseconds.
   */
  async waitUntilReady(clockOffsetMs: number): Promise<AzuritePorts> {
    if (Math.abs(clockOffsetMs - this.clockOffsetMs) > clockToleranceMs) {
      this.clockOffsetMs = clockOffsetMs;
      if (this.running) this.sendUpdate(this.running, (id) => ({ kind: "clock", id, clockOffsetMs }));
    }
    const { ports } = await (this.running ?? this.launchUntilStarted());
    await this.applied;
    return ports;
  }

  /** Stops the process after it has written all data. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.pause);
    const child = (await this.running?.catch(() => undefined))?.child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once("exit", resolve));
    send(child, { kind: "close" });
    await exited;
  }

  private sendUpdate(running: Promise<Running>, message: (id: number) => ToAzurite): void {
    const id = this.nextId++;
    const done = new Promise<void>((resolve) => this.waiting.set(id, resolve));
    this.applied = Promise.all([this.applied, done]);
    // A process that is starting may have received the older state, so the message is sent after its start.
    running.then(({ child }) => send(child, message(id))).catch(() => {});
  }

  /** Starts the process, again until a start succeeds. Until then, waitUntilReady() rejects with the last failure. */
  private launchUntilStarted(pauseMs = firstPauseMs): Promise<Running> {
    const running = this.launch();
    // The new process starts with the current keys and clock, so no message is pending any more.
    for (const done of this.waiting.values()) done();
    this.waiting.clear();
    running.catch((error: Error) => {
      this.log(error.message);
      if (this.closed) return;
      const nextPauseMs = Math.min(2 * pauseMs, maxPauseMs);
      this.pause = setTimeout(() => this.launchUntilStarted(nextPauseMs), pauseMs);
    });
    return running;
  }

  private launch(): Promise<Running> {
    const child = fork(programFile("services/storage/azurite/process"), {
      execArgv: ["--disable-warning=ExperimentalWarning"],
      env: pick(process.env, ["NODE_COMPILE_CACHE", "PATH", "SystemRoot", "TEMP", "TMP", "TMPDIR"]),
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    const { promise, resolve, reject } = Promise.withResolvers<Running>();
    const timer = setTimeout(() => child.kill("SIGKILL"), startTimeoutMs);
    let reason = "it exited without a reason";
    let isStarted = false;
    child.on("message", (message: FromAzurite) => {
      if (message.kind === "ready") {
        isStarted = true;
        clearTimeout(timer);
        resolve({ child, ports: message.ports });
      } else if (message.kind === "failed") reason = message.reason;
      else if (message.kind === "warning") this.log(`Azurite: ${message.text}`);
      else {
        this.waiting.get(message.id)?.();
        this.waiting.delete(message.id);
      }
    });
    child.on("exit", () => {
      clearTimeout(timer);
      reject(new Error(`Azurite in ${this.dir} did not start: ${reason}`));
      if (!isStarted || this.closed) return;
      this.log(`Azurite exited unexpectedly (${reason}). It is started again.`);
      this.launchUntilStarted();
    });
    const { dir, pass, portPass, accounts, clockOffsetMs } = this;
    send(child, { kind: "start", dir, pass, portPass, accounts, clockOffsetMs });
    this.running = promise;
    return promise;
  }
}

const hasAccounts = (accounts: KeysByAccount) => Object.keys(accounts).length > 0;

function send(child: ChildProcess, message: ToAzurite): void {
  // A failure to send is ignored: the handler of "exit" handles a process that has ended.
  child.send(message, () => {});
}

function pick(environment: NodeJS.ProcessEnv, names: string[]): NodeJS.ProcessEnv {
  return Object.fromEntries(names.map((name) => [name, environment[name]]));
}
