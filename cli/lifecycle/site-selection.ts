import { isSameName, nameKey, similarNameKey } from "../lib/names.ts";

/** A spelling of a site's name, as a fleet has it. */
export interface SiteSpelling {
  /** Undefined when no service names the customer of its terminals. */
  customer?: string;
  site: string;
  /** Number of terminals with this spelling. */
  terminals: number;
}

/** Decides which terminals are at the site that an operator named, and remembers sites whose names look like it. */
export class SiteSelection {
  private readonly site: string | undefined;
  private readonly lookalike: string | undefined;
  /** Whether a spelling is the named site. The key of each spelling is computed once. */
  private readonly verdicts = new Map<string, "same" | "lookalike" | "other">();
  private readonly lookalikes = new Map<string, { customer?: string; site: string }>();

  /** @param site Undefined selects every site. */
  constructor(site: string | undefined) {
    this.site = site;
    this.lookalike = site === undefined ? undefined : similarNameKey(site);
  }

  /** Whether a terminal, of which a service has this customer and site, is selected. */
  includes(terminal: string, { customer, site }: { customer?: string; site?: unknown }): boolean {
    if (this.site === undefined) return true;
    if (typeof site !== "string") return false;
    const verdict = this.verdicts.get(site) ?? this.judge(site);
    if (verdict === "lookalike") this.lookalikes.set(terminal, { customer, site });
    return verdict === "same";
  }

  /** The sites that look like the named one and are not it, without the terminals that were selected after all. */
  lookalikesExcept(selected: ReadonlyMap<string, unknown>): SiteSpelling[] {
    return countSpellings(
      [...this.lookalikes].flatMap(([terminal, site]) => (selected.has(terminal) ? [] : [site])),
    );
  }

  private judge(site: string): "same" | "lookalike" | "other" {
    const isLookalike = () => similarNameKey(site) === this.lookalike;
    const verdict = isSameName(site, this.site) ? "same" : isLookalike() ? "lookalike" : "other";
    this.verdicts.set(site, verdict);
    return verdict;
  }
}

/** Counts the terminals of each customer and spelling, sorted by both. */
export function countSpellings(places: Iterable<{ customer?: string; site?: string }>): SiteSpelling[] {
  const counts = new Map<string, SiteSpelling>();
  for (const { customer, site } of places) {
    if (site === undefined) continue;
    const key = JSON.stringify([customer ?? "", nameKey(site), site]);
    const spelling = counts.get(key) ?? { customer, site, terminals: 0 };
    spelling.terminals++;
    counts.set(key, spelling);
  }
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, spelling]) => spelling);
}
