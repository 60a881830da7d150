import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../../core/clock.ts";
import { HubError } from "./errors.ts";
import type { Hub } from "./hub.ts";
import { type Operation, perMinute } from "./tiers.ts";

const windowSeconds = 60;
/**
 * How long the hub keeps a request waiting before it gives up. Undocumented; a live hub's slowest success under load
 * took 3.2 s (mwalser/terraform-provider-iothub).
 */
const backlogMs = 3000;
const pollMs = 100;

/**
 * The hub's operation throttles. Azure's page says that a third bulk call of 50 devices in the same minute is
 * rejected, so the limit holds for any 60 seconds; live hubs have been seen to let more through.
 */
export class Throttles {
  private readonly clock: Clock;
  private readonly enabled: boolean;
  private readonly windows = new Map<string, Window>();

  constructor(clock: Clock, enabled: boolean) {
    this.clock = clock;
    this.enabled = enabled;
  }

  /**
   * Waits for room in the hub's limit, as the hub's own queue makes a client wait.
   * @param cost How many operations it counts as: a bulk call of 100 devices counts as 100.
   * @throws HubError ThrottlingBacklogTimeout when there was none in time.
   */
  async take(hub: Hub, operation: Operation, cost = 1): Promise<void> {
    if (!this.enabled || cost === 0) return;
    const limit = perMinute(operation, hub.sku, hub.units);
    const window = this.window(`${hub.key}|${operation}`);
    const deadline = this.clock.now() + backlogMs;
    while (!window.take(this.clock.now(), cost, limit)) {
      if (this.clock.now() >= deadline) {
        throw new HubError(
          "ThrottlingBacklogTimeout",
          `The request has been throttled. Wait 10 seconds and try again. Operation type: ${operation}`,
        );
      }
      await sleep(pollMs);
    }
  }

  private window(key: string): Window {
    let window = this.windows.get(key);
    if (!window) {
      window = new Window();
      this.windows.set(key, window);
    }
    return window;
  }
}

/** What was taken in each of the last 60 seconds. */
class Window {
  private readonly taken = new Map<number, number>();
  private sum = 0;

  take(now: number, cost: number, limit: number): boolean {
    const second = Math.floor(now / 1000);
    for (const [old, cost] of this.taken) {
      if (old > second - windowSeconds) break;
      this.taken.delete(old);
      this.sum -= cost;
    }
    if (this.sum + cost > limit) return false;
    this.taken.set(second, (this.taken.get(second) ?? 0) + cost);
    this.sum += cost;
    return true;
  }
}
