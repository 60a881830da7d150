import type { Store } from "./store.ts";

/** The sandbox's time. Everything in it that asks for the time asks here, so that tests can move it. */
export interface Clock {
  /** Milliseconds since 1970, as Date.now(). */
  now(): number;
}

/** Where the clock may stand: certificates, tokens and ISO 8601 all have room for these years. */
const [Earliest, Latest] = [Date.UTC(2000), Date.UTC(3000)];

/** The machine's clock, moved by an offset that tests and `sandbox clock` set. */
export class MovableClock implements Clock {
  private offsetMs = 0;
  private store: Store | undefined;

  now(): number {
    return Date.now() + this.offsetMs;
  }

  /**
   * Moves the clock by `ms` milliseconds from where it is; negative moves it back.
   * @throws RangeError when it would leave the years 2000 to 2999; it then stays.
   */
  move(ms: number): void {
    const target = this.now() + ms;
    if (!(target >= Earliest && target < Latest)) {
      throw new RangeError("The sandbox's clock stands in the years 2000 to 2999; it was not moved.");
    }
    this.offsetMs += ms;
    this.store?.db.prepare("UPDATE clock_offset SET ms = ?").run(this.offsetMs);
  }

  /** How far from the machine's own clock it stands, in milliseconds. */
  get offset(): number {
    return this.offsetMs;
  }

  /** Goes on from where the clock of this store stood, and keeps its moves there from now on. */
  keepIn(store: Store): void {
    store.db.exec("CREATE TABLE IF NOT EXISTS clock_offset (ms REAL)");
    const row = store.db.prepare("SELECT ms FROM clock_offset").get();
    if (row) this.offsetMs = row.ms as number;
    else store.db.prepare("INSERT INTO clock_offset VALUES (?)").run(this.offsetMs);
    this.store = store;
  }
}
