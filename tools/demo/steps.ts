import { type ChildProcess, spawn } from "node:child_process";
import { styleText } from "node:util";

/** One thing the demo did, for the closing table. */
interface Done {
  title: string;
  seconds: number;
}

/** Runs the demo's steps one after the other, times them, and ends what they started when it is interrupted. */
export class Steps {
  readonly done: Done[] = [];
  private readonly children = new Set<ChildProcess>();
  private readonly closers: (() => unknown)[] = [];
  private interrupted = false;

  constructor() {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, async () => {
        if (this.interrupted) return;
        this.interrupted = true;
        console.log(`\n${signal}: ending what was started …`);
        await this.close();
        process.exit(130);
      });
    }
  }

  /** Runs one step under a heading, and remembers how long it took. */
  async step<T>(title: string, work: () => Promise<T>): Promise<T> {
    console.log(`\n${styleText("bold", `${this.done.length + 1}. ${title}`)}`);
    const from = performance.now();
    const result = await work();
    const seconds = (performance.now() - from) / 1000;
    this.done.push({ title, seconds });
    console.log(styleText("dim", `   ${seconds.toFixed(1)} s`));
    return result;
  }

  /** Something to close at the end, or when the demo is interrupted. */
  atEnd(close: () => unknown): void {
    this.closers.push(close);
  }

  /**
   * Runs a program of the project and shows its output, indented.
   * @param options.input Goes to its standard input; where a secret is needed it goes this way, never by argument.
   * @param options.quiet Return the output without showing it.
   * @param options.expect The exit code that means success here; default 0.
   * @throws Error with the last lines when it ends otherwise.
   */
  run(
    command: string,
    args: string[],
    options: { env?: NodeJS.ProcessEnv; cwd?: string; input?: string; quiet?: boolean; expect?: number } = {},
  ): Promise<string> {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    this.children.add(child);
    child.stdin?.end(options.input);
    let output = "";
    const take = (data: Buffer) => {
      output += data;
      if (!options.quiet) process.stdout.write(data.toString().replace(/^(?=.)/gm, "   "));
    };
    child.stdout?.on("data", take);
    child.stderr?.on("data", take);
    return new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code, signal) => {
        this.children.delete(child);
        if (code === (options.expect ?? 0)) resolve(output);
        else if (!this.interrupted) {
          const shown = options.quiet ? `\n${output.trim().split("\n").slice(-20).join("\n")}` : "";
          reject(new Error(`${args[0]} ended with ${signal ?? code}${shown}`));
        }
      });
    });
  }

  /** Ends every child that still runs, then closes what was opened, the last first. */
  async close(): Promise<void> {
    const ending = [...this.children].map((child) => new Promise((resolve) => child.once("close", resolve)));
    for (const child of this.children) child.kill("SIGTERM");
    await Promise.race([Promise.all(ending), new Promise((resolve) => setTimeout(resolve, 5000))]);
    for (const child of this.children) child.kill("SIGKILL");
    for (const close of this.closers.splice(0).reverse()) await close();
  }
}
