import { DatabaseSync } from "node:sqlite";

/** SQLite's error code SQLITE_BUSY. */
const sqliteBusy = 5;

/** Another process holds the lock. */
export class FileLocked extends Error {}

/**
 * Locks a file for this process. The lock is the one that SQLite puts on a database file: the operating system
 * releases it when the process ends, also when it is killed.
 * @param file Path of the lock file. It is created when missing; its folder must exist.
 * @param waitMs How long to wait for another process to release the lock; default 0. It blocks the whole process.
 * @returns A function that releases the lock.
 * @throws FileLocked when another process still holds the lock after that time.
 */
export function lockFile(file: string, waitMs = 0): () => void {
  const database = new DatabaseSync(file);
  try {
    database.exec(`PRAGMA busy_timeout = ${waitMs}; BEGIN EXCLUSIVE`);
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode !== sqliteBusy) throw error;
    throw new FileLocked(`Another process holds ${file}.`);
  }
  return () => database.close();
}
