import { execFile } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import envPaths from "env-paths";
import { waitForLock } from "../../tools/file-lock/file-lock.ts";

const run = promisify(execFile);
const isWindows = process.platform === "win32";
const systemPython = isWindows ? "python" : "python3";

/** Whether this computer has Python. */
export const hasPython = await run(systemPython, ["--version"]).then(
  () => true,
  () => false,
);

/**
 * Installs a package from PyPI into a virtual environment in the user's cache folder, or in TERMINAL_FLEET_CACHE. It is
 * installed once for each version: a second process waits for the first.
 * @param name For example azure-cli.
 * @param options.waitMs Limit for another process that installs it at the same time; default 150,000.
 * @returns Path of the environment's Python.
 */
export async function installPythonPackage(
  name: string,
  version: string,
  { waitMs = 150_000 }: { waitMs?: number } = {},
): Promise<string> {
  const cache = process.env.TERMINAL_FLEET_CACHE ?? envPaths("terminal-fleet", { suffix: "" }).cache;
  const folder = join(cache, `${name}-${version}`);
  const environment = join(folder, "venv");
  const python = join(environment, isWindows ? "Scripts/python.exe" : "bin/python");
  const installed = join(folder, "installed");
  if (existsSync(installed)) return python;
  mkdirSync(folder, { recursive: true });
  const release = await waitForLock(join(folder, "lock"), { waitMs });
  try {
    if (existsSync(installed)) return python;
    await run(systemPython, ["-m", "venv", "--clear", environment]);
    const options = ["--quiet", "--disable-pip-version-check"];
    await run(python, ["-m", "pip", "install", ...options, `${name}==${version}`]);
    writeFileSync(installed, "");
    return python;
  } finally {
    release();
  }
}
