import iconv from "iconv-lite";

/*
 * Single-byte encodings, in which a list can have been saved or read. A text that was read in the wrong one is turned
 * back into its bytes, and read again.
 */

/** An encoding with one byte a character. "win1252" also has the control characters of Latin-1 at its unused bytes. */
export type CodePage = "win1252" | "macintosh" | "cp850" | "cp437" | "win1250";

/** The names of the encodings, as Excel's dialogue "Save as" has them. */
export const codePageNames: Record<CodePage, string> = {
  win1252: "Windows-1252",
  macintosh: "CSV (Macintosh)",
  cp850: "CSV (MS-DOS)",
  cp437: "CSV (MS-DOS)",
  win1250: "Windows-1250 (Central Europe)",
};

interface Tables {
  characters: string[];
  bytes: Map<string, string>;
}

const tables = new Map<CodePage, Tables>();

function tablesOf(codePage: CodePage): Tables {
  const known = tables.get(codePage);
  if (known) return known;
  const characters = Array.from({ length: 256 }, (_, byte) => iconv.decode(Buffer.from([byte]), codePage));
  const bytes = new Map(characters.map((character, byte) => [character, String.fromCharCode(byte)]));
  if (codePage === "win1252") for (let byte = 0x80; byte < 0xa0; byte++) addControl(bytes, byte);
  const result = { characters, bytes };
  tables.set(codePage, result);
  return result;
}

/** A reader of Latin-1 shows the bytes from 0x80 to 0x9F as control characters. */
function addControl(bytes: Map<string, string>, byte: number): void {
  bytes.set(String.fromCharCode(byte), String.fromCharCode(byte));
}

/** Stands for a character that an encoding does not have. It is no byte. */
export const noByte = "\u0100";

/** The bytes of a text in an encoding, as characters of Latin-1; U+0100 for a character that it does not have. */
export function toBytes(text: string, codePage: CodePage): string {
  const { bytes } = tablesOf(codePage);
  return text.replace(/[^\0-\x7f]/g, (character) => bytes.get(character) ?? noByte);
}

/** Reads bytes, given as characters of Latin-1, in an encoding. Other characters are kept. */
export function fromBytes(bytes: string, codePage: CodePage): string {
  const { characters } = tablesOf(codePage);
  return bytes.replace(/[\x80-\xff]/g, (byte) => characters[byte.charCodeAt(0)] as string);
}
