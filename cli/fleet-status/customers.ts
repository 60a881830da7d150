import { nameOrder } from "../words/translate.ts";
import { openAccessPaths, type TerminalStatus } from "./drift.ts";
import { createSummary, mergeSummaries, type Summary } from "./fleet-status.ts";
import type { SimilarSites } from "./similar-sites.ts";
import type { Site } from "./sites.ts";

/** One customer with what needs attention there. */
export interface Customer {
  /** Customer ID; empty for terminals without a customer. */
  customer: string;
  summary: Summary;
  /** In the order of their names. */
  sites: Site[];
  /** Terminals with drift, as far as they are kept: with an open access path first, then by site and ID. */
  drifting: TerminalStatus[];
}

/** Whether a terminal is revoked, but an access path of it is open. */
export function hasOpenAccessPath({ drift }: TerminalStatus): boolean {
  return drift.some((name) => openAccessPaths.has(name));
}

/**
 * Groups a fleet by customer. Customers with open access paths come first, then those with other drift, then those
 * with similar site names, then the rest; each group is in the order of the language.
 * @param fleet.sites In the order of `Sites.sorted`.
 * @param fleet.drifting Terminals with drift, of all customers.
 * @param fleet.similarSites Site names that look alike; default: none.
 */
export function groupByCustomer(fleet: {
  sites: readonly Site[];
  drifting: readonly TerminalStatus[];
  similarSites?: readonly SimilarSites[];
}): Customer[] {
  const compare = nameOrder();
  const drifting = Map.groupBy(fleet.drifting, ({ customer = "" }) => customer);
  const similar = new Set((fleet.similarSites ?? []).map(({ customer }) => customer));
  const customers = [...Map.groupBy(fleet.sites, ({ customer }) => customer)].map(([customer, sites]) => ({
    customer,
    summary: mergeSummaries(createSummary(), ...sites.map(({ summary }) => summary)),
    sites,
    drifting: (drifting.get(customer) ?? []).toSorted(
      (a, b) =>
        Number(hasOpenAccessPath(b)) - Number(hasOpenAccessPath(a)) ||
        compare(a.site ?? "", b.site ?? "") ||
        (a.terminal < b.terminal ? -1 : 1),
    ),
  }));
  const weigh = (one: Customer) => weightOf(one.summary) || Number(similar.has(one.customer));
  return customers.sort((a, b) => weigh(b) - weigh(a) || compare(a.customer, b.customer));
}

/** How urgent the drift in a summary is: 3 with an open access path, 2 with other drift, else 0. */
function weightOf({ drift, drifting }: Summary): number {
  for (const name of openAccessPaths) if ((drift[name] ?? 0) > 0) return 3;
  return drifting > 0 ? 2 : 0;
}
