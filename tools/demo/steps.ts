import { type ChildProcess, spawn } from "node:child_process";
import { styleText } from "node:util";

/** A finished step of the demo, for the summary. */
interface FinishedStep {
  title: string;
  seconds: number;
}

/**
 * Runs the steps of the demo one after the other and measures them. On a signal, and when standard
 * output closes, it ends the processes that they started.
 */
export class Steps {
  readonly finished: FinishedStep[] = [];
  private readonly children = new Set<ChildProcess>();
  private readonly closers: (() => unknown)[] = [];
  private interrupted = false;

  constructor() {
    // A pipe such as `| head` has closed: no reader is left for whom the demo would run on.
    process.stdout.on("error", async (error: NodeJS.ErrnoException) => {
      if (this.interrupted) return;
      this.interrupted = true;
      if (error.code !== "EPIPE") console.error(`Standard output cannot be written: ${error.message}`);
      await this.close();
      process.exit(error.code === "EPIPE" ? 0 : 1);
    });
    process.stderr.on("error", () => {});
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, async () => {
        if (this.interrupted) return;
        this.interrupted = true;
        console.log(`\n${signal}: stopping all processes of the demo …`);
        await this.close();
        process.exit(130);
      });
    }
  }

  /** Prints a heading, runs one step, and records its duration. */
  async step<T>(title: string, work: () => Promise<T>): Promise<T> {
    console.log(`\n${styleText("bold", `${this.finished.length + 1}. ${title}`)}`);
    const from = performance.now();
    const result = await work();
    const seconds = (performance.now() - from) / 1000;
    this.finished.push({ title, seconds });
    console.log(styleText("dim", `   ${seconds.toFixed(1)} s`));
    return result;
  }

  /** Registers a function that runs at the end of the demo, or when it is interrupted. */
  atEnd(close: () => unknown): void {
    this.closers.push(close);
  }

  /**
   * Runs a program and prints its output, indented.
   * @param options.input Standard input of the program. Secrets are passed in this way, never as arguments.
   * @param options.quiet Whether the output is returned only, and not printed; default false.
   * @throws Error with the last lines of the output when the exit code is not 0.
   */
  run(
    command: string,
    args: string[],
    options: { env?: NodeJS.ProcessEnv; cwd?: string; input?: string; quiet?: boolean } = {},
  ): Promise<string> {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    this.children.add(child);
    child.stdin?.end(options.input);
    let output = "";
    const onData = (data: Buffer) => {
      output += data;
      if (!options.quiet) process.stdout.write(data.toString().replace(/^(?=.)/gm, "   "));
    };
    child.stdout?.on("data", onData);
    child.stderr?.on("data", onData);
    return new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code, signal) => {
        this.children.delete(child);
        if (code === 0) resolve(output);
        else if (!this.interrupted) {
          const lastLines = options.quiet ? `\n${output.trim().split("\n").slice(-20).join("\n")}` : "";
          reject(new Error(`${args[0]} ended with ${signal ?? code}${lastLines}`));
        }
      });
    });
  }

  /** Ends every child process, then runs the registered functions in reverse order. */
  async close(): Promise<void> {
    const ending = [...this.children].map((child) => new Promise((resolve) => child.once("close", resolve)));
    for (const child of this.children) child.kill("SIGTERM");
    await Promise.race([Promise.all(ending), new Promise((resolve) => setTimeout(resolve, 5000))]);
    for (const child of this.children) child.kill("SIGKILL");
    for (const close of this.closers.splice(0).reverse()) await close();
  }
}
