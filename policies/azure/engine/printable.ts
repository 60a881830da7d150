/** Control characters, line and paragraph separators, and direction marks. */
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/**
 * Makes a text safe to show on one line of a terminal or a log. The names and values of resources that a message quotes
 * may contain escape sequences: each character that could act on a terminal becomes its code, for example `\u{1b}`.
 */
export function printable(text: string): string {
  return text.replace(unprintable, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}
