import { execFile } from "node:child_process";
import { stripVTControlCharacters as plainText, promisify } from "node:util";
import type { Outcome } from "./processes.ts";

/** Runs an executable file to its end, and returns its output without colours. */
export async function runFile(
  file: string,
  args: string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv },
): Promise<Outcome> {
  const result = await promisify(execFile)(file, args, { maxBuffer: 1 << 26, ...options }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code?: number | string; stdout: string; stderr: string }) => ({
      ...error,
      code: typeof error.code === "number" ? error.code : 1,
    }),
  );
  return { code: result.code, output: plainText(result.stdout + result.stderr), stdout: result.stdout };
}
