import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { OperatorError } from "./errors.ts";
import { isTransientWindowsError } from "./fsync.ts";

/** Files that this process has locked. */
const held = new Set<string>();

/** How often a lock is looked at again that goes while it is looked at, or that is being written. */
const looks = 40;
const lookMs = 25;

/**
 * Locks a file against other runs, on this computer and on others that reach it over the network, with a file beside it
 * that names the computer and the process. A lock whose process is gone is taken over on the computer that it names; of
 * another computer nobody here can tell.
 * @returns What unlocks it.
 * @throws OperatorError when somebody has it; Error when the file's folder cannot be written.
 */
export async function lock(path: string): Promise<() => void> {
  const file = `${path}.lock`;
  for (let look = 1; ; look++) {
    if (make(file)) {
      held.add(path);
      return () => unlock(path, file);
    }
    const holder = read(file);
    const isStale = holder !== undefined && isGone(holder, path);
    if (look >= looks || (holder && isWhole(holder) && !isStale)) throw inUse(file, holder);
    if (isStale) takeAway(file, holder, path);
    await sleep(lookMs);
  }
}

function unlock(path: string, file: string): void {
  held.delete(path);
  // Somebody may have removed it and made another.
  if (read(file) === mine()) rmSync(file, { force: true });
}

const mine = () => `${process.pid} ${hostname()}`;

/** @returns False when it is there already. */
function make(file: string): boolean {
  try {
    writeFileSync(file, mine(), { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST" || isTransientWindowsError(error)) return false;
    throw error;
  }
}

/** Undefined when it is not there. */
function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT" || isTransientWindowsError(error))
      return undefined;
    throw error;
  }
}

const isWhole = (holder: string) => /^\d+ \S/.test(holder);

function isGone(holder: string, path: string): boolean {
  const [, pid = "", host] = /^(\d+) (.+)$/s.exec(holder) ?? [];
  if (host !== hostname()) return false;
  return Number(pid) === process.pid ? !held.has(path) : !isRunning(Number(pid));
}

/**
 * Removes a lock whose process is gone. Only whoever has made a second file may, and looks again first: of two that
 * found it at the same time the later one would remove the new lock of the first.
 */
function takeAway(file: string, holder: string, path: string): void {
  const second = `${file}.takeover`;
  if (!make(second)) return;
  try {
    if (read(file) === holder && isGone(holder, path)) rmSync(file, { force: true });
  } finally {
    rmSync(second, { force: true });
  }
}

function inUse(file: string, holder: string | undefined): OperatorError {
  const [, pid, host] = /^(\d+) (.+)$/s.exec(holder ?? "") ?? [];
  const whose = pid ? ` (process ${pid}${host === hostname() ? "" : ` on ${host}`})` : "";
  return new OperatorError("usage", `another run${whose} is onboarding this batch`, {
    remedy: `Wait for it to end. If there is no such run, remove ${file} and, if it is there, ${file}.takeover.`,
  });
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Whether it has ended and nobody has asked how, as in a container whose first process never does: it takes signals. */
function isZombie(pid: number): boolean {
  if (process.platform !== "linux") return false;
  try {
    // PID (NAME) STATE …; a name can hold anything.
    return /.*\) [ZX] /s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
