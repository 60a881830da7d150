/*
 * In Windows-1252 the two UTF-8 bytes of a letter look like two characters: "ø" looks like "Ã¸". A file with some lines
 * in UTF-8 and others in Windows-1252, such as two lists pasted together, is valid in neither encoding.
 */

/**
 * Matches UTF-8 letters in bytes that were read as Latin-1: letters of Latin-1 and Latin Extended-A, and combining
 * accents. It excludes pairs that start with Ä, Å or Ì and end with a character that can follow such a letter in a
 * Windows-1252 text: a closing quote, an apostrophe, a dash, an ellipsis, a no-break space or a degree sign.
 */
const utf8Letters =
  /\u00c3[\u0080-\u0096\u0098-\u00b6\u00b8-\u00bf]|[\u00c4\u00c5\u00cc](?![\u0085\u0092\u0094\u0096\u0097\u0099\u009b\u00a0\u00aa\u00ae\u00b0\u00ba\u00bb])[\u0080-\u00bf]/;

/**
 * Finds the first letter in UTF-8 on a line of a file that is not valid UTF-8 as a whole.
 * @param raw The bytes of the line, one character each.
 */
export function findUtf8Letter(raw: string): string | undefined {
  const [bytes] = utf8Letters.exec(raw) ?? [];
  return bytes === undefined ? undefined : Buffer.from(bytes, "latin1").toString("utf8");
}
