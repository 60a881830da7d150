/*
 * Text from outside: names and tags of terminals, reasons, file names, options, what services answer. A terminal, a log
 * or a page must show it as text and not obey it. Control characters can clear the screen or move the cursor, direction
 * marks can show a line in another order (CVE-2021-42574, "Trojan Source"), and a line break can fake a line.
 */

/**
 * Matches one character that is not shown as itself: control characters (C0, DEL and C1), line and paragraph separators,
 * direction marks, other invisible characters, interlinear annotations and halves of surrogate pairs. Joiners and
 * variation selectors are excepted, because Persian, Indic scripts and emoji need them.
 */
const unprintable =
  /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}\ufff9-\ufffb]|(?![\p{Join_Control}\p{Variation_Selector}])\p{Default_Ignorable_Code_Point}/gu;

/**
 * Makes a text safe to show on one line: each character that is not shown as itself becomes its code, for example
 * `\u{1b}` for ESC and `\u{a}` for a line break.
 */
export function printable(text: string): string {
  return text.replace(unprintable, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/**
 * JSON as `JSON.stringify` writes it, in which the characters that `printable` replaces are escaped inside strings
 * (`\u001b`). The meaning of the JSON is the same.
 * @param indent Spaces for each level; default: everything on one line.
 */
export function printableJson(value: unknown, indent?: number): string {
  // Outside strings, JSON.stringify writes line breaks only, to indent.
  return JSON.stringify(value, undefined, indent).replace(unprintable, (character) =>
    character === "\n" ? character : escapeForJson(character),
  );
}

function escapeForJson(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}
