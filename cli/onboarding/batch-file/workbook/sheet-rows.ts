import { t } from "../../../words/translate.ts";
import { type Cell, emptyCell, maxColumns, type SheetRow } from "./cells.ts";
import { WorkbookError } from "./workbook-error.ts";

/** The rows of a sheet that were parsed and not taken yet. */
export class SheetRows {
  private rows: SheetRow[] = [];

  add(row: SheetRow): void {
    this.rows.push(row);
  }

  /** Returns the rows since the last call. */
  take(): SheetRow[] {
    const { rows } = this;
    this.rows = [];
    return rows;
  }
}

/**
 * Puts a cell into a row.
 * @param column Its column, from 0.
 * @param repeated Number of equal cells from there on; default 1.
 * @throws WorkbookError when a column is beyond `maxColumns`.
 */
export function putCell({ number, cells }: SheetRow, cell: Cell, column: number, repeated = 1): void {
  if (cell.text === "") return;
  if (column + repeated > maxColumns)
    throw new WorkbookError(t`row ${number} has a value beyond column ${maxColumns}: delete it`);
  while (cells.length < column) cells.push(emptyCell);
  for (let index = column; index < column + repeated; index++) cells[index] = cell;
}
