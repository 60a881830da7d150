import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { extractBase } from "./base/base-program.ts";
import { readOptions } from "./options.ts";

/*
 * `npm run judge`: judges a change of the program before it is merged, and ends in one report.
 */

const root = resolve(import.meta.dirname, "..", "..");
const options = readOptions(root);
const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => interrupted.abort());

const dir = mkdtempSync(join(tmpdir(), "terminal-fleet-judge-"));
try {
  const base = await extractBase(root, dir, options.base).catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 2;
  });
  if (base) {
    // The sandbox and the engine's messages load after the command line is known to be right.
    const { judgeChange } = await import("./judge-change.ts");
    process.exitCode = await judgeChange({ root, dir, options, base, signal: interrupted.signal });
  }
} catch (error) {
  if (!interrupted.signal.aborted) console.error((error as Error).message);
  process.exitCode = interrupted.signal.aborted ? 130 : 1;
} finally {
  rmSync(dir, { recursive: true, force: true });
}
