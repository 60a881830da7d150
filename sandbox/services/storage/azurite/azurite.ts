import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import type { AzuritePorts, FromAzurite, KeysByAccount, ToAzurite } from "./messages.ts";

/** Moves smaller than this are the difference between two readings of the clock. */
const clockToleranceMs = 50;
/** An Azurite that does not start in this time never will. */
const startMs = 60_000;
/** How long a start that failed is away from the next: at first, and at most. */
const [FirstPauseMs, LongestPauseMs] = [250, 30_000];

/** A running Azurite: its process and where it listens. */
interface Running {
  child: ChildProcess;
  ports: AzuritePorts;
}

/** The Azurite process: started, kept in step with the sandbox's keys and clock, and started again if it dies. */
export class Azurite {
  /** The secret that lets the sandbox's own requests through. */
  readonly pass = randomBytes(32).toString("base64url");
  private readonly dir: string;
  private readonly log: (line: string) => void;
  private running: Promise<Running>;
  private accounts: KeysByAccount;
  private clockOffsetMs = 0;
  private inForce: Promise<unknown> = Promise.resolve();
  private readonly waiting = new Map<number, () => void>();
  private nextId = 1;
  private closed = false;
  private pause: NodeJS.Timeout | undefined;

  private constructor(dir: string, accounts: KeysByAccount, log: (line: string) => void) {
    this.dir = dir;
    this.accounts = accounts;
    this.log = log;
    this.running = this.launch();
  }

  /** Starts Azurite on the data in `dir`, which is made when missing. */
  static async start(dir: string, accounts: KeysByAccount, log: (line: string) => void): Promise<Azurite> {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const azurite = new Azurite(dir, accounts, log);
    await azurite.running;
    return azurite;
  }

  /** Replaces all accounts and keys. */
  setAccounts(accounts: KeysByAccount): void {
    this.accounts = accounts;
    this.push((id) => ({ kind: "accounts", id, accounts }));
  }

  /**
   * The ports, as soon as all keys that were set are in force and Azurite's clock stands where the sandbox's does.
   * @param clockOffsetMs How far the sandbox's clock is from the machine's.
   */
  async ready(clockOffsetMs: number): Promise<AzuritePorts> {
    if (Math.abs(clockOffsetMs - this.clockOffsetMs) > clockToleranceMs) {
      this.clockOffsetMs = clockOffsetMs;
      this.push((id) => ({ kind: "clock", id, clockOffsetMs }));
    }
    const { ports } = await this.running;
    await this.inForce;
    return ports;
  }

  /** Ends the process when it has written everything. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.pause);
    const child = (await this.running.catch(() => undefined))?.child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    send(child, { kind: "close" });
    await ended;
  }

  private push(message: (id: number) => ToAzurite): void {
    const id = this.nextId++;
    const done = new Promise<void>((resolve) => this.waiting.set(id, resolve));
    this.inForce = Promise.all([this.inForce, done]);
    // A start that is under way may have been given the older state, so this follows it.
    this.running.then(({ child }) => send(child, message(id))).catch(() => {});
  }

  /** Starts it again, as often as that takes; until then whoever needs it is told of the last failure. */
  private relaunch(pauseMs: number): void {
    this.running = this.launch();
    // The new process starts with the newest keys and clock, so nothing waits for an old one.
    for (const done of this.waiting.values()) done();
    this.waiting.clear();
    this.running.catch((error: Error) => {
      this.log(error.message);
      if (this.closed) return;
      const next = Math.min(2 * pauseMs, LongestPauseMs);
      this.pause = setTimeout(() => this.relaunch(next), pauseMs);
    });
  }

  private launch(): Promise<Running> {
    const child = fork(new URL("./process.ts", import.meta.url), {
      execArgv: ["--disable-warning=ExperimentalWarning"],
      env: pick(process.env, ["PATH", "SystemRoot", "TEMP", "TMP", "TMPDIR"]),
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    const { promise, resolve, reject } = Promise.withResolvers<Running>();
    const timer = setTimeout(() => child.kill("SIGKILL"), startMs);
    let reason = "it ended without a reason";
    let started = false;
    child.on("message", (message: FromAzurite) => {
      if (message.kind === "ready") {
        started = true;
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
      if (!started || this.closed) return;
      this.log(`Azurite ended unexpectedly (${reason}); starting it again.`);
      this.relaunch(FirstPauseMs);
    });
    const { dir, pass, accounts, clockOffsetMs } = this;
    send(child, { kind: "start", dir, pass, accounts, clockOffsetMs });
    return promise;
  }
}

function send(child: ChildProcess, message: ToAzurite): void {
  // A process that is gone is noticed by its exit.
  child.send(message, () => {});
}

function pick(environment: NodeJS.ProcessEnv, names: string[]): NodeJS.ProcessEnv {
  return Object.fromEntries(names.map((name) => [name, environment[name]]));
}
