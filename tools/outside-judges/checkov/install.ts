import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { installOnce } from "../install-once.ts";

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
  const pythonIn = (folder: string) => join(folder, "venv", isWindows ? "Scripts/python.exe" : "bin/python");
  const folder = await installOnce(
    `checkov-${checkovVersion}`,
    async (folder) => {
      await attempt(`${systemPython} with the module venv is missing. Install Python 3.9 or newer`, () =>
        run(systemPython, ["-c", "import venv, ensurepip"]),
      );
      report(`Installing checkov ${checkovVersion} from PyPI into ${folder} (once; about 300 MB) …`);
      await run(systemPython, ["-m", "venv", "--clear", join(folder, "venv")]);
      const options = ["--quiet", "--disable-pip-version-check", "--only-binary", ":all:"];
      await attempt("checkov cannot be installed from PyPI. Check the connection and the proxy", () =>
        run(pythonIn(folder), ["-m", "pip", "install", ...options, `checkov==${checkovVersion}`]),
      );
    },
    { waitMs },
  );
  return pythonIn(folder);
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
