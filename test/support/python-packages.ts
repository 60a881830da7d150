import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { installOnce } from "../../tools/outside-judges/install-once.ts";

const run = promisify(execFile);
const isWindows = process.platform === "win32";
const systemPython = isWindows ? "python" : "python3";

/** Whether this computer has Python. */
export const hasPython = await run(systemPython, ["--version"]).then(
  () => true,
  () => false,
);

/**
 * Installs a package from PyPI into a separate virtual environment, once for each version: see `installOnce`.
 * @param name For example azure-cli.
 * @param options.waitMs Limit for another process that installs it at the same time; default 150,000.
 * @param options.more Other packages of the environment, with versions: paho-mqtt==2.1.0. A change of them alone is not
 * noticed.
 * @returns Path of the environment's Python.
 */
export async function installPythonPackage(
  name: string,
  version: string,
  { waitMs, more = [] }: { waitMs?: number; more?: string[] } = {},
): Promise<string> {
  const pythonIn = (folder: string) => join(folder, "venv", isWindows ? "Scripts/python.exe" : "bin/python");
  const folder = await installOnce(
    `${name}-${version}`,
    async (folder) => {
      await run(systemPython, ["-m", "venv", "--clear", join(folder, "venv")]);
      const options = ["--quiet", "--disable-pip-version-check"];
      await run(pythonIn(folder), ["-m", "pip", "install", ...options, `${name}==${version}`, ...more]);
    },
    { waitMs },
  );
  return pythonIn(folder);
}
