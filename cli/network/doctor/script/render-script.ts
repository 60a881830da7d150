import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { EndpointList } from "../../endpoint-list.ts";
import { notUsedYet, otherwise, rules } from "../decision-table.ts";
import { noFacts } from "../facts.ts";
import { headings } from "../headings.ts";
import { detailWords, reasonWords, verdictWords } from "../words.ts";

/** What the script and the command share, beside the list. */
export const sharedTable = { rules, otherwise, notUsedYet, noFacts };
export const sharedWords = { reasons: reasonWords, details: detailWords, verdicts: verdictWords, headings };

/**
 * Makes terminal-doctor.ps1 with a list of destinations in it. The file has ASCII characters only: Windows PowerShell 5.1
 * reads a script without a byte order mark in the computer's own code page.
 */
export function renderScript(list: EndpointList): string {
  const template = readFileSync(join(import.meta.dirname, "terminal-doctor.ps1"), "utf8");
  const parts: Record<string, unknown> = { LIST: list, TABLE: sharedTable, WORDS: sharedWords };
  const script = template.replace(/^__(LIST|TABLE|WORDS)__$/gm, (_, name: string) => hereString(parts[name]));
  return script.replaceAll("\n", "\r\n");
}

/** JSON for a here-string in single quotes, which ends only with '@ at the beginning of a line. */
function hereString(value: unknown): string {
  return JSON.stringify(value, null, 1).replace(
    /[^\x20-\x7e\n]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
