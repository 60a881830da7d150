import { spawn } from "node:child_process";
import { join } from "node:path";

export interface CliResult {
  code: number;
  stdout: string;
  stderr: string;
}

const cli = join(import.meta.dirname, "../../terminals/cli.ts");

export interface CliOptions {
  env?: Record<string, string>;
  cwd?: string;
  input?: string;
  /** For node, before the program. */
  nodeArgs?: string[];
  /** Files grow no larger than this, as on a disk that is full; not on Windows. Whole units of 512. */
  largestFileBytes?: number;
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
  const child = spawn(command as string, rest, {
    cwd: options.cwd,
    env: { PATH: process.env.PATH ?? "", ...options.env },
  });
  child.stdin.end(options.input ?? "");
  const result = { code: -1, stdout: "", stderr: "" };
  child.stdout.on("data", (data) => {
    result.stdout += data;
  });
  child.stderr.on("data", (data) => {
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
