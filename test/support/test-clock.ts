import { MovableClock } from "../../sandbox/core/clock.ts";

/** A sandbox's clock that a test can stop, so that a slow machine does not change the result. */
export class TestClock extends MovableClock {
  private frozenAt: number | undefined;

  override now(): number {
    return this.frozenAt ?? super.now();
  }

  override move(ms: number): void {
    super.move(ms);
    if (this.frozenAt !== undefined) this.frozenAt += ms;
  }

  /** Stops the clock until the result is disposed; it still moves when the test moves it. */
  freeze(): Disposable {
    this.frozenAt = super.now();
    return {
      [Symbol.dispose]: () => {
        this.frozenAt = undefined;
      },
    };
  }
}
