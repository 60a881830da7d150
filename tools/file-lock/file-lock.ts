import { closeSync, openSync, readSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import type { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";

/** SQLite's error code SQLITE_BUSY. */
const sqliteBusy = 5;
const pollMs = 200;

/** The process that holds a lock. */
export interface LockHolder {
  pid: number;
  /** Name of its computer. */
  host: string;
}

/** Another process holds the lock. */
export class FileLocked extends Error {
  /** The other process, when a holder file names it. */
  readonly holder: LockHolder | undefined;

  constructor(file: string, holder: LockHolder | undefined) {
    super(
      `${holder ? `Process ${holder.pid} on ${holder.host}` : "Another process"} holds the lock ${file}.`,
    );
    this.holder = holder;
  }
}

/** Options of {@link lockFile}. */
export interface LockOptions {
  /** Milliseconds to wait for another process to release the lock; default 0. */
  waitMs?: number;
  /** Path of a file that names this process while it holds the lock; default none. See {@link readHolder}. */
  holderFile?: string;
}

/**
 * Locks a file for this process. The lock is the one that SQLite puts on a database file: the operating system releases
 * it when the process ends, also when it is killed. Waiting blocks the whole process.
 * @param file Path of the lock file. It is created when missing, and stays; its folder must exist.
 * @returns A function that releases the lock.
 * @throws FileLocked when another process still holds the lock after the time to wait.
 */
export function lockFile(file: string, { waitMs = 0, holderFile }: LockOptions = {}): () => void {
  const database = openDatabase(file);
  try {
    // Of two processes that begin at the same moment, SQLite may reject both when the transaction is EXCLUSIVE.
    database.exec(`PRAGMA busy_timeout = ${waitMs}; BEGIN IMMEDIATE`);
    if (holderFile) writeFileSync(holderFile, `${process.pid} ${hostname()}`, { mode: 0o600 });
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode !== sqliteBusy) throw error;
    throw new FileLocked(file, holderFile ? readHolder(holderFile) : undefined);
  }
  return () => {
    if (holderFile) rmSync(holderFile, { force: true });
    database.close();
  };
}

/**
 * Locks a file as {@link lockFile} does, without blocking the process while it waits.
 * @throws FileLocked as lockFile does.
 */
export async function waitForLock(
  file: string,
  { waitMs = 0, holderFile }: LockOptions = {},
): Promise<() => void> {
  const deadline = Date.now() + waitMs;
  for (;;) {
    try {
      return lockFile(file, { holderFile });
    } catch (error) {
      if (!(error instanceof FileLocked) || Date.now() >= deadline) throw error;
      await sleep(pollMs);
    }
  }
}

/**
 * The process that a holder file names. A process that was killed leaves its holder file behind.
 * @returns Undefined when the file is missing or names no process.
 */
export function readHolder(holderFile: string): LockHolder | undefined {
  const text = readStart(holderFile);
  if (text === undefined) return undefined;
  const [, pid, host] = /^(\d+) (.+)$/s.exec(text) ?? [];
  return pid && host ? { pid: Number(pid), host } : undefined;
}

/** Longest holder file in bytes: a process ID, and a host name of at most 255 characters. */
const maxHolderBytes = 1024;

/** The start of a file, which another program may have replaced by a large one; undefined when it cannot be read. */
function readStart(path: string): string | undefined {
  try {
    const file = openSync(path, "r");
    try {
      const buffer = Buffer.alloc(maxHolderBytes);
      return buffer.toString("utf8", 0, readSync(file, buffer));
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}

/** Opens a database, without Node's warning that its module node:sqlite is experimental. */
function openDatabase(file: string): DatabaseSync {
  const { emitWarning } = process;
  process.emitWarning = (warning, ...rest) => {
    if (!/SQLite is an experimental feature/.test(String(warning))) {
      (emitWarning as (...args: unknown[]) => void).call(process, warning, ...rest);
    }
  };
  try {
    const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
    return new DatabaseSync(file);
  } finally {
    process.emitWarning = emitWarning;
  }
}
