import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { type DeployedProgram, deployedProgram } from "../../../test/support/deployed-program.ts";
import type { SandboxOrder, SandboxReady, SandboxReport } from "./sandbox-process.ts";

/** A sandbox with the deployed program, in a separate process, which can be killed and started again. */
export class BenchSandbox implements AsyncDisposable {
  readonly outputs: DeployedProgram["outputs"];
  private readonly dir: string;
  private child!: ChildProcess;
  private ready!: SandboxReady;

  private constructor(dir: string, outputs: DeployedProgram["outputs"]) {
    this.dir = dir;
    this.outputs = outputs;
  }

  /** @param dir The folder of its state, which does not exist yet. */
  static async start(dir: string): Promise<BenchSandbox> {
    const program = await deployedProgram();
    program.copySandbox(dir);
    const sandbox = new BenchSandbox(dir, program.outputs);
    await sandbox.fork("0");
    return sandbox;
  }

  /** The environment of an operator's process. */
  get env(): Record<string, string> {
    return this.ready.env;
  }

  read(): Promise<SandboxReport> {
    return this.order({ drop: false });
  }

  /** Closes all connections of devices, as a restart of the service does. */
  drop(): Promise<SandboxReport> {
    return this.order({ drop: true });
  }

  /** Kills the process, and starts it again with its state on the same port. Resolves when it accepts connections. */
  async restart(): Promise<void> {
    const ended = once(this.child, "exit");
    this.child.kill("SIGKILL");
    await ended;
    await this.fork(new URL(this.ready.proxyUrl).port);
  }

  private async fork(port: string): Promise<void> {
    const args = [this.dir, port, this.outputs.hubResourceId];
    this.child = fork(join(import.meta.dirname, "sandbox-process.ts"), args, {
      execArgv: ["--disable-warning=ExperimentalWarning", "--expose-gc", ...nodeOptions("SANDBOX")],
    });
    this.ready = await answer<SandboxReady>(this.child);
  }

  private order(order: SandboxOrder): Promise<SandboxReport> {
    const report = answer<SandboxReport>(this.child);
    this.child.send(order);
    return report;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, "exit");
    this.child.disconnect();
    await ended;
  }
}

/** Node's options for the processes of the bench, to profile them, for example BENCH_NODE_SANDBOX=--cpu-prof. */
export function nodeOptions(process_: "SANDBOX" | "TERMINALS"): string[] {
  return process.env[`BENCH_NODE_${process_}`]?.split(" ") ?? [];
}

/** The next message of a process. @throws Error when it ends before. */
async function answer<T>(child: ChildProcess): Promise<T> {
  const over = new AbortController();
  const { signal } = over;
  try {
    return await Promise.race([
      once(child, "message", { signal }).then(([message]) => message as T),
      once(child, "exit", { signal }).then(([code, name]) => {
        throw new Error(`The sandbox of the bench has ended: ${name ?? code}.`);
      }),
    ]);
  } finally {
    over.abort();
  }
}
