import { stringify } from "csv-stringify/sync";
import { printable } from "../lib/printable.ts";

/** Marks a file as UTF-8. Without it, Excel reads the system's code page. */
export const byteOrderMark = "\ufeff";

/**
 * The start of a formula, at the start of a cell or of what a program takes for a cell when it splits at another
 * delimiter. Source: OWASP, "CSV Injection". The wide characters are those that Excel takes as the same signs.
 */
const formulaStart = /(^|[,;\t"])(\s*)(?=[=+\-@|\uff1d\uff0b\uff0d\uff20])/g;

/** Prefixes each text that Excel would run as a formula with an apostrophe, so that it is shown as text. */
export function disarmFormulas(text: string): string {
  return text.replace(formulaStart, "$1'$2");
}

/**
 * One row of CSV (RFC 4180) that is safe to open in Excel: each cell in quotes, no formula, no control character, and
 * CRLF at the end.
 */
export function formatCsvRow(cells: readonly string[], delimiter: string): string {
  return stringify([cells.map((cell) => disarmFormulas(printable(cell)))], {
    delimiter,
    quoted: true,
    quoted_empty: true,
    record_delimiter: "\r\n",
  });
}
