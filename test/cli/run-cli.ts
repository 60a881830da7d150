import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";

export interface CliResult {
  code: number;
  stdout: string;
  stderr: string;
}

const cli = join(import.meta.dirname, "../../cli/main.ts");

export interface CliOptions {
  env?: Record<string, string>;
  cwd?: string;
  input?: string;
  /** For node, before the program. */
  nodeArgs?: string[];
  /** Files grow no larger than this, as on a disk that is full; not on Windows. Whole units of 512. */
  largestFileBytes?: number;
  /** Where standard output goes instead, as by the shell's `>`. */
  stdout?: string;
  /** Stops reading what it writes to standard output after so many bytes, as `head` does. */
  readsBytes?: number;
  /** Ends it with kill -9 when this resolves. */
  killWhen?: Promise<unknown>;
  /** Sends Ctrl-C when this resolves. */
  interruptWhen?: Promise<unknown>;
}

/** Runs the command line as a process of its own. */
export function runCli(args: string[], options: CliOptions = {}): Promise<CliResult> {
  const node = [process.execPath, ...(options.nodeArgs ?? []), cli, ...args];
  const limit = ["-c", `ulimit -f ${(options.largestFileBytes ?? 0) / 512}; exec "$@"`, "sh"];
  const [command, ...rest] = options.largestFileBytes ? ["sh", ...limit, ...node] : node;
  const stdout = options.stdout === undefined ? "pipe" : openSync(options.stdout, "w");
  const child = spawn(command as string, rest, {
    stdio: ["pipe", stdout, "pipe"],
    cwd: options.cwd,
    env: { PATH: process.env.PATH ?? "", ...options.env },
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

/** What a command with `--json` wrote: one object a line. */
export function jsonLines(result: CliResult): Record<string, unknown>[] {
  return result.stdout
    .trim()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
