import leven from "leven";
import { currentLocale } from "../words/language.ts";
import { plural, t } from "../words/translate.ts";
import { lookalikeKey, quoteName } from "./names.ts";

/** Number of names that are remembered, and that a message lists. */
const maxNearest = 3;

/**
 * Finds the names that an operator may have meant by a name that does not exist. It keeps the nearest names only, so that
 * all names of a fleet can be added.
 */
export class NearestNames {
  private readonly key: string;
  /** Nearest first, at most `maxNearest`. */
  private nearest: { name: string; distance: number }[] = [];

  /** @param wanted The name that does not exist. */
  constructor(wanted: string) {
    this.key = lookalikeKey(wanted);
  }

  add(name: string): void {
    if (name === "" || this.nearest.some((one) => one.name === name)) return;
    const maxDistance = this.nearest.length < maxNearest ? undefined : this.nearest.at(-1)?.distance;
    const distance = leven(this.key, lookalikeKey(name), { maxDistance });
    if (distance === maxDistance) return;
    const all = [...this.nearest, { name, distance }];
    this.nearest = all.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
    this.nearest.length = Math.min(this.nearest.length, maxNearest);
  }

  /**
   * What a message adds to "no customer NAME": a question with the names that a typing error explains, else the nearest
   * names, else `none`.
   * @param options.none Used when no name was added.
   * @param options.isQuoted Whether names are quoted, which names with spaces need. Default false.
   */
  suggestion({ none, isQuoted = false }: { none: string; isQuoted?: boolean }): string {
    const show = ({ name }: { name: string }) =>
      isQuoted ? quoteName(name, { hasLookalike: lookalikeKey(name) === this.key }) : name;
    const likely = this.nearest.filter(({ distance }) => distance <= Math.max(2, this.key.length / 3));
    if (likely.length > 0) return t`; did you mean ${join(likely.map(show), "disjunction")}?`;
    if (this.nearest.length === 0) return `; ${none}`;
    const names = join(this.nearest.map(show), "conjunction");
    return plural(this.nearest.length, {
      one: t`; the nearest name is ${names}`,
      other: t`; the nearest names are ${names}`,
    });
  }
}

/** Names in a sentence: "a, b and c", "a, b or c". */
function join(names: string[], type: "conjunction" | "disjunction"): string {
  return new Intl.ListFormat(currentLocale(), { type }).format(names);
}
