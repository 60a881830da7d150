import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import type { AzureAccess } from "../../cli/arguments/stack-connection.ts";
import { runCommandLine } from "../../cli/run-command-line.ts";

export interface CliResult {
  code: number;
  stdout: string;
  stderr: string;
}

const cli = join(import.meta.dirname, "../../cli/main.ts");

export interface CliOptions {
  /** Environment variables, beside PATH and TERMINALS_LANG=en. */
  env?: Record<string, string>;
  /** Working folder. */
  cwd?: string;
  /** Standard input. */
  input?: string | Buffer;
  /** Options of Node. */
  nodeArgs?: string[];
  /** Maximum size of a file in bytes, a multiple of 512, to simulate a full disk. Not on Windows. */
  largestFileBytes?: number;
  /** File for standard output, as the shell's `>`. */
  stdout?: string;
  /** Closes the pipe of standard output after this number of bytes, as `head` does. */
  readsBytes?: number;
  /** Kills the process (SIGKILL) when this resolves. */
  killWhen?: Promise<unknown>;
  /** Interrupts the command (SIGINT) when this resolves. */
  interruptWhen?: Promise<unknown>;
}

/** Runs the command line in a process of its own. */
export function runCli(args: string[], options: CliOptions = {}): Promise<CliResult> {
  const node = [process.execPath, ...(options.nodeArgs ?? []), cli, ...args];
  const limit = ["-c", `ulimit -f ${(options.largestFileBytes ?? 0) / 512}; exec "$@"`, "sh"];
  const [command, ...rest] = options.largestFileBytes ? ["sh", ...limit, ...node] : node;
  const stdout = options.stdout === undefined ? "pipe" : openSync(options.stdout, "w");
  const child = spawn(command as string, rest, {
    stdio: ["pipe", stdout, "pipe"],
    cwd: options.cwd,
    env: { PATH: process.env.PATH ?? "", TERMINALS_LANG: "en", ...options.env },
  });
  if (typeof stdout === "number") closeSync(stdout);
  child.stdin?.end(options.input ?? "");
  const result = { code: -1, stdout: "", stderr: "" };
  if (options.readsBytes === 0) child.stdout?.destroy();
  child.stdout?.on("data", (data) => {
    result.stdout += data;
    if (result.stdout.length >= (options.readsBytes ?? Number.POSITIVE_INFINITY)) child.stdout?.destroy();
  });
  child.stderr?.on("data", (data) => {
    result.stderr += data;
  });
  options.killWhen?.then(() => child.kill("SIGKILL"));
  options.interruptWhen?.then(() => child.kill("SIGINT"));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ ...result, code: code ?? -1 }));
  });
}

/**
 * Runs the command line in this process, which is faster than `runCli`. Use `runCli` where the process itself is
 * tested: signals, kills, closed pipes, locks between processes, variables that are read at start.
 * @param options.env Variables that this process has too while the command runs.
 * @param options.azure How to reach Azure and sign in; default as `env` says.
 * @param options.input Standard input, which is no terminal.
 * @param options.interruptWhen Interrupts the command when this resolves.
 * @param options.interruptAt Interrupts the command when it has written this text to standard error.
 */
export async function runInProcess(
  args: string[],
  options: Pick<CliOptions, "env" | "input" | "interruptWhen"> & {
    azure?: AzureAccess;
    interruptAt?: string;
  } = {},
): Promise<CliResult> {
  using _ = shareEnvironment(options.env ?? {});
  const stdin = new PassThrough();
  stdin.end(options.input ?? "");
  const interruption = new AbortController();
  const stdout = new Capture();
  const stderr = new Capture((text) => {
    if (options.interruptAt && text.includes(options.interruptAt)) interruption.abort();
  });
  options.interruptWhen?.then(() => interruption.abort());
  const code = await runCommandLine(args, {
    ...{ stdin, stdout, stderr, interruption },
    azure: options.azure,
  });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

class Capture extends Writable {
  text = "";
  private readonly onText: (text: string) => void;

  /** @param onText Called with the whole text after each write. */
  constructor(onText: (text: string) => void = () => {}) {
    super();
    this.onText = onText;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk;
    this.onText(this.text);
    done();
  }
}

let shared: { env: Record<string, string>; before: NodeJS.ProcessEnv; users: number } | undefined;

/** Sets environment variables of this process until the last of their users is disposed. */
function shareEnvironment(env: Record<string, string>): Disposable {
  if (!shared) {
    shared = { env, before: { ...process.env }, users: 0 };
    Object.assign(process.env, env);
  }
  const own = shared;
  if (JSON.stringify(own.env) !== JSON.stringify(env)) {
    throw new Error("Two commands with different environments cannot run in one process at the same time.");
  }
  own.users++;
  return {
    [Symbol.dispose]() {
      if (--own.users > 0) return;
      for (const name of Object.keys(own.env)) {
        if (own.before[name] === undefined) delete process.env[name];
        else process.env[name] = own.before[name];
      }
      shared = undefined;
    },
  };
}

/** The objects that a command with `--json` wrote, one per line. */
export function jsonLines(result: CliResult): Record<string, unknown>[] {
  return result.stdout
    .trim()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
