import { t } from "../../../words/translate.ts";
import { type Cell, maxCellLength, maxRows, maxSheetBytes, type SheetRow } from "./cells.ts";
import { type NumberFormat, showNumber } from "./number-formats.ts";
import { parseXml } from "./parse-xml.ts";
import { putCell, SheetRows } from "./sheet-rows.ts";
import { WorkbookError } from "./workbook-error.ts";
import { readSharedParts, readXlsxBook, type SharedParts, TextCollector } from "./xlsx-book.ts";
import type { ZipParts } from "./zip-parts.ts";

const general: NumberFormat = { isDate: false };

/**
 * Reads the rows of a sheet of an .xlsx file (ISO/IEC 29500-1, 18.3). Formulas are not evaluated: a cell has the value
 * that the program stored.
 */
export async function* readXlsxRows(parts: ZipParts, sheetPart: string): AsyncGenerator<SheetRow[]> {
  const book = await readXlsxBook(parts);
  const reader = new XlsxRowReader(await readSharedParts(parts, book), book.epoch);
  for await (const _ of parseXml(parts.read(sheetPart, maxSheetBytes), reader)) yield reader.rows.take();
}

class XlsxRowReader {
  private readonly shared: SharedParts;
  private readonly epoch: number;
  readonly rows = new SheetRows();
  private row: SheetRow = { number: 0, cells: [] };
  private cell = { column: -1, type: "n", style: 0, value: "" };
  private isInValue = false;
  private readonly inline = new TextCollector();

  constructor(shared: SharedParts, epoch: number) {
    this.shared = shared;
    this.epoch = epoch;
  }

  open(name: string, attribute: (name: string) => string | undefined): void {
    if (name === "row") {
      const number = Number(attribute("r") ?? this.row.number + 1);
      if (!(number > this.row.number && number <= maxRows))
        throw new WorkbookError(t`the rows of the sheet are out of order: save the workbook again`);
      this.row = { number, cells: [] };
      this.cell = { ...this.cell, column: -1 };
    }
    if (name === "c") {
      const column = columnIndex(attribute("r")) ?? this.cell.column + 1;
      this.cell = { column, type: attribute("t") ?? "n", style: Number(attribute("s") ?? 0), value: "" };
      this.inline.start();
    }
    if (name === "v") this.isInValue = true;
    this.inline.open(name);
  }

  text(piece: string): void {
    if (this.isInValue && this.cell.value.length < maxCellLength) this.cell.value += piece;
    this.inline.add(piece);
  }

  close(name: string): void {
    this.inline.close(name);
    if (name === "v") this.isInValue = false;
    if (name === "c") putCell(this.row, this.readCell(), this.cell.column);
    if (name === "row") this.rows.add(this.row);
  }

  private readCell(): Cell {
    const { type, style, value } = this.cell;
    switch (type) {
      case "s":
        return { text: this.shared.texts[Number(value)] ?? "", kind: "text" };
      case "inlineStr":
        return { text: this.inline.value(), kind: "text" };
      case "str":
        return { text: value.slice(0, maxCellLength), kind: "text" };
      case "b":
        return { text: value === "1" ? "TRUE" : "FALSE", kind: "boolean" };
      case "e":
        return { text: value, kind: "error" };
      case "d":
        return { text: value, kind: "date" };
      default:
        return showNumber(value, this.shared.formats[style] ?? general, this.epoch);
    }
  }
}

/** The column of a reference such as "B5", from 0; undefined without a reference. */
function columnIndex(reference: string | undefined): number | undefined {
  const letters = /^[A-Z]{1,3}(?=\d)/.exec(reference ?? "")?.[0];
  if (!letters) return undefined;
  return Array.from(letters).reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}
