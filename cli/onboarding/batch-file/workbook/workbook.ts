import { open } from "node:fs/promises";
import { quoteName } from "../../../lib/names.ts";
import { NearestNames } from "../../../lib/nearest-names.ts";
import { t } from "../../../words/translate.ts";
import type { CellKind, SheetRow } from "./cells.ts";
import { readOdsRows, readOdsSheets } from "./ods-rows.ts";
import { WorkbookError } from "./workbook-error.ts";
import { readXlsxBook, type Sheet } from "./xlsx-book.ts";
import { readXlsxRows } from "./xlsx-rows.ts";
import { passwordProblem, ZipParts } from "./zip-parts.ts";

/*
 * Reads a sheet of a workbook, .xlsx or .ods. The archive is read by yauzl and Node's zlib, the XML by sax, both while
 * they arrive: libraries for whole workbooks hold every cell in memory, cannot be bounded, and none of the kept ones
 * reads both formats with the kinds of the cells. Formulas and macros are never run.
 */

/** Which sheet of a workbook is read. */
export interface WorkbookFormat {
  kind: "xlsx" | "ods";
  /** Name of the sheet. */
  sheet: string;
  /** Part of the archive that has the sheet. */
  part: string;
  /** Number of sheets that are not read. */
  otherSheets: number;
}

const zipStart = "PK\u0003\u0004";
/** Old .xls files, and .xlsx files with a password, are compound files ([MS-CFB] 2.2). */
const compoundStart = "\u00d0\u00cf\u0011\u00e0";

/**
 * Recognises a workbook by its content, and chooses its sheet.
 * @param wanted Name of the sheet; default: the first sheet that is shown.
 * @returns Undefined for any other file; a message when the sheet cannot be read.
 */
export async function detectWorkbook(
  file: string,
  wanted?: string,
): Promise<WorkbookFormat | { problem: string } | undefined> {
  const start = await firstBytes(file);
  if (start === compoundStart) {
    return {
      problem: t`this is an old workbook (.xls), or one with a password: save it as .xlsx without a password`,
    };
  }
  if (start !== zipStart) return undefined;
  try {
    await using parts = await ZipParts.open(file);
    const kind = parts.has("content.xml") ? "ods" : "xlsx";
    if (kind === "ods" && !(await isReadableOds(parts))) return { problem: passwordProblem() };
    const sheets = kind === "ods" ? await readOdsSheets(parts) : (await readXlsxBook(parts)).sheets;
    return { kind, ...chooseSheet(sheets, wanted) };
  } catch (error) {
    if (error instanceof WorkbookError) return { problem: error.message };
    throw error;
  }
}

/** An .ods file with a password keeps its names and encrypts its content (OASIS OpenDocument 1.3, part 2, 3.4). */
async function isReadableOds(parts: ZipParts): Promise<boolean> {
  const manifest = "META-INF/manifest.xml";
  if (!parts.has(manifest)) return true;
  const chunks: Buffer[] = [];
  for await (const chunk of parts.read(manifest, 1024 * 1024)) chunks.push(chunk);
  return !Buffer.concat(chunks).includes("encryption-data");
}

function chooseSheet(sheets: Sheet[], wanted: string | undefined): Omit<WorkbookFormat, "kind"> {
  const isWanted = ({ name, isHidden }: Sheet) =>
    wanted === undefined ? !isHidden : name.toLowerCase() === wanted.toLowerCase();
  const found = sheets.find(isWanted) ?? (wanted === undefined ? sheets[0] : undefined);
  if (found) return { sheet: found.name, part: found.part, otherSheets: sheets.length - 1 };
  if (wanted === undefined) throw new WorkbookError(t`the workbook has no sheet with cells`);
  const nearest = new NearestNames(wanted);
  for (const { name } of sheets) nearest.add(name);
  const suggestion = nearest.suggestion({ none: t`the workbook has no sheet with cells`, isQuoted: true });
  throw new WorkbookError(t`the workbook has no sheet ${quoteName(wanted)}${suggestion}`);
}

async function firstBytes(file: string): Promise<string> {
  await using handle = await open(file);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
  return buffer.subarray(0, bytesRead).toString("latin1");
}

/** A row of a sheet as a line of CSV with semicolons, which goes the way of the lines of a text file. */
export interface SheetLine {
  number: number;
  text: string;
  /** Kinds of the cells that hold no text, by their column from 0. */
  kinds: ReadonlyMap<number, CellKind>;
}

/** Reads the rows of the sheet in arrays. @throws WorkbookError when the workbook is damaged or too large. */
export async function* readSheetLines(file: string, format: WorkbookFormat): AsyncGenerator<SheetLine[]> {
  await using parts = await ZipParts.open(file);
  const rows = format.kind === "ods" ? readOdsRows(parts, format.sheet) : readXlsxRows(parts, format.part);
  for await (const some of rows) yield some.map(toLine);
}

function toLine({ number, cells }: SheetRow): SheetLine {
  const field = (text: string) => (/[";,\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const kinds = cells.flatMap(({ kind }, column) => (kind === "text" ? [] : [[column, kind] as const]));
  return { number, text: cells.map(({ text }) => field(text)).join(";"), kinds: new Map(kinds) };
}
