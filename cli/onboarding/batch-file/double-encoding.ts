import { type CodePage, noByte, toBytes } from "./code-pages.ts";

/*
 * A list in UTF-8 that a program read in another encoding, and saved as UTF-8 again. Each letter became two or three
 * characters: "å" became "Ã¥" by Windows-1252, "√•" by Macintosh, "├Ñ" by MS-DOS. It can have happened twice.
 */

const latinLetters = "[\\xc3-\\xc5][\\x80-\\xbf]";
/** No-break space and marks of Latin-1; dashes and quotation marks; euro and trade mark; U+FEFF and U+FFFD. */
const marks =
  "\\xc2[\\x80-\\xbf]|\\xe2\\x80[\\x90-\\xbf]|\\xe2\\x82\\xac|\\xe2\\x84\\xa2|\\xef\\xbb\\xbf|\\xef\\xbf\\xbd";

/**
 * The UTF-8 of a letter or a mark, in the bytes that each encoding has for a text. For Windows-1252 it excludes pairs of
 * a capital letter and a character that can follow it in a text, such as a letter, a closing quotation mark or a dash.
 */
const sequences: [CodePage, RegExp][] = [
  [
    "win1252",
    new RegExp(
      [
        "\\xc3[\\x80-\\x96\\x98-\\xb6\\xb8-\\xbf]",
        "[\\xc4\\xc5\\xcc](?![\\x85\\x8a\\x8c\\x8e\\x9a\\x9c\\x9e\\x9f\\x92\\x94\\x96\\x97\\x99\\x9b\\xa0\\xaa\\xae\\xb0\\xba\\xbb])[\\x80-\\xbf]",
        marks,
      ].join("|"),
    ),
  ],
  ["macintosh", new RegExp(`${latinLetters}|${marks}`)],
  // In MS-DOS, three bytes of a mark can be three capital letters.
  ["cp850", new RegExp(`${latinLetters}|\\xc2[\\x80-\\xbf]`)],
  ["cp437", new RegExp(`${latinLetters}|\\xc2[\\x80-\\xbf]`)],
];

/** How often a text can have been read in a wrong encoding, at most. */
const maxRounds = 3;

/** A word in UTF-8 that was read in another encoding. */
export interface DoubleEncoded {
  /** As it was written. */
  meant: string;
  /** The encoding in which it was read. */
  readAs: CodePage;
}

/** Turns back a word that was UTF-8 and read in another encoding; undefined when it is as it was written. */
export function undoDoubleEncoding(word: string): DoubleEncoded | undefined {
  if (!/[^\0-\x7f]{2}/.test(word)) return undefined;
  return undoRounds(word, 1);
}

function undoRounds(word: string, round: number): DoubleEncoded | undefined {
  for (const [readAs, pattern] of sequences) {
    const bytes = toBytes(word, readAs);
    const before = bytes.includes(noByte) ? undefined : decodeUtf8(bytes);
    if (before === undefined || before === word) continue;
    const earlier = round < maxRounds ? undoRounds(before, round + 1) : undefined;
    if (earlier) return { meant: earlier.meant, readAs };
    if (pattern.test(bytes) && isEuropean(before)) return { meant: before, readAs };
  }
  return undefined;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decodeUtf8(bytes: string): string | undefined {
  try {
    return utf8.decode(Buffer.from(bytes, "latin1"));
  } catch {
    return undefined;
  }
}

/** Whether a word has only letters of Latin alphabets, digits and usual marks. */
function isEuropean(word: string): boolean {
  return /^[\0-\x7f\p{Script=Latin}\p{M}\p{N}\p{Z}\p{Pd}\p{Pi}\p{Pf}\u201a\u201e…°§€£®™©&\ufeff\ufffd·•´]*$/u.test(
    word,
  );
}
