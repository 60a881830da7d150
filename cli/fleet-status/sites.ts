import { nameKey } from "../lib/names.ts";
import { nameOrder } from "../words/translate.ts";
import type { State, TerminalStatus } from "./drift.ts";
import { addToSummary, createSummary, type Summary } from "./fleet-status.ts";

/** One site of a customer. */
export interface Site {
  customer: string;
  site: string;
  summary: Summary;
  /** The site's terminals; empty in a fleet of more than `maxTerminals`. */
  terminals: TerminalStatus[];
}

/** The order of a site's terminals on the status page. */
const stateOrder: Record<State, number> = {
  connected: 0,
  offline: 1,
  "never-seen": 2,
  "no-identity": 3,
  revoked: 4,
};

/**
 * A fleet grouped by site. Memory is bounded: of a fleet of more than `maxTerminals` only counts are kept, and of
 * the terminals with drift the first `maxDrifting`.
 */
export class Sites {
  readonly summary: Summary = createSummary();
  readonly drifting: TerminalStatus[] = [];
  private readonly sites = new Map<string, Site>();
  private readonly maxTerminals: number;
  private readonly maxDrifting: number;

  /**
   * @param options.maxTerminals Default: 20,000.
   * @param options.maxDrifting Default: 1,000.
   */
  constructor(options: { maxTerminals?: number; maxDrifting?: number } = {}) {
    this.maxTerminals = options.maxTerminals ?? 20_000;
    this.maxDrifting = options.maxDrifting ?? 1_000;
  }

  /** Whether each terminal is kept, and not only counts. */
  get isDetailed(): boolean {
    return this.summary.terminals <= this.maxTerminals;
  }

  add(status: TerminalStatus): void {
    const { customer = "", site = "" } = status;
    const key = `${customer}\n${nameKey(site)}`;
    let one = this.sites.get(key);
    if (!one) {
      one = { customer, site, summary: createSummary(), terminals: [] };
      this.sites.set(key, one);
    }
    addToSummary(this.summary, status);
    addToSummary(one.summary, status);
    if (status.drift.length > 0 && this.drifting.length < this.maxDrifting) this.drifting.push(status);
    if (this.isDetailed) one.terminals.push(status);
    else if (this.summary.terminals === this.maxTerminals + 1) {
      for (const each of this.sites.values()) each.terminals = [];
    }
  }

  /** The sites sorted by customer and name, each with its terminals sorted by state and ID. */
  sorted(): Site[] {
    for (const { terminals } of this.sites.values()) {
      terminals.sort(
        (a, b) => stateOrder[a.state] - stateOrder[b.state] || (a.terminal < b.terminal ? -1 : 1),
      );
    }
    const compare = nameOrder();
    return [...this.sites.values()].sort(
      (a, b) => compare(a.customer, b.customer) || compare(a.site, b.site),
    );
  }
}
