import { rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { FileLocked, lockFile, readHolder } from "@terminal-fleet/file-lock";
import { t } from "../words/translate.ts";
import { isTransientWindowsError } from "./fsync.ts";
import { OperatorError } from "./operator-error.ts";

/** How long to retry in milliseconds, and how often, when another program, such as a virus scanner, has the file open. */
const retryMs = 1_000;
const retryPauseMs = 25;

/**
 * Locks a file against other runs, on this computer and on others that share its folder.
 *
 * Runs on this computer use a lock of the operating system, which a run that is killed releases. The lock of an operating
 * system may not reach other computers. So a run also creates the file PATH.lock, which names its computer and process.
 * When that file names another computer, the lock stays until a person removes the file: this computer cannot tell
 * whether that run still works.
 * @param doing What a run that has the lock does, for the message.
 * @returns A function that releases the lock.
 * @throws OperatorError when another run has the lock; Error when the file's folder cannot be written.
 */
export async function lock(path: string, doing = t`is onboarding this batch`): Promise<() => void> {
  const holderFile = `${path}.lock`;
  const release = lockOnThisComputer(path, holderFile, doing);
  try {
    const isStale = release !== undefined && readHolder(holderFile)?.host === hostname();
    if (isStale) rmSync(holderFile, { force: true });
    await createHolderFile(holderFile, doing);
  } catch (error) {
    release?.();
    throw error;
  }
  return () => {
    // A person may have removed it, and another computer may have created its own.
    const holder = readHolder(holderFile);
    if (holder?.pid === process.pid && holder.host === hostname()) rmSync(holderFile, { force: true });
    release?.();
  };
}

/** @returns Undefined where the folder's file system has no locks, as on some network drives. */
function lockOnThisComputer(path: string, holderFile: string, doing: string): (() => void) | undefined {
  try {
    return lockFile(join(dirname(path), `.${basename(path)}.lock`));
  } catch (error) {
    if (error instanceof FileLocked) throw inUse(holderFile, doing);
    return undefined;
  }
}

const thisProcess = () => `${process.pid} ${hostname()}`;

/** @throws OperatorError when it exists. */
async function createHolderFile(file: string, doing: string): Promise<void> {
  for (const deadline = Date.now() + retryMs; ; ) {
    try {
      return writeFileSync(file, thisProcess(), { flag: "wx", mode: 0o600 });
    } catch (error) {
      const exists = (error as NodeJS.ErrnoException).code === "EEXIST";
      if (exists) throw inUse(file, doing);
      if (!isTransientWindowsError(error) || Date.now() > deadline) throw error;
      await sleep(retryPauseMs);
    }
  }
}

function inUse(holderFile: string, doing: string): OperatorError {
  const holder = readHolder(holderFile);
  const process =
    holder &&
    (holder.host === hostname() ? t`process ${holder.pid}` : t`process ${holder.pid} on ${holder.host}`);
  return new OperatorError(
    "usage",
    process ? t`another run (${process}) ${doing}` : t`another run ${doing}`,
    { remedy: t`Wait for it to end. If there is no such run, remove ${holderFile}.` },
  );
}
