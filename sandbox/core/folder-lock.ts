import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FileLocked, lockFile } from "@terminal-fleet/file-lock";

/** Another process uses the sandbox's folder. */
export class FolderInUse extends Error {}

/**
 * Locks a sandbox's folder for this process, and writes the process ID into the folder.
 * @returns A function that releases the lock.
 * @throws FolderInUse with the ID of the process that holds the lock.
 */
export function lockFolder(dir: string): () => void {
  let release: () => void;
  try {
    release = lockFile(join(dir, "sandbox.lock"));
  } catch (error) {
    if (!(error instanceof FileLocked)) throw error;
    throw new FolderInUse(
      `Process ${readLockHolder(dir) ?? "of another user"} already runs or starts the sandbox in ${dir}.`,
    );
  }
  const file = join(dir, "sandbox.pid");
  writeFileSync(file, String(process.pid), { mode: 0o600 });
  return () => {
    rmSync(file, { force: true });
    release();
  };
}

/** The ID of the process that holds the folder's lock, or that held it when it was killed. */
export function readLockHolder(dir: string): number | undefined {
  try {
    const pid = Number(readFileSync(join(dir, "sandbox.pid"), "utf8"));
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}
