import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { join } from "node:path";
import { projectRoot } from "./project-root.ts";

/** The result of a command. */
export interface Outcome {
  /** Exit code; null when a signal ended it. */
  code: number | null;
  /** Standard output and standard error, in the order in which they arrived. */
  output: string;
  /** Standard output alone. */
  stdout: string;
}

/** Waits for the end of a child process that was started with piped output. */
export function outcome(child: ChildProcess): Promise<Outcome> {
  let output = "";
  let stdout = "";
  child.stdout?.on("data", (data) => {
    output += data;
    stdout += data;
  });
  child.stderr?.on("data", (data) => (output += data));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output, stdout }));
  });
}

/**
 * Starts a TypeScript program of the project on this Node, with its output piped and without standard input.
 * @param program Path from the project's folder.
 */
export function startProgram(program: string, args: string[] = [], options: SpawnOptions = {}): ChildProcess {
  return spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", join(projectRoot, program), ...args],
    { cwd: projectRoot, stdio: ["ignore", "pipe", "pipe"], ...options },
  );
}
