import type { State, TerminalStatus } from "./drift.ts";
import { addToSummary, createSummary, type Summary } from "./fleet-status.ts";

/** One site of a customer. */
export interface Site {
  customer: string;
  site: string;
  summary: Summary;
  /** Its terminals; empty in a fleet that is too large for a picture of each. */
  terminals: TerminalStatus[];
}

/** What comes first where a site's terminals stand together. */
const order: Record<State, number> = {
  connected: 0,
  offline: 1,
  "never-seen": 2,
  "no-identity": 3,
  revoked: 4,
};

/**
 * A fleet by its sites. Memory is bounded: beyond `mostTerminals` only numbers are kept, and of terminals of which
 * something does not fit the first `mostDrifting`.
 */
export class Sites {
  readonly summary: Summary = createSummary();
  readonly drifting: TerminalStatus[] = [];
  private readonly sites = new Map<string, Site>();
  private readonly maxTerminals: number;
  private readonly maxDrifting: number;

  constructor(options: { mostTerminals?: number; mostDrifting?: number } = {}) {
    this.maxTerminals = options.mostTerminals ?? 20_000;
    this.maxDrifting = options.mostDrifting ?? 1_000;
  }

  /** Whether there is a picture of each terminal, or numbers alone. */
  get isDetailed(): boolean {
    return this.summary.terminals <= this.maxTerminals;
  }

  add(status: TerminalStatus): void {
    const { customer = "", site = "" } = status;
    const key = `${customer}\n${site}`;
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

  /** The sites by customer and name, each with its terminals by state and id. */
  sorted(): Site[] {
    for (const { terminals } of this.sites.values()) {
      terminals.sort((a, b) => order[a.state] - order[b.state] || (a.terminal < b.terminal ? -1 : 1));
    }
    const compare = new Intl.Collator("en", { numeric: true }).compare;
    return [...this.sites.values()].sort(
      (a, b) => compare(a.customer, b.customer) || compare(a.site, b.site),
    );
  }
}
