import { execFile } from "node:child_process";
import { resolve } from "node:path";

/** The checkout. */
export const root = resolve(import.meta.dirname, "..", "..", "..");

/** How a Node process ended, and its output. */
export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a script in a new Node process, with the file that Pulumi loads before the program loaded first. */
export function runBeforeProgram(script: string, env: Record<string, string> = {}): Promise<Ended> {
  const args = ["--require", "./tools/pulumi-cli/before-program.cjs", "--eval", script];
  return runNode(args, env);
}

/** Runs Node in the checkout. */
export function runNode(args: string[], env: Record<string, string> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      args,
      { cwd: root, env: { ...process.env, ...env } },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}
