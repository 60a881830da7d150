import { execFile } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { waitForLock } from "@terminal-fleet/file-lock";
import envPaths from "env-paths";

const run = promisify(execFile);

/** The version of checkov that judges. Another version has other checks, and so another score. */
export const checkovVersion = "3.3.30";

const isWindows = process.platform === "win32";
const systemPython = isWindows ? "python" : "python3";
/** Limit for another process that installs checkov at the same time: its packages have about 300 MB. */
const waitMs = 600_000;

/**
 * Installs checkov from PyPI into a virtual environment in the user's cache folder, or in TERMINAL_FLEET_CACHE. It is
 * installed once for each version: a second process waits for the first.
 * @param report Receives one line before an installation starts.
 * @returns Path of the environment's Python.
 * @throws Error with the reason and the remedy when this computer has no Python with venv, or PyPI cannot be reached.
 */
export async function installCheckov(report: (line: string) => void): Promise<string> {
  const cache = process.env.TERMINAL_FLEET_CACHE ?? envPaths("terminal-fleet", { suffix: "" }).cache;
  const folder = join(cache, `checkov-${checkovVersion}`);
  const environment = join(folder, "venv");
  const python = join(environment, isWindows ? "Scripts/python.exe" : "bin/python");
  const installed = join(folder, "installed");
  if (existsSync(installed)) return python;
  await attempt(`${systemPython} with the module venv is missing. Install Python 3.9 or newer`, () =>
    run(systemPython, ["-c", "import venv, ensurepip"]),
  );
  mkdirSync(folder, { recursive: true });
  const release = await waitForLock(join(folder, "lock"), { waitMs });
  try {
    if (existsSync(installed)) return python;
    report(`Installing checkov ${checkovVersion} from PyPI into ${folder} (once; about 300 MB) …`);
    await run(systemPython, ["-m", "venv", "--clear", environment]);
    const options = ["--quiet", "--disable-pip-version-check", "--only-binary", ":all:"];
    await attempt("checkov cannot be installed from PyPI. Check the connection and the proxy", () =>
      run(python, ["-m", "pip", "install", ...options, `checkov==${checkovVersion}`]),
    );
    writeFileSync(installed, "");
    return python;
  } finally {
    release();
  }
}

async function attempt(problem: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const lines = String((error as { stderr?: string }).stderr || (error as Error).message)
      .trim()
      .split(/\r?\n/);
    throw new Error(`${problem} (${lines.at(-1)}).`);
  }
}
