import { decodeText } from "../lib/decode-text.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { type FileKind, readBounded } from "../lib/read-bounded.ts";
import { t } from "../words/translate.ts";
import { checkTerminalId } from "./identifiers.ts";

/** A hundred bytes for each of 160,000 terminals. */
const listKind = (): FileKind => ({ name: () => t`a list of terminals`, maxBytes: 16 * 1024 * 1024 });

/** Column names that the first line may have. */
const title = /^(terminal[ -]?)?id$|^terminal$/i;

/**
 * Reads a list of terminals: an ID on each line, alone or as the first column, before a semicolon, comma or tab. Empty
 * lines, lines that begin with # and a title in the first line are skipped.
 * @returns Each terminal once, in the order of the list.
 * @throws OperatorError when the list cannot be read, is empty, or has an invalid ID, with its line.
 */
export async function readTerminalList(path: string): Promise<string[]> {
  const lines = decodeText(await readBounded(path, listKind())).split(/\r\n|\r|\n/);
  const ids = new Set<string>();
  let isFirst = true;
  for (const [index, line] of lines.entries()) {
    const [first = ""] = line.split(/[;,\t]/);
    const text = first.trim().replace(/^"(.*)"$/, "$1");
    if (text === "" || text.startsWith("#")) continue;
    const isTitle = isFirst && title.test(text);
    isFirst = false;
    if (!isTitle) ids.add(checkTerminalId(text, t`${path}, line ${index + 1}: the terminal`));
  }
  if (ids.size === 0) throw new OperatorError("usage", t`${path} names no terminal`);
  return [...ids];
}
