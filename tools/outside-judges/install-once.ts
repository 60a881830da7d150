import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { waitForLock } from "@terminal-fleet/file-lock";
import envPaths from "env-paths";

/**
 * Installs something once for this computer, in the user's cache folder or in TERMINAL_FLEET_CACHE. A second process
 * waits for the first; what did not finish is installed again.
 * @param name Folder name, with the version.
 * @param install Installs into the folder.
 * @param options.waitMs Limit for another process that installs it at the same time; default 150,000.
 * @returns The folder.
 */
export async function installOnce(
  name: string,
  install: (folder: string) => Promise<void>,
  { waitMs = 150_000 }: { waitMs?: number } = {},
): Promise<string> {
  const cache = process.env.TERMINAL_FLEET_CACHE ?? envPaths("terminal-fleet", { suffix: "" }).cache;
  const folder = join(cache, name);
  const installed = join(folder, "installed");
  if (existsSync(installed)) return folder;
  mkdirSync(folder, { recursive: true });
  const release = await waitForLock(join(folder, "lock"), { waitMs });
  try {
    if (existsSync(installed)) return folder;
    await install(folder);
    writeFileSync(installed, "");
    return folder;
  } finally {
    release();
  }
}
