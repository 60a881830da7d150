import { quoteName } from "../../lib/names.ts";
import { t } from "../../words/translate.ts";
import { codePageNames, toBytes } from "./code-pages.ts";
import { type DoubleEncoded, undoDoubleEncoding } from "./double-encoding.ts";
import { findWrongLetter, type ReadText, readOtherwise } from "./wrong-letters.ts";

const remedy = () => t`save the list from its source as CSV UTF-8 (Comma delimited)`;

const questionMark = /\p{Script=Latin}\?\p{Script=Latin}/u;
const lostLetter = new RegExp(`${questionMark.source}|\\ufffd`, "u");

/**
 * Describes the first word of a line that has other characters in place of its letters, because the list was read or
 * saved in a wrong encoding; undefined when there is none.
 * @param raw The bytes of a line that was read as Windows-1252, as characters of Latin-1.
 */
export function describeMisreadText(
  text: string,
  raw: string | undefined,
  how: ReadText,
): string | undefined {
  if (!/[^\0-\x7f]|\?/.test(text)) return undefined;
  // In Windows-1252, U+FFFD stands for a byte that another encoding has a letter for.
  const lost = (raw === undefined ? lostLetter : questionMark).exec(text);
  if (lost) {
    const { word } = wordAt(text, lost.index);
    const sign = lost[0] === "\ufffd" ? "U+FFFD" : t`a question mark`;
    return t`${quoteName(word)} has ${sign} in place of a letter that was lost: ${remedy()}`;
  }
  const double = raw === undefined ? findDoubleEncoded(text) : undefined;
  if (double) {
    const { word, meant, readAs } = double;
    const name = codePageNames[readAs].replace(/^CSV \((.*)\)$/, "$1");
    return t`${quoteName(word)} looks like ${quoteName(meant)} in UTF-8 that was read as ${name}: ${remedy()}`;
  }
  const at = findWrongLetter(text, how);
  if (at === undefined) return undefined;
  const { word, start } = wordAt(text, at);
  const reading = readOtherwise(
    raw === undefined ? toBytes(word, "win1252") : raw.slice(start, start + word.length),
  );
  // Without another reading the characters are taken as they were written.
  if (!reading) return undefined;
  const { word: meant, codePage } = reading;
  return t`${quoteName(word)} looks like ${quoteName(meant)} in the encoding ${codePageNames[codePage]}: ${remedy()}`;
}

function findDoubleEncoded(text: string): (DoubleEncoded & { word: string }) | undefined {
  for (const [word] of text.matchAll(/[^ \t;,"]*[^\0-\x7f]{2}[^ \t;,"]*/g)) {
    const found = undoDoubleEncoding(word);
    if (found) return { word, ...found };
  }
  return undefined;
}

/** The word at an index: up to spaces, quotation marks and the delimiters of a batch file. */
function wordAt(text: string, at: number): { word: string; start: number } {
  const isEnd = (character: string | undefined) => character === undefined || /[ \t;,"]/.test(character);
  let start = at;
  while (!isEnd(text[start - 1])) start--;
  let end = at + 1;
  while (!isEnd(text[end])) end++;
  return { word: text.slice(start, end), start };
}
