import { CsvError } from "csv-parse";
import { parse } from "csv-parse/sync";
import { t } from "../../words/translate.ts";

/** The columns of a batch file. */
export type Column = "terminal" | "site" | "customer" | "name";

/** The layout of a batch file, from its header line. */
export interface Layout {
  delimiter: string;
  /** The columns in order; undefined for a column without a name, which must be empty. */
  columns: (Column | undefined)[];
}

/** The problems of a header line. */
export interface InvalidHeader {
  problems: string[];
  /** Number of column names that were recognised. A title above the header has none. */
  known: number;
}

/** Accepted column names in English and Norwegian, as `columnKey` writes them. */
const namesOf: Record<Column, string[]> = {
  terminal: [
    ...["terminal", "terminalid", "terminalno", "terminalnumber", "terminalnr", "terminalnummer"],
    ...["serial", "serialno", "serialnumber", "serienr", "serienummer"],
    ...["device", "deviceid", "enhet", "enhetsid"],
  ],
  site: ["site", "sitename", "location", "place", "lokasjon", "sted", "stedsnavn", "plassering"],
  customer: ["customer", "customerid", "kunde", "kundeid", "kundenr", "kundenummer"],
  name: ["name", "terminalname", "description", "navn", "terminalnavn", "beskrivelse"],
};

/** For the message about a missing column: one name in English and one in Norwegian. */
const requiredColumns: Partial<Record<Column, () => string>> = {
  terminal: () => t`no column for the terminal: name one "terminal" or "serienummer"`,
  site: () => t`no column for the site: name one "site" or "lokasjon"`,
};

const columnOf = new Map(
  Object.entries(namesOf).flatMap(([column, names]) => names.map((name) => [name, column as Column])),
);

/** Lower case without accents, spaces and punctuation: "Serie-nummer" becomes "serienummer". */
function columnKey(name: string): string {
  return name
    .normalize("NFD")
    .toLowerCase()
    .replaceAll("ø", "o")
    .replaceAll("æ", "ae")
    .replace(/[^\p{L}\p{N}]/gu, "");
}

/**
 * Splits one line into trimmed fields. A quoted field must end on its line, so that one stray quotation mark invalidates
 * one line and not the rest of the file.
 * @returns The fields, or a message.
 */
export function splitLine(text: string, delimiter: string): string[] | { problem: string } {
  // Few lines have quotation marks, and a plain split is 20 times faster.
  if (!text.includes('"')) return text.split(delimiter).map((field) => field.trim());
  try {
    const records = parse(text, { delimiter, trim: true, relax_column_count: true }) as string[][];
    return (records[0] ?? []).map((field) => field.trim());
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return { problem: strayQuoteProblem() };
  }
}

export function strayQuoteProblem(): string {
  return t`a quotation mark is at a wrong place: remove it`;
}

/** Parses a header line and detects the delimiter: semicolon, comma or tab. */
export function readHeader(text: string): Layout | InvalidHeader {
  const [best] = [";", ",", "\t"]
    .map((delimiter) => ({ delimiter, fields: splitLine(text, delimiter) }))
    .flatMap(({ delimiter, fields }) => (Array.isArray(fields) ? [{ delimiter, fields }] : []))
    .sort((a, b) => countKnown(b.fields) - countKnown(a.fields) || b.fields.length - a.fields.length);
  if (!best) {
    return { problems: [t`a quotation mark in the header line is at a wrong place`], known: 1 };
  }
  const problems: string[] = [];
  const columns = best.fields.map((field) => {
    const column = columnOf.get(columnKey(field));
    if (!column && field !== "") {
      const name = JSON.stringify(field.slice(0, 80));
      problems.push(t`unknown column ${name}: delete it, or name it terminal, site, customer or name`);
    }
    return column;
  });
  for (const column of Object.keys(namesOf) as Column[]) {
    const count = columns.filter((candidate) => candidate === column).length;
    if (count > 1) problems.push(t`${count} columns for the ${column}: delete all but one`);
    const required = requiredColumns[column];
    if (count === 0 && required) problems.push(required());
  }
  if (problems.length > 0) return { problems, known: countKnown(best.fields) };
  return { delimiter: best.delimiter, columns };
}

function countKnown(fields: string[]): number {
  return fields.filter((field) => columnOf.has(columnKey(field))).length;
}

/**
 * Whether a row is a header line again, as in lists that were joined: its terminal is called like a column for terminals,
 * or it has the names of at least two columns, in any order. It may have other columns and another delimiter than the header of the file.
 */
export function isRepeatedHeader(text: string, fields: string[], columns: Layout["columns"]): boolean {
  if (fields.length !== columns.length && !("problems" in readHeader(text))) return true;
  const id = fields[columns.indexOf("terminal")] ?? "";
  // Nearly every terminal ID has a digit, and no column name has one.
  if (/\d/.test(id)) return false;
  const known = fields.flatMap((field) => columnOf.get(columnKey(field)) ?? []);
  return columnOf.get(columnKey(id)) === "terminal" || new Set(known).size >= 2;
}
