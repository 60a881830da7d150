import { normalizeName } from "../../lib/names.ts";
import { count, t } from "../../words/translate.ts";
import {
  type Column,
  type InvalidHeader,
  isRepeatedHeader,
  type Layout,
  readHeader,
  splitLine,
  strayQuoteProblem,
} from "./columns.ts";
import { describeInvalidId, describeInvalidLabel } from "./field-values.ts";
import { checkLine, type Line, maxLineLength, readLines, type TextFormat } from "./text-file.ts";
import type { CellKind } from "./workbook/cells.ts";
import { readSheetLines, type WorkbookFormat } from "./workbook/workbook.ts";

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
export type Row = { line: number } & (
  | {
      terminal: Terminal;
      /** Whether the ID is a number in the workbook: zeros at its start may be missing. */
      isNumber: boolean;
    }
  | { problems: string[] }
);

/** How a batch file is to be read. */
export type BatchFormat = TextFormat | WorkbookFormat;

/** Reads the rows of a batch file. It ends after a header line that is not understood. */
export async function* readRows(file: string, format: BatchFormat): AsyncGenerator<Row> {
  const parser = new RowParser();
  for await (const lines of "sheet" in format ? readSheet(file, format) : readLines(file, format)) {
    for (const line of lines) {
      yield* parser.parse(line);
      if (parser.isFinished) return;
    }
  }
  yield* parser.end();
}

async function* readSheet(file: string, format: WorkbookFormat): AsyncGenerator<Line[]> {
  for await (const lines of readSheetLines(file, format)) {
    yield lines.map((line) =>
      checkLine(line.text.length > maxLineLength ? { ...line, text: undefined } : line),
    );
  }
}

/** Lines above the header in which titles are skipped in the search for the column names. */
const maxTitleLines = 10;
/** Most lines of a field with line breaks. */
const maxFieldLines = 5;

/** A line that could be the header, and why it is not. */
type Candidate = { line: number } & InvalidHeader;

/** Parses lines into rows. Lines without content yield no row. */
class RowParser {
  /** The header was not understood, and without it no other line can be parsed. */
  isFinished = false;
  private layout: Layout | undefined;
  /** The first line with content above the header. */
  private first: Candidate | undefined;
  /** The line with the most column names, if the header has not been found. */
  private best: Candidate | undefined;
  /** Number of a line with a field that does not end on it. */
  private openLine: number | undefined;

  parse(line: Line): Row[] {
    const { number, text, utf8Letter, misread } = line;
    if (utf8Letter) {
      if (!this.layout) this.isFinished = true;
      const reason = t`"${utf8Letter}" is in UTF-8 on this line, and other lines are not: save the whole list in one encoding, as CSV (UTF-8)`;
      return [{ line: number, problems: [reason] }];
    }
    if (misread) {
      if (!this.layout) this.isFinished = true;
      return [{ line: number, problems: [misread] }];
    }
    if (text === undefined) {
      return [{ line: number, problems: [t`longer than ${maxLineLength} characters`] }];
    }
    if (text.trim() === "") return [];
    // Excel writes this line to remember the delimiter.
    if (number === 1 && /^sep=.$/.test(text)) return [];
    if (!this.layout) return this.parseHeader(number, text);
    return line.kinds ? rowsOf(line, text, this.layout) : this.parseRow(number, text, this.layout);
  }

  /** The problems that only the end of the file shows. */
  end(): Row[] {
    if (!this.layout && !this.isFinished) return this.endHeader();
    return this.openLine === undefined ? [] : [strayQuote(this.openLine)];
  }

  private parseHeader(number: number, text: string): Row[] {
    const header = readHeader(text);
    if (!("problems" in header)) {
      if (!this.first) {
        this.layout = header;
        return [];
      }
      this.isFinished = true;
      return [titles(this.first.line, number)];
    }
    const candidate = { line: number, ...header };
    this.first ??= candidate;
    if (!this.best || header.known > this.best.known) this.best = candidate;
    return number - this.first.line < maxTitleLines ? [] : this.endHeader();
  }

