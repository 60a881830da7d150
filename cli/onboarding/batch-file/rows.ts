import { normalizeName } from "../../lib/names.ts";
import {
  type Column,
  type InvalidHeader,
  isRepeatedHeader,
  type Layout,
  readHeader,
  splitLine,
} from "./columns.ts";
import { describeInvalidId, describeInvalidLabel } from "./field-values.ts";
import { type Line, maxLineLength, readLines, type TextFormat } from "./text-file.ts";

/** A terminal in a batch file. */
export interface Terminal {
  /** Terminal ID in lower case, whatever the case in the file. */
  id: string;
  /** Customer ID in lower case. */
  customer: string;
  /** Name of the site. */
  site: string;
  /** Name of the terminal, if the batch file has one. */
  name?: string;
}

/** A line of a batch file: its terminal, or what is wrong with it. */
export type Row = { line: number } & ({ terminal: Terminal } | { problems: string[] });

/** Reads the rows of a batch file. It ends after a header line that is not understood. */
export async function* readRows(file: string, format: TextFormat): AsyncGenerator<Row> {
  const parser = new RowParser();
  for await (const lines of readLines(file, format)) {
    for (const line of lines) {
      yield* parser.parse(line);
      if (parser.isFinished) return;
    }
  }
  yield* parser.end();
}

const oneEncoding = "save the whole list in one encoding, as CSV (UTF-8)";

/** Lines above the header in which titles are skipped in the search for the column names. */
const maxTitleLines = 10;
/** Most lines of a field with line breaks. */
const maxFieldLines = 5;

/** Parses lines into rows. Lines without content yield no row. */
class RowParser {
  /** The header was not understood, and without it no other line can be parsed. */
  isFinished = false;
  private layout: Layout | undefined;
  private title: { line: number; problems: string[] } | undefined;
  /** Number of a line with a field that does not end on it. */
  private openLine: number | undefined;

  parse({ number, text, utf8Letter, misread }: Line): Row[] {
    if (utf8Letter) {
      if (!this.layout) this.isFinished = true;
      const reason = `"${utf8Letter}" is in UTF-8 on this line, and other lines are not: ${oneEncoding}`;
      return [{ line: number, problems: [reason] }];
    }
    if (misread) {
      if (!this.layout) this.isFinished = true;
      return [{ line: number, problems: [misread] }];
    }
    if (text === undefined) {
      return [{ line: number, problems: [`longer than ${maxLineLength} characters`] }];
    }
    if (text.trim() === "") return [];
    // Excel writes this line to remember the delimiter.
    if (number === 1 && /^sep=.$/.test(text)) return [];
    return this.layout ? this.parseRow(number, text, this.layout) : this.parseHeader(number, text);
  }

  /** The problems that only the end of the file shows. */
  end(): Row[] {
    if (this.title && !this.isFinished) return [this.title];
    return this.openLine === undefined ? [] : [strayQuote(this.openLine)];
  }

  private parseHeader(number: number, text: string): Row[] {
    const header = readHeader(text);
    if (!("problems" in header)) {
      if (!this.title) {
        this.layout = header;
        return [];
      }
      this.isFinished = true;
      const { line } = this.title;
      const titles = line === number - 1 ? `line ${line}` : `lines ${line} to ${number - 1}`;
      return [{ line, problems: [`the column names are on line ${number}: delete ${titles}`] }];
    }
    return this.rejectHeader(number, header);
  }

  private rejectHeader(number: number, { problems, hasColumns }: InvalidHeader): Row[] {
    if (!this.title && !hasColumns) {
      this.title = { line: number, problems };
      return [];
    }
    if (this.title && number - this.title.line < maxTitleLines) return [];
    this.isFinished = true;
    return [this.title ?? { line: number, problems }];
  }

  private parseRow(number: number, text: string, layout: Layout): Row[] {
    const openLine = this.openLine;
    const hasOddQuotes = text.includes('"') && (text.match(/"/g)?.length ?? 0) % 2 === 1;
    if (openLine === undefined) {
      if (hasOddQuotes && !Array.isArray(splitLine(text, layout.delimiter))) {
        this.openLine = number;
        return [];
      }
      return rowsOf(number, text, layout);
    }
    if (hasOddQuotes) {
      this.openLine = undefined;
      const reason = "a field that begins on this line has a line break (Alt+Enter in Excel): remove it";
      return [{ line: openLine, problems: [reason] }];
    }
    const fields = splitLine(text, layout.delimiter);
    const isRow = Array.isArray(fields) && fields.length >= layout.columns.length;
    if (!isRow && number - openLine < maxFieldLines) return [];
    this.openLine = undefined;
    return [strayQuote(openLine), ...rowsOf(number, text, layout)];
  }
}

function strayQuote(line: number): Row {
  return { line, problems: ["a quotation mark is at a wrong place: remove it"] };
}

function rowsOf(line: number, text: string, layout: Layout): Row[] {
  const row = toTerminal(text, layout);
  return row ? [{ line, ...row }] : [];
}

const labelColumns: ReadonlySet<Column> = new Set(["site", "name"]);

/** @returns Undefined for a row without content. */
function toTerminal(
  text: string,
  { delimiter, columns }: Layout,
): { terminal: Terminal } | { problems: string[] } | undefined {
  const fields = splitLine(text, delimiter);
  if ("problem" in fields) return { problems: [fields.problem] };
  if (fields.every((field) => field === "")) return undefined;
  if (isRepeatedHeader(text, fields, columns)) {
    return { problems: ["this line has column names again: delete it"] };
  }
  const width = columns.length;
  if (fields.length < width || fields.slice(width).some((field) => field !== "")) {
    const count = `${fields.length} ${fields.length === 1 ? "field" : "fields"}`;
    return { problems: [`${count}, but the header has ${width} ${width === 1 ? "column" : "columns"}`] };
  }
  const problems: string[] = [];
  const values: Partial<Record<Column, string>> = {};
  for (const [index, column] of columns.entries()) {
    const field = (fields[index] as string).normalize("NFC");
    if (column) values[column] = labelColumns.has(column) ? normalizeName(field) : field;
    else if (field !== "") problems.push(`field ${index + 1} has a value, but its column has no name`);
  }
  const { terminal: id = "", site = "", customer = "", name = "" } = values;
  const checks = [
    id === "" ? "terminal is missing" : describeInvalidId("terminal", id),
    site === "" ? "site is missing" : describeInvalidLabel("site", site),
    customer === "" ? undefined : describeInvalidId("customer", customer),
    name === "" ? undefined : describeInvalidLabel("name", name),
  ];
  problems.push(...checks.filter((problem) => problem !== undefined));
  if (problems.length > 0) return { problems };
  const terminal = { id: id.toLowerCase(), customer: customer.toLowerCase(), site };
  return { terminal: name === "" ? terminal : { ...terminal, name } };
}
