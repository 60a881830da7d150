/** The sandbox's time. Everything in it that asks for the time asks here, so that tests can move it. */
export interface Clock {
  /** Milliseconds since 1970, as Date.now(). */
  now(): number;
}

/** The machine's clock, moved by an offset that tests and `sandbox clock` set. */
export class MovableClock implements Clock {
  private offsetMs = 0;

  now(): number {
    return Date.now() + this.offsetMs;
  }

  /** Moves the clock by `ms` milliseconds from where it is; negative moves it back. */
  move(ms: number): void {
    this.offsetMs += ms;
  }

  /** How far from the machine's own clock it stands, in milliseconds. */
  get offset(): number {
    return this.offsetMs;
  }
}
