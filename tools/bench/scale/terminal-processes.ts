import { type ChildProcess, fork } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { nodeOptions } from "./bench-sandbox.ts";
import type { TerminalsEvent, TerminalsOrder } from "./terminals-process.ts";
import type { Usage } from "./usage.ts";

/** A little longer than the time after which the reference terminal regards a connection as stable. */
const stableSessionMs = 61_000;

export interface TerminalProcessesOptions {
  /** Folder of the credential bundles. */
  bundles: string;
  /** File of the age identity that opens them. */
  identity: string;
  /** Folder for the terminals' own files. */
  homes: string;
  env: Record<string, string>;
  processes: number;
}

/** The processes that run the terminals, and what happened to the terminals. */
export class TerminalProcesses extends EventEmitter<{ update: [] }> implements AsyncDisposable {
  readonly connected = new Set<string>();
  readonly handled: { id: string; terminal: string; state: string }[] = [];
  /** Ends of connections and failed attempts. */
  readonly disconnects: { terminal: string; reason: string; atMs: number }[] = [];
  private lastConnectedMs = 0;
  private readonly children: ChildProcess[];
  private readonly ended: Promise<unknown>[];
  private opened = 0;
  private stopped = 0;
  private usages: Usage[] = [];

  constructor({ bundles, identity, homes, env, processes }: TerminalProcessesOptions) {
    super();
    this.children = Array.from({ length: processes }, (_, part) =>
      fork(
        join(import.meta.dirname, "terminals-process.ts"),
        [bundles, identity, homes, String(part), String(processes)],
        {
          env: { ...process.env, ...env },
          execArgv: ["--disable-warning=ExperimentalWarning", "--expose-gc", ...nodeOptions("TERMINALS")],
        },
      ),
    );
    this.ended = this.children.map((child) => once(child, "exit"));
    for (const child of this.children) {
      child.on("message", (event: TerminalsEvent) => this.receive(event));
      child.on("exit", () => this.emit("update"));
    }
  }

  /** Opens all terminals, and then lets them connect. Resolves when they are opened. */
  async start(): Promise<void> {
    this.opened = 0;
    this.order({ start: true });
    await this.until(() => this.opened === this.children.length);
  }

  /** Stops all terminals, and runs only this one. */
  only(terminal: string): void {
    this.connected.clear();
    this.children[0]?.send({ only: terminal } satisfies TerminalsOrder);
  }

  async stop(): Promise<void> {
    this.stopped = 0;
    this.order({ stop: true });
    await this.until(() => this.stopped === this.children.length);
    this.connected.clear();
  }

  /**
   * Waits until all connections are older than a minute. From then on a terminal that loses its connection waits a random
   * time up to 30 seconds before it connects again.
   */
  async untilStable(): Promise<void> {
    await sleep(Math.max(0, this.lastConnectedMs + stableSessionMs - performance.now()));
  }

  /** What all processes use together. */
  async usage(): Promise<Usage> {
    this.usages = [];
    this.order({ usage: true });
    await this.until(() => this.usages.length === this.children.length);
    return {
      residentMb: this.usages.reduce((sum, { residentMb }) => sum + residentMb, 0),
      cpuSeconds: this.usages.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    };
  }

  /** Waits for a condition. @throws Error when it does not hold in time, or a process has ended. */
  async until(condition: () => boolean, withinMs = 1_200_000): Promise<void> {
    const late = AbortSignal.timeout(withinMs);
    while (!condition()) {
      const ended = this.children.find(
        ({ exitCode, signalCode }) => exitCode !== null || signalCode !== null,
      );
      if (ended) throw new Error(`A process of terminals has ended: ${ended.signalCode ?? ended.exitCode}.`);
      await once(this, "update", { signal: late });
    }
  }

  private order(order: TerminalsOrder): void {
    for (const child of this.children) child.send(order);
  }

  private receive(event: TerminalsEvent): void {
    if ("connected" in event) {
      this.connected.add(event.connected);
      this.lastConnectedMs = performance.now();
    } else if ("disconnected" in event) {
      this.connected.delete(event.disconnected);
      const { disconnected: terminal, reason } = event;
      this.disconnects.push({ terminal, reason, atMs: performance.now() });
    } else if ("handled" in event) {
      this.handled.push({ id: event.handled, terminal: event.terminal, state: event.state });
    } else if ("opened" in event) this.opened++;
    else if ("usage" in event) this.usages.push(event.usage);
    else this.stopped++;
    this.emit("update");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.children) if (child.connected) child.disconnect();
    await Promise.all(this.ended);
  }
}
