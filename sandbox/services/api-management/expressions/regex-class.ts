import { blanks, lowerOf, upperOf } from "./characters.ts";

/** A set of UTF-16 units, one flag each. .NET's regular expressions match UTF-16 units. */
export type Units = Uint8Array;

const all = 0x10000;

export function noUnits(): Units {
  return new Uint8Array(all);
}

/** Adds a range of units. */
export function addRange(units: Units, from: number, to: number): void {
  units.fill(1, from, to + 1);
}

export function addAll(units: Units, more: Units): void {
  for (let unit = 0; unit < all; unit += 1) if (more[unit]) units[unit] = 1;
}

export function complement(units: Units): Units {
  return units.map((flag) => 1 - flag);
}

/** Adds the other case of each unit, as RegexOptions.IgnoreCase does. */
export function bothCases(units: Units): Units {
  const both = Uint8Array.from(units);
  for (let unit = 0; unit < all; unit += 1) {
    if (!units[unit]) continue;
    const text = String.fromCharCode(unit);
    both[lowerOf(text).charCodeAt(0)] = 1;
    both[upperOf(text).charCodeAt(0)] = 1;
  }
  return both;
}

/** The set as a JavaScript character class for expressions without the flags u and v. */
export function classSource(units: Units): string {
  let source = "";
  for (let unit = 0; unit < all; unit += 1) {
    if (!units[unit]) continue;
    const from = unit;
    while (units[unit + 1]) unit += 1;
    source += unit === from ? escaped(from) : `${escaped(from)}-${escaped(unit)}`;
  }
  return `[${source}]`;
}

function escaped(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, "0")}`;
}

const known = new Map<string, Units>();

/** The units with a Unicode property, computed on first use. */
function holding(property: string, flags: string): Units {
  let units = known.get(property);
  if (!units) {
    const test = new RegExp(property, flags);
    units = noUnits();
    for (let unit = 0; unit < all; unit += 1) if (test.test(String.fromCharCode(unit))) units[unit] = 1;
    known.set(property, units);
  }
  return units;
}

/**
 * \d, \w, \s and their opposites. Source: "Character classes in .NET regular expressions".
 * @param letter One of d, w, s, D, W, S.
 */
export function shorthand(letter: string): Units {
  const lower = letter.toLowerCase();
  const units =
    lower === "d"
      ? holding("\\p{Nd}", "u")
      : lower === "w"
        ? holding("[\\p{L}\\p{Mn}\\p{Nd}\\p{Pc}]", "u")
        : holding(`[${blanks}]`, "");
  return letter === lower ? units : complement(units);
}

/** The word characters of \b: \w and the two zero-width joiners. */
export function wordUnits(): Units {
  const units = Uint8Array.from(shorthand("w"));
  addRange(units, 0x200c, 0x200d);
  return units;
}
