import { t } from "../words/translate.ts";
import { homoglyphs } from "./homoglyphs.ts";

/*
 * Names from people: of sites and terminals. Two names that look the same are the same name, whatever characters they
 * consist of. The character properties are those of the Unicode Character Database (UAX #44).
 */

const whiteSpace = /\p{White_Space}+/gu;
const lineBreak = /[\n\v\f\r\u0085\u2028\u2029]/;
const whiteSpaceInLine = new RegExp(`(?:(?!${lineBreak.source})\\p{White_Space})+`, "gu");

/** Characters without a picture, except white space. U+2800 is the Braille pattern without dots. */
const invisible = /(?!\p{White_Space})[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\u2800]/u;
const allInvisible = new RegExp(invisible, "gu");

/** Names of frequent invisible characters, after the Unicode Standard. */
const invisibleNames: [RegExp, () => string][] = [
  [/\u00ad/, () => t`soft hyphen`],
  [/\u200b/, () => t`zero-width space`],
  [/\u200c/, () => t`zero-width non-joiner`],
  [/\u200d/, () => t`zero-width joiner`],
  [/\u2060/, () => t`word joiner`],
  [/\ufeff/, () => t`byte order mark`],
  [/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/, () => t`direction mark`],
  [/[\u115f\u1160\u3164\uffa0]/, () => t`Hangul filler`],
  [/[\u180b-\u180d\u180f\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/u, () => t`variation selector`],
  [/\u2800/, () => t`blank Braille pattern`],
];

/** A name as it is stored: in Unicode form NFC, with single spaces, and none at its ends. Line breaks inside are kept. */
export function normalizeName(text: string): string {
  return text.normalize("NFC").replace(whiteSpaceInLine, " ").trim();
}

/** Whether a text has a line break of any kind. A name has none. */
export function hasLineBreak(text: string): boolean {
  return lineBreak.test(text);
}

/** Describes the first invisible character of a text, for example "U+200B (zero-width space)"; undefined without one. */
export function findInvisible(text: string): string | undefined {
  const [character] = invisible.exec(text) ?? [];
  if (character === undefined) return undefined;
  const [, name] = invisibleNames.find(([pattern]) => pattern.test(character)) ?? [];
  const codePoint = `U+${hex(character)}`;
  return name === undefined ? codePoint : `${codePoint} (${name()})`;
}

/** The key of a name: names that differ only in white space, invisible characters and Unicode form have the same key. */
export function nameKey(name: string): string {
  return name.replace(allInvisible, "").normalize("NFC").replace(whiteSpace, " ").trim();
}

/** Whether two names are the same name. A missing name equals only a missing name. */
export function isSameName(a: string | undefined, b: string | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && nameKey(a) === nameKey(b));
}

/** Whether a customer's tag names a customer, although it was set by hand in upper case or with white space. */
export function isSameCustomer(tag: string, customer: string): boolean {
  return nameKey(tag).toLowerCase() === customer;
}

/**
 * A key that names share if people can take one for the other: the same but for upper and lower case, compatible forms
 * (NFKC), hyphens, apostrophes, and letters of another alphabet that look like Latin ones. It does not depend on the
 * computer's language.
 */
export function lookalikeKey(name: string): string {
  const latin = Array.from(
    nameKey(name).normalize("NFKD"),
    (character) => homoglyphs.get(character) ?? character,
  );
  const folded = latin
    .join("")
    .replaceAll(strokedO, (letter) => (letter.startsWith("o") ? "ø" : "Ø"))
    .toLowerCase()
    .toUpperCase()
    .toLowerCase();
  // The lower case of the Turkish capital I with a dot has a combining dot.
  return nameKey(folded.replaceAll("i\u0307", "i").normalize("NFKC"));
}

/** As `lookalikeKey`, and the same for names that differ in white space: "Town hall" and "Townhall". */
export function similarNameKey(name: string): string {
  return lookalikeKey(name).replace(whiteSpace, "");
}

/** "O" with a combining stroke, which no Unicode form composes to "Ø". */
const strokedO = /[Oo][\u0337\u0338]/g;

/**
 * Quotes a name, with white space other than spaces, invisible characters and combining marks as escapes, for example
 * "Town\u00a0hall".
 * @param options.hasLookalike Whether another name looks like this one. Then homoglyphs are written as escapes too.
 */
export function quoteName(name: string, { hasLookalike = false } = {}): string {
  // Most names. A batch quotes a name for each row, for messages that are rarely needed.
  if (plainText.test(name)) return `"${name}"`;
  const isEscaped = (character: string) =>
    (character !== " " && unusual.test(character)) ||
    invisible.test(character) ||
    (hasLookalike && !/\p{ASCII}/u.test(character) && homoglyphs.has(character));
  const shown = Array.from(name, (character) => {
    if (character === '"' || character === "\\") return `\\${character}`;
    if (!isEscaped(character)) return character;
    const code = hex(character).toLowerCase();
    return character.length === 1 ? `\\u${code}` : `\\u{${code}}`;
  });
  return `"${shown.join("")}"`;
}

/** The printable characters of ASCII, without the quotation mark and the backslash. */
const plainText = /^[ !#-[\]-~]*$/;

/** White space, combining marks, surrogates, private and unassigned characters. */
const unusual = /[\p{White_Space}\p{M}\p{Cs}\p{Co}\p{Cn}]/u;

function hex(character: string): string {
  return (character.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, "0");
}
