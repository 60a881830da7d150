import { t } from "../../../words/translate.ts";
import { type Cell, type CellKind, maxCellLength, maxRows, maxSheetBytes, type SheetRow } from "./cells.ts";
import { parseXml, type XmlHandler } from "./parse-xml.ts";
import { putCell, SheetRows } from "./sheet-rows.ts";
import { WorkbookError } from "./workbook-error.ts";
import type { Sheet } from "./xlsx-book.ts";
import type { ZipParts } from "./zip-parts.ts";

/** The part of an .ods file that has all sheets (OASIS OpenDocument 1.3, part 3, 9). */
export const odsContent = "content.xml";

/** The sheets of an .ods file. */
export async function readOdsSheets(parts: ZipParts): Promise<Sheet[]> {
  const sheets: Sheet[] = [];
  let depth = 0;
  const handler: XmlHandler = {
    open(name, attribute) {
      if (name !== "table") return;
      if (depth++ === 0) sheets.push({ name: attribute("name") ?? "", part: odsContent, isHidden: false });
    },
    close(name) {
      if (name === "table") depth--;
    },
  };
  for await (const _ of parseXml(parts.read(odsContent, maxSheetBytes), handler));
  return sheets;
}

/** Reads the rows of a sheet of an .ods file. A cell has the text that the program showed. */
export async function* readOdsRows(parts: ZipParts, sheet: string): AsyncGenerator<SheetRow[]> {
  const reader = new OdsRowReader(sheet);
  for await (const _ of parseXml(parts.read(odsContent, maxSheetBytes), reader)) {
    yield reader.rows.take();
    if (reader.isFinished) return;
  }
}

const kinds: Record<string, CellKind> = {
  ...{ float: "number", percentage: "number", currency: "number" },
  ...{ date: "date", time: "date", boolean: "boolean" },
};

/** Elements in a cell whose text is not the cell's: comments and drawings. */
const otherContent = /^(annotation|frame|g|custom-shape|caption|control|shape)$/;

class OdsRowReader implements XmlHandler {
  isFinished = false;
  private readonly sheet: string;
  readonly rows = new SheetRows();
  private tables: string[] = [];
  private number = 0;
  private row = { repeated: 1, width: 0, cells: [] as Cell[] };
  private cell: { kind: CellKind; repeated: number; paragraphs: string[] } | undefined;
  private otherDepth = 0;
  private paragraphDepth = 0;

  constructor(sheet: string) {
    this.sheet = sheet;
  }

  open(name: string, attribute: (name: string) => string | undefined): void {
    if (name === "table") this.tables.push(attribute("name") ?? "");
    if (!this.isInSheet) return;
    if (this.otherDepth > 0 || (this.cell && otherContent.test(name))) {
      this.otherDepth++;
      return;
    }
    const repeated = (attributeName: string) =>
      Math.max(1, Math.trunc(Number(attribute(attributeName) ?? 1)) || 1);
    if (name === "table-row") this.row = { repeated: repeated("number-rows-repeated"), width: 0, cells: [] };
    if (name === "table-cell" || name === "covered-table-cell") {
      const kind = kinds[attribute("value-type") ?? ""] ?? "text";
      this.cell = { kind, repeated: repeated("number-columns-repeated"), paragraphs: [] };
    }
    if (!this.cell) return;
    if (name === "p" && this.paragraphDepth++ === 0) this.cell.paragraphs.push("");
    if (name === "s") this.add(" ".repeat(Math.min(repeated("c"), maxCellLength)));
    if (name === "tab") this.add("\t");
    if (name === "line-break") this.add("\n");
  }

  text(piece: string): void {
    if (this.otherDepth === 0) this.add(piece);
  }

  close(name: string): void {
    const wasInSheet = this.isInSheet;
    if (name === "table") this.tables.pop();
    if (!wasInSheet) return;
    if (this.otherDepth > 0) this.otherDepth--;
    else if (name === "table") this.isFinished = true;
    else if (name === "p" && this.cell) this.paragraphDepth--;
    else if (name === "table-cell" || name === "covered-table-cell") this.endCell();
    else if (name === "table-row") this.endRow();
  }

  /** Whether the parser is in the wanted sheet, and not in a table within one of its cells. */
  private get isInSheet(): boolean {
    return this.tables.length === 1 && this.tables[0] === this.sheet && !this.isFinished;
  }

  private add(text: string): void {
    const last = (this.cell?.paragraphs.length ?? 0) - 1;
    if (!this.cell || this.paragraphDepth === 0 || last < 0) return;
    const { paragraphs } = this.cell;
    if ((paragraphs[last] as string).length < maxCellLength) paragraphs[last] += text;
  }

  private endCell(): void {
    const { kind, repeated, paragraphs } = this.cell as NonNullable<typeof this.cell>;
    this.cell = undefined;
    const text = paragraphs.slice(0, maxCellLength).join("\n").slice(0, maxCellLength);
    const { row } = this;
    const column = row.width;
    row.width += repeated;
    const isError =
      kind === "text" ? /^#(REF|N\/A|VALUE|NAME|DIV\/0|NULL|NUM)[!?]?$|^Err:\d+$/.test(text) : false;
    const cell: Cell = { text, kind: isError ? "error" : kind };
    putCell({ number: this.number + 1, cells: row.cells }, cell, column, repeated);
  }

  private endRow(): void {
    const { repeated, cells } = this.row;
    // A repeated row without content fills the sheet. One with content has its terminal twice, which two rows show.
    const shown = cells.length === 0 ? 0 : Math.min(repeated, 2);
    for (let index = 1; index <= shown; index++) this.rows.add({ number: this.number + index, cells });
    this.number += repeated;
    if (cells.length > 0 && this.number > maxRows)
      throw new WorkbookError(t`the sheet has more than ${maxRows} rows: save it without the empty ones`);
  }
}
