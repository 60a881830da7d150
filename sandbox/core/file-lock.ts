import { DatabaseSync } from "node:sqlite";

/** SQLite's SQLITE_BUSY. */
const busy = 5;

/** Another process holds the file. */
export class FileLocked extends Error {}

/**
 * Holds a file for this process alone, as SQLite locks its databases: the lock is the operating system's, so it
 * ends with the process, however that ends.
 * @param file Path of the lock, made when missing; its folder must be there.
 * @param patienceMs How long to wait for another holder; default 0. The process does nothing else meanwhile.
 * @returns Lets it go.
 * @throws FileLocked when another process has it all that time.
 */
export function lockFile(file: string, patienceMs = 0): () => void {
  const database = new DatabaseSync(file);
  try {
    database.exec(`PRAGMA busy_timeout = ${patienceMs}; BEGIN EXCLUSIVE`);
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode !== busy) throw error;
    throw new FileLocked(`Another process holds ${file}.`);
  }
  return () => database.close();
}
