import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../../core/clock.ts";
import { HubError } from "./errors.ts";
import type { Hub } from "./hub.ts";
import { type Operation, operationsPerMinute } from "./tiers.ts";

const windowSeconds = 60;
/**
 * Maximum wait in milliseconds for room in the limit. Azure documents none. The slowest successful call to a live hub
 * under load took 3.2 s (mwalser/terraform-provider-iothub).
 */
const maxWaitMs = 3000;
const pollMs = 100;

/**
 * The hub's throttles for operations. Each limit holds for any 60 seconds, because Azure's page says that a third bulk
 * call of 50 devices within a minute is rejected. Live hubs have accepted more.
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
   * Counts an operation against the hub's limit. Waits for room in the limit, as a request waits in Azure.
   * @param cost The number of operations that it counts as, for example 100 for a bulk call of 100 devices.
   * @throws HubError ThrottlingBacklogTimeout when the limit has no room in time.
   */
  async acquire(hub: Hub, operation: Operation, cost = 1): Promise<void> {
    if (!this.enabled || cost === 0) return;
    const limit = operationsPerMinute(operation, hub.sku, hub.units);
    const window = this.window(`${hub.key}|${operation}`);
    const deadline = this.clock.now() + maxWaitMs;
    while (!window.tryAdd(this.clock.now(), cost, limit)) {
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

/** The operations in each of the last 60 seconds. */
class Window {
  private readonly costs = new Map<number, number>();
  private sum = 0;

  /** Adds an operation. @returns False when that would exceed the limit; nothing is added then. */
  tryAdd(now: number, cost: number, limit: number): boolean {
    const second = Math.floor(now / 1000);
    for (const [oldSecond, oldCost] of this.costs) {
      if (oldSecond > second - windowSeconds) break;
      this.costs.delete(oldSecond);
      this.sum -= oldCost;
    }
    if (this.sum + cost > limit) return false;
    this.costs.set(second, (this.costs.get(second) ?? 0) + cost);
    this.sum += cost;
    return true;
  }
}
