import type { Store } from "./store.ts";

/** The time of the sandbox. All its parts read the time here, so that a test can move it. */
export interface Clock {
  /** Milliseconds since 1970, as Date.now(). */
  now(): number;
}

/** Limits of the clock: certificates, tokens and ISO 8601 can represent these years. */
const earliestMs = Date.UTC(2000);
const latestMs = Date.UTC(3000);

/** The computer's clock plus an offset, which tests and `azure-sandbox clock` set. */
export class MovableClock implements Clock {
  private offsetMs = 0;
  private store: Store | undefined;

  now(): number {
    return Date.now() + this.offsetMs;
  }

  /**
   * Moves the clock by `ms` milliseconds; a negative value moves it back.
   * @throws RangeError when the clock would leave the years 2000 to 2999. The clock is then unchanged.
   */
  move(ms: number): void {
    const target = this.now() + ms;
    if (!(target >= earliestMs && target < latestMs)) {
      throw new RangeError(
        "The sandbox's clock must stay within the years 2000 to 2999. The clock was not moved.",
      );
    }
    this.offsetMs += ms;
    this.store?.db.prepare("UPDATE clock_offset SET ms = ?").run(this.offsetMs);
  }

  /** The difference to the computer's clock, in milliseconds. */
  get offset(): number {
    return this.offsetMs;
  }

  /** Reads the offset from a store, and writes every later change to it. */
  persistIn(store: Store): void {
    store.db.exec("CREATE TABLE IF NOT EXISTS clock_offset (ms REAL)");
    const row = store.db.prepare("SELECT ms FROM clock_offset").get();
    if (row) this.offsetMs = row.ms as number;
    else store.db.prepare("INSERT INTO clock_offset VALUES (?)").run(this.offsetMs);
    this.store = store;
  }
}
