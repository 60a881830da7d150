import { closeSync, fchmodSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";

/**
 * The sandbox's memory: one SQLite file, so that a restart, or a kill at any moment, loses nothing that was
 * answered. Each part of the sandbox makes its own tables, with names that begin with the part's name.
 */
export class Store {
  readonly db: DatabaseSync;
  private depth = 0;

  /**
   * @param file Path of the database, made with its folder when missing and readable by this user alone: it holds
   *   keys. ":memory:" for one that is not kept.
   */
  constructor(file: string) {
    if (file !== ":memory:") makePrivate(file);
    this.db = new DatabaseSync(file);
    this.db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000;");
  }

  /** Runs `work` so that all of its changes are kept or none. Transactions inside one another become one. */
  transaction<T>(work: () => T): T {
    if (this.depth > 0) return work();
    this.db.exec("BEGIN IMMEDIATE");
    this.depth = 1;
    try {
      const result = work();
      this.db.exec("COMMIT");
      return result;
    } catch (error) {
      this.db.exec("ROLLBACK");
      throw error;
    } finally {
      this.depth = 0;
    }
  }

  close(): void {
    this.db.close();
  }
}

/** SQLite gives the files that it makes beside the database the database's mode. */
function makePrivate(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const made = openSync(file, "a", 0o600);
  fchmodSync(made, 0o600);
  closeSync(made);
}
