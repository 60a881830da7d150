/** Rows that decide the widths of the columns. */
const measuredRows = 200;

/** How the items of a table are written. */
export interface TableFormat<Item> {
  /** The titles of the columns, of which the last one may be empty. */
  titles: string[];
  /** As many cells as there are titles. */
  cells(item: Item): string[];
  /** Writes an item. @param row Its cells, aligned. */
  write(item: Item, row: string, widths: readonly number[]): void;
  /** Writes the titles, aligned. */
  writeTitles(row: string): void;
}

/** A table whose rows are written while they arrive. The first ones are held back to measure the columns. */
export class StreamedTable<Item> {
  private readonly format: TableFormat<Item>;
  private held: Item[] = [];
  private widths: number[] | undefined;

  constructor(format: TableFormat<Item>) {
    this.format = format;
  }

  add(item: Item): void {
    if (this.widths) this.write(item, this.widths);
    else if (this.held.push(item) >= measuredRows) this.writeHeld();
  }

  /** Writes the rows that were held back. A table without rows is not written. */
  end(): void {
    if (!this.widths && this.held.length > 0) this.writeHeld();
  }

  private writeHeld(): void {
    const { titles, cells } = this.format;
    const rows = [titles, ...this.held.map(cells)];
    const widths = titles.map((_, column) => Math.max(...rows.map((row) => (row[column] as string).length)));
    this.widths = widths;
    this.format.writeTitles(align(titles, widths));
    for (const item of this.held.splice(0)) this.write(item, widths);
  }

  private write(item: Item, widths: readonly number[]): void {
    this.format.write(item, align(this.format.cells(item), widths), widths);
  }
}

function align(cells: string[], widths: readonly number[]): string {
  return cells
    .map((cell, column) => cell.padEnd(widths[column] as number))
    .join("  ")
    .trimEnd();
}
