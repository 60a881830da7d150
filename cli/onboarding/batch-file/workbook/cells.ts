/** What a cell holds. Only "text" is sure to be what a person typed: the program may have changed the others. */
export type CellKind = "text" | "number" | "date" | "boolean" | "error";

/** A cell of a sheet. */
export interface Cell {
  /** As the program shows it, up to `maxCellLength` characters. */
  text: string;
  kind: CellKind;
}

/** A row of a sheet. */
export interface SheetRow {
  /** Row number, from 1. */
  number: number;
  /** From the first column on, without empty cells at the end. */
  cells: Cell[];
}

/** Characters that are kept of a cell: one more than a row may have. */
export const maxCellLength = 4097;
/** Columns that are read. A cell with content beyond them makes the sheet unreadable. */
export const maxColumns = 200;
/** Rows of a sheet in Excel ("Excel specifications and limits"). */
export const maxRows = 1_048_576;
/** Size of an unpacked sheet. A million rows of a batch have about 200 MB. */
export const maxSheetBytes = 512 * 1024 * 1024;
/** Size of unpacked texts that cells share, and of the other parts. They are kept in memory. */
export const maxSharedBytes = 64 * 1024 * 1024;
export const maxOtherBytes = 16 * 1024 * 1024;

export const emptyCell: Cell = { text: "", kind: "text" };
