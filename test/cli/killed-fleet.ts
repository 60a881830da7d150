import type { Fleet } from "../../cli/azure/fleet.ts";

/** How a run that was killed ends: the process that it stands for reports nothing. */
export class Killed extends Error {}

/** Where a run is killed: at its call of this number, counted from 1, before the call is made or after its effect. */
export interface KillPoint {
  call: number;
  moment: "before" | "after";
}

/**
 * Kills a run in this process: from the chosen call on, no call of it reaches a service or a file. That is what the services
 * see of a killed process, without the time that a process takes.
 */
export class KillableRun {
  /** The calls that were made, for example "registry.create". */
  readonly calls: string[] = [];
  private readonly point: KillPoint | undefined;
  private readonly counted: (name: string) => boolean;
  private isKilled = false;

  /**
   * @param point Default: the run is not killed, and `calls` names its calls.
   * @param counted Which calls are counted; default: all.
   */
  constructor(point?: KillPoint, counted: (name: string) => boolean = () => true) {
    this.point = point;
    this.counted = counted;
  }

  /** The same services; their methods end with the run. */
  fleet(fleet: Fleet): Fleet {
    const wrapped = Object.entries(fleet).map(([name, part]) => {
      const isClient =
        typeof part === "object" && part !== null && !["outputs", "network", "hubSize"].includes(name);
      return [name, isClient ? this.wrap(part as object, name) : part];
    });
    return Object.fromEntries(wrapped) as unknown as Fleet;
  }

  /** The same object; its methods end with the run. */
  wrap<Part extends object>(part: Part, name: string): Part {
    return new Proxy(part, {
      get: (target, key) => {
        const value = Reflect.get(target, key, target) as unknown;
        if (typeof value !== "function" || typeof key !== "string") return value;
        return (...args: unknown[]) =>
          this.call(`${name}.${key}`, () => value.apply(target, args) as unknown);
      },
    });
  }

  private call(name: string, work: () => unknown): unknown {
    if (this.isKilled) throw new Killed(name);
    if (!this.counted(name)) return work();
    this.calls.push(name);
    const isPoint = this.calls.length === this.point?.call;
    if (!isPoint) return work();
    if (this.point?.moment === "before") {
      this.isKilled = true;
      throw new Killed(name);
    }
    return Promise.resolve(work()).then(() => {
      this.isKilled = true;
      throw new Killed(name);
    });
  }
}