  /** Reports the line that looks most like a header. */
  private endHeader(): Row[] {
    this.isFinished = true;
    const { first, best } = this;
    if (!first || !best) return [];
    const { line, problems } = best;
    return [...(line === first.line ? [] : [titles(first.line, line)]), { line, problems }];
  }

  private parseRow(number: number, text: string, layout: Layout): Row[] {
    const openLine = this.openLine;
    const hasOddQuotes = text.includes('"') && (text.match(/"/g)?.length ?? 0) % 2 === 1;
    if (openLine === undefined) {
      if (hasOddQuotes && !Array.isArray(splitLine(text, layout.delimiter))) {
        this.openLine = number;
        return [];
      }
      return rowsOf({ number }, text, layout);
    }
    if (hasOddQuotes) {
      this.openLine = undefined;
      const reason = t`a field that begins on this line has a line break (Alt+Enter in Excel): remove it`;
      return [{ line: openLine, problems: [reason] }];
    }
    const fields = splitLine(text, layout.delimiter);
    const isRow = Array.isArray(fields) && fields.length >= layout.columns.length;
    if (!isRow && number - openLine < maxFieldLines) return [];
    this.openLine = undefined;
    return [strayQuote(openLine), ...rowsOf({ number }, text, layout)];
  }
}

/** The message about lines above the header. */
function titles(first: number, header: number): Row {
  const last = header - 1;
  const lines = first === last ? t`line ${first}` : t`lines ${first} to ${last}`;
  const reason = t`the column names are not on line ${first}; they seem to be on line ${header}: delete ${lines}`;
  return { line: first, problems: [reason] };
}

function strayQuote(line: number): Row {
  return { line, problems: [strayQuoteProblem()] };
}

function rowsOf(
  { number: line, kinds }: Pick<Line, "number" | "kinds">,
  text: string,
  layout: Layout,
): Row[] {
  const row = toTerminal(text, layout, kinds);
  return row ? [{ line, ...row }] : [];
}

const labelColumns: ReadonlySet<Column> = new Set(["site", "name"]);

/**
 * @param kinds Of a row in a workbook: the kinds of its cells. Such a row has no empty cells at its end.
 * @returns Undefined for a row without content.
 */
function toTerminal(
  text: string,
  { delimiter, columns }: Layout,
  kinds?: ReadonlyMap<number, CellKind>,
): { terminal: Terminal; isNumber: boolean } | { problems: string[] } | undefined {
  const fields = splitLine(text, delimiter);
  if ("problem" in fields) return { problems: [fields.problem] };
  if (fields.every((field) => field === "")) return undefined;
  const width = columns.length;
  if (kinds) while (fields.length < width) fields.push("");
  if (isRepeatedHeader(text, fields, columns)) {
    return { problems: [t`this line has column names again: delete it`] };
  }
  if (fields.length < width || fields.slice(width).some((field) => field !== "")) {
    const found = count(fields.length, "field");
    return { problems: [t`${found}, but the header has ${count(width, "column")}`] };
  }
  const problems: string[] = [];
  const values: Partial<Record<Column, string>> = {};
  for (const [index, column] of columns.entries()) {
    const field = (fields[index] as string).normalize("NFC");
    if (column) values[column] = labelColumns.has(column) ? normalizeName(field) : field;
    else if (field !== "") problems.push(t`field ${index + 1} has a value, but its column has no name`);
  }
  const { terminal: id = "", site = "", customer = "", name = "" } = values;
  const kindOf = (column: Column) => kinds?.get(columns.indexOf(column));
  const checks = [
    id === "" ? t`terminal is missing` : describeInvalidId("terminal", id, kindOf("terminal")),
    site === "" ? t`site is missing` : describeInvalidLabel("site", site, kindOf("site")),
    customer === "" ? undefined : describeInvalidId("customer", customer, kindOf("customer")),
    name === "" ? undefined : describeInvalidLabel("name", name, kindOf("name")),
  ];
  problems.push(...checks.filter((problem) => problem !== undefined));
  if (problems.length > 0) return { problems };
  const terminal = { id: id.toLowerCase(), customer: customer.toLowerCase(), site };
  const isNumber = kindOf("terminal") === "number";
  return { terminal: name === "" ? terminal : { ...terminal, name }, isNumber };
}
