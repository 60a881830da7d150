/** char.IsWhiteSpace as the content of a character class: JavaScript's white space without U+FEFF, plus U+0085. */
export const blanks = "\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";

/**
 * The lower case of one UTF-16 unit in the invariant culture. .NET maps only pairs that map to each other and have
 * one unit each: ß, ı, ſ, µ and the Kelvin sign have no counterpart. Checked against mono's tables, which differ
 * from Node's only for scripts that were added to Unicode later.
 */
export function lowerOf(unit: string): string {
  const lower = unit.toLowerCase();
  return lower.length === 1 && lower.toUpperCase() === unit ? lower : unit;
}

/** The upper case of one UTF-16 unit in the invariant culture. */
export function upperOf(unit: string): string {
  const upper = unit.toUpperCase();
  return upper.length === 1 && upper.toLowerCase() === unit ? upper : unit;
}

/** Maps every UTF-16 unit of a text. */
export function mapped(text: string, map: (unit: string) => string): string {
  return text.split("").map(map).join("");
}
