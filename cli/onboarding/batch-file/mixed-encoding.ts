/*
 * Windows-1252 shows the UTF-8 of a letter as two characters: "ø" as "Ã¸". A file of which some lines are UTF-8 and
 * others are not, as when two lists were put together, is valid in neither.
 */

/**
 * UTF-8 of what people here write, as the bytes look in Latin-1: letters of Latin-1 and Latin Extended-A, and combining
 * accents. Of the pairs that begin with Ä, Å or Ì, those are left out that end with a sign which can follow such a
 * letter in Windows-1252: a closing quote or apostrophe, a dash, an ellipsis, a no-break space, a degree sign.
 */
const letters =
  /\u00c3[\u0080-\u0096\u0098-\u00b6\u00b8-\u00bf]|[\u00c4\u00c5\u00cc](?![\u0085\u0092\u0094\u0096\u0097\u0099\u009b\u00a0\u00aa\u00ae\u00b0\u00ba\u00bb])[\u0080-\u00bf]/;

/**
 * The first letter of a line that is written in UTF-8, where the file as a whole is not.
 * @param raw The line's bytes, each as one character.
 * @returns The letter; undefined when there is none.
 */
export function utf8Letter(raw: string): string | undefined {
  const [found] = letters.exec(raw) ?? [];
  return found === undefined ? undefined : Buffer.from(found, "latin1").toString("utf8");
}
