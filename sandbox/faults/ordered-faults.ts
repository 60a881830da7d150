import { describeProblem } from "../core/schema-problem.ts";
import type { FaultRule, Faults } from "../proxy/faults.ts";
import { faultAnswer } from "./fault-answers.ts";
import {
  type CompleteFaultOrder,
  type FaultOrder,
  type FaultState,
  faultOrderSchema,
  faultServices,
} from "./fault-order.ts";

interface ActiveFault {
  state: FaultState;
  remove: () => void;
  timer: NodeJS.Timeout;
}

/** The faults that were ordered from outside the sandbox's process. They end by themselves, and with the process. */
export class OrderedFaults {
  private readonly faults: Faults;
  private readonly active = new Map<number, ActiveFault>();
  private lastId = 0;

  constructor(faults: Faults) {
    this.faults = faults;
  }

  /** @throws When the order is not valid, with the name of the member and the remedy. */
  add(given: unknown): FaultState {
    const order = parseOrder(given);
    const id = ++this.lastId;
    const lifeMs = order.forSeconds * 1000;
    const state = { id, order, applied: 0, endsAt: new Date(Date.now() + lifeMs).toISOString() };
    const timer = setTimeout(() => this.end(id), lifeMs);
    timer.unref();
    const remove = this.faults.add({ ...toRule(order), onApplied: () => state.applied++ });
    this.active.set(id, { state, remove, timer });
    return state;
  }

  list(): FaultState[] {
    return [...this.active.values()].map(({ state }) => state);
  }

  /**
   * Ends a fault, or all of them.
   * @returns The number of faults that ended.
   * @throws When no fault has the number.
   */
  clear(id?: number): number {
    if (id !== undefined && !this.active.has(id)) {
      throw new Error(
        `There is no fault ${id}: it has ended, or was never ordered. See: azure-sandbox fault list`,
      );
    }
    const ids = id === undefined ? [...this.active.keys()] : [id];
    for (const each of ids) this.end(each);
    return ids.length;
  }

  private end(id: number): void {
    const fault = this.active.get(id);
    clearTimeout(fault?.timer);
    fault?.remove();
    this.active.delete(id);
  }
}

function parseOrder(given: unknown): CompleteFaultOrder {
  const result = faultOrderSchema.safeParse(given);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => describeProblem(issue.path.join("."), issue));
  const sentences = problems.map((problem) => (problem.endsWith(".") ? problem : `${problem}.`));
  throw new Error(`The fault cannot be ordered. ${sentences.join(" ")}`);
}

function toRule(order: CompleteFaultOrder & FaultOrder): FaultRule {
  const { status, drop, delayMs, retryAfterSeconds, service, host, operation, rate, seed, skip, count } =
    order;
  const [, method, path = ""] = /^(?:([A-Z]+)(?:\s+|$))?(.*)$/.exec(operation ?? "") ?? [];
  return {
    host: host ?? (service && faultServices[service]),
    method,
    path: path === "" ? undefined : path,
    ignoresQuery: !path.includes("?"),
    delayMs,
    drop,
    answer: status === undefined ? undefined : (asked) => faultAnswer(asked, status, retryAfterSeconds),
    rate,
    seed,
    skip,
    first: count,
  };
}
