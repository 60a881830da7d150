import { execFile } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import envPaths from "env-paths";
import { waitForLock } from "../../../../tools/file-lock/file-lock.ts";

const run = promisify(execFile);
const version = "2.14.0";
const isWindows = process.platform === "win32";
const systemPython = isWindows ? "python" : "python3";

/** Whether this computer has Python. */
export const hasPython = await run(systemPython, ["--version"]).then(
  () => true,
  () => false,
);

/**
 * Installs the official Python SDK for devices into a virtual environment in the user's cache folder, or in
 * TERMINAL_FLEET_CACHE. It is installed once for each version: a second process waits for the first.
 * @returns Path of the environment's Python.
 */
export async function installPythonSdk(): Promise<string> {
  const cache = process.env.TERMINAL_FLEET_CACHE ?? envPaths("terminal-fleet", { suffix: "" }).cache;
  const folder = join(cache, `azure-iot-device-${version}`);
  const environment = join(folder, "venv");
  const python = join(environment, isWindows ? "Scripts/python.exe" : "bin/python");
  const installed = join(folder, "installed");
  if (existsSync(installed)) return python;
  mkdirSync(folder, { recursive: true });
  const release = await waitForLock(join(folder, "lock"), { waitMs: 150_000 });
  try {
    if (existsSync(installed)) return python;
    await run(systemPython, ["-m", "venv", "--clear", environment]);
    const requirement = `azure-iot-device==${version}`;
    await run(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", requirement]);
    writeFileSync(installed, "");
    return python;
  } finally {
    release();
  }
}
