import { chmodSync, lstatSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FileLocked, lockFile } from "./file-lock.ts";

/** Makes a folder that only this user can read, or makes an existing one such. @throws when it is another user's. */
export function privateFolder(dir: string): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  if (process.platform === "win32") return;
  const { uid, mode } = statSync(dir);
  if (uid !== process.getuid?.()) throw new Error(`The folder ${dir} belongs to another user (${uid}).`);
  if (mode & 0o077) chmodSync(dir, 0o700);
}

/** Refuses a link, and what another user made or can change. @param path Of what is there. */
export function checkOwn(path: string): void {
  if (process.platform === "win32") return;
  const found = lstatSync(path);
  if (!found.isSymbolicLink() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0) return;
  throw new Error(
    `${path} must be yours, and nobody else may write to it: see who made it, then chmod go-w.`,
  );
}

/** Of two that ask at the very same moment, SQLite may refuse both; of two that wait a moment, one gets it. */
const patienceMs = 300;

/** A sandbox's folder is in use: one process at a time has it. */
export class FolderInUse extends Error {}

/**
 * Holds a sandbox's folder for this process, and writes down which process that is.
 * @returns Lets it go.
 * @throws FolderInUse, which names the process that has it.
 */
export function holdFolder(dir: string): () => void {
  let release: () => void;
  try {
    release = lockFile(join(dir, "sandbox.lock"), patienceMs);
  } catch (error) {
    if (!(error instanceof FileLocked)) throw error;
    throw new FolderInUse(
      `Process ${holderOf(dir) ?? "of another user"} runs the sandbox in ${dir}, or is starting it.`,
    );
  }
  const file = join(dir, "sandbox.pid");
  writeFileSync(file, String(process.pid), { mode: 0o600 });
  return () => {
    rmSync(file, { force: true });
    release();
  };
}

/** The process that holds a sandbox's folder, or that held it when it was killed. */
export function holderOf(dir: string): number | undefined {
  try {
    const pid = Number(readFileSync(join(dir, "sandbox.pid"), "utf8"));
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}
