/** char.IsWhiteSpace, as the inside of a character class: what JavaScript calls blank without U+FEFF, and U+0085. */
export const blanks = "\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";

/**
 * The lower case of one UTF-16 unit in the invariant culture. .NET maps only pairs that map to each other and are
 * one unit each: neither ß, ı, ſ and µ nor the Kelvin sign have a counterpart. Seen in mono's tables, which differ
 * from Node's in scripts that are newer than they are.
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

/** Every unit of a text mapped. */
export function mapped(text: string, map: (unit: string) => string): string {
  return text.split("").map(map).join("");
}
