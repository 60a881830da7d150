import { nameKey, similarNameKey } from "../lib/names.ts";

/** Spellings of site names that people can take for one another. */
export interface SimilarSites {
  customer: string;
  /** Whether all are the same name: they differ only in white space, invisible characters or Unicode form. */
  same: boolean;
  /** Sorted by name, at least two. */
  sites: { site: string; terminals: number }[];
}

/** Number of sites that are compared. It bounds the memory: about 300 bytes for each. */
const maxSites = 100_000;

/** Finds sites of one customer with names that look alike. */
export class SimilarSiteFinder {
  private readonly terminals = new Map<string, number>();
  private readonly maxSites: number;
  private isFull = false;

  /** @param limit Number of sites that are compared; default 100,000. */
  constructor(limit = maxSites) {
    this.maxSites = limit;
  }

  /** Whether all sites were compared. */
  get isComplete(): boolean {
    return !this.isFull;
  }

  /** Adds one terminal. */
  add({ customer = "", site }: { customer?: string; site?: string }): void {
    if (site === undefined || site === "") return;
    const key = `${customer}\n${site}`;
    const terminals = this.terminals.get(key);
    if (terminals === undefined && this.terminals.size >= this.maxSites) this.isFull = true;
    else this.terminals.set(key, (terminals ?? 0) + 1);
  }

  /**
   * The groups of similar sites, sorted by customer and name.
   * @param like Only names that look like this one; default: all.
   */
  groups(like?: string): SimilarSites[] {
    const likeKey = like === undefined ? undefined : similarNameKey(like);
    const groups = new Map<string, { customer: string; sites: SimilarSites["sites"] }>();
    for (const [key, terminals] of this.terminals) {
      const end = key.indexOf("\n");
      const [customer, site] = [key.slice(0, end), key.slice(end + 1)];
      const siteKey = similarNameKey(site);
      if (likeKey !== undefined && siteKey !== likeKey) continue;
      const groupKey = `${customer}\n${siteKey}`;
      const group = groups.get(groupKey) ?? { customer, sites: [] };
      group.sites.push({ site, terminals });
      groups.set(groupKey, group);
    }
    const similar = [...groups].filter(([, { sites }]) => sites.length > 1);
    return similar
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { customer, sites }]) => ({
        customer,
        same: new Set(sites.map(({ site }) => nameKey(site))).size === 1,
        sites: sites.sort((a, b) => (a.site < b.site ? -1 : 1)),
      }));
  }
}
