import { closeSync, fchmodSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";

/**
 * Pages of 4 KB in the write-ahead log after which SQLite copies them into the database, and waits for the disk. With its
 * default of 1,000, that happened after 300 connections of devices.
 */
const checkpointPages = 8000;
/** Maximum size of the cache of pages, in KB. The default of 2 MB is smaller than the table of 10,000 devices. */
const cacheKb = 32 * 1024;

/**
 * The sandbox's state in one SQLite file. A restart or a kill loses no change that the sandbox has confirmed. Each
 * part of the sandbox creates its own tables, with the part's name as prefix.
 */
export class Store {
  readonly db: DatabaseSync;
  private readonly statements = new Map<string, StatementSync>();
  private depth = 0;

  /**
   * @param file Path of the database, or ":memory:". The file and its folder are created when missing. Only this
   *   user can read the file, because it contains keys.
   */
  constructor(file: string) {
    if (file !== ":memory:") makePrivate(file);
    this.db = new DatabaseSync(file);
    this.db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000;");
    this.db.exec(`PRAGMA wal_autocheckpoint = ${checkpointPages}; PRAGMA cache_size = -${cacheKb};`);
  }

  /** A statement that runs for every message or connection. It is prepared once. */
  statement(sql: string): StatementSync {
    let statement = this.statements.get(sql);
    if (!statement) {
      statement = this.db.prepare(sql);
      this.statements.set(sql, statement);
    }
    return statement;
  }

  /** Runs `work` in a transaction: all of its changes are kept, or none. A nested transaction joins the outer one. */
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

/** SQLite creates its files beside the database with the mode of the database file. */
function makePrivate(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const descriptor = openSync(file, "a", 0o600);
  fchmodSync(descriptor, 0o600);
  closeSync(descriptor);
}
