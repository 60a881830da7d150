import { similarNameKey } from "../lib/names.ts";

/** One spelling of a site's name. */
export interface Spelling {
  site: string;
  /** Its terminals in the batch. */
  inBatch: number;
  /** First line of the batch file with it. */
  line?: number;
  /** Terminals of the customer that were onboarded with it. */
  inFleet: number;
}

/**
 * Spellings that people can take for one site, at least two. The first one is the spelling that most likely is meant: one
 * of the fleet, then the one with the most terminals, then the first in the batch.
 */
export type SimilarSpellings = Spelling[];

/** Number of names that are compared. It bounds the memory: about 500 bytes for each. */
const maxNames = 100_000;

/** Finds spellings of site names in a batch that differ only in case, spaces or letters that look alike. */
export class SiteSpellings {
  private readonly spellings = new Map<string, Spelling>();
  private readonly groups = new Map<string, Spelling[]>();
  /** Names of the fleet that are like no name in the batch. */
  private readonly unrelated = new Set<string>();

  /** Adds a terminal of the batch. */
  addRow(site: string, line: number): void {
    const spelling = this.spellings.get(site);
    if (spelling) spelling.inBatch++;
    else if (this.spellings.size < maxNames) this.addSpelling({ site, inBatch: 1, line, inFleet: 0 });
  }

  /** Adds a terminal of the batch's customer that was onboarded before. To be called after `addRow`. */
  addOnboarded(site: string): void {
    const spelling = this.spellings.get(site);
    if (spelling) spelling.inFleet++;
    else if (site !== "" && !this.unrelated.has(site)) {
      if (this.groups.has(similarNameKey(site))) this.addSpelling({ site, inBatch: 0, inFleet: 1 });
      else if (this.unrelated.size < maxNames) this.unrelated.add(site);
    }
  }

  /** Whether the batch has a name in exactly this spelling. */
  isInBatch(site: string): boolean {
    return (this.spellings.get(site)?.inBatch ?? 0) > 0;
  }

  /** Groups in which the batch has a spelling that the fleet does not have, in the order of the batch. */
  undecided(): SimilarSpellings[] {
    return [...this.groups.values()]
      .filter((group) => group.length > 1 && group.some(({ inFleet }) => inFleet === 0))
      .map((group) =>
        group.toSorted(
          (a, b) => b.inFleet - a.inFleet || b.inBatch - a.inBatch || (a.line ?? 0) - (b.line ?? 0),
        ),
      );
  }

  private addSpelling(spelling: Spelling): void {
    this.spellings.set(spelling.site, spelling);
    const key = similarNameKey(spelling.site);
    const group = this.groups.get(key);
    if (group) group.push(spelling);
    else this.groups.set(key, [spelling]);
  }
}
