import type { Cell } from "./cells.ts";

/** Built-in formats of Excel that show a number as a date or a time (ISO/IEC 29500-1, 18.8.30). */
const isDateFormat = (id: number) =>
  (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58);

/** Built-in formats whose code matters here. The others keep "General". */
const builtInCodes = new Map([[1, "0"]]);

/** How the cells of one style show a number. */
export interface NumberFormat {
  isDate: boolean;
  /** Code of the format, for example `00000`; undefined for "General". */
  code?: string;
}

/** @param code Code of a format that the workbook defines; undefined for a built-in one. */
export function numberFormat(id: number, code: string | undefined): NumberFormat {
  if (code === undefined) return { isDate: isDateFormat(id), code: builtInCodes.get(id) };
  // Texts in quotes, escaped characters, colours and conditions are no codes of a date.
  const bare = code.replace(/"[^"]*"|\\.|\[(?!h+\]|m+\]|s+\])[^\]]*\]|General/gi, "");
  return { isDate: /[dmyhs]/i.test(bare), code };
}

/** Excel shows more digits as 1.23457E+11 where a cell has no other format. */
const maxGeneralDigits = 11;
/** Digits that Excel keeps of a number. */
const maxDigits = 15;
const dayMs = 86_400_000;

/**
 * A number as Excel shows it, as far as the digits of an ID are concerned: with the zeros and texts of its format, as a
 * power of ten where it is long, as a date where it is one.
 * @param value The content of the cell in the file.
 */
export function showNumber(value: string, format: NumberFormat, epoch: number): Cell {
  const number = Number(value);
  if (value.trim() === "" || !Number.isFinite(number)) return { text: value, kind: "text" };
  if (format.isDate) return { text: showDate(number, epoch), kind: "date" };
  const digits = Number.isInteger(number) && Math.abs(number) < 10 ** maxDigits ? String(number) : undefined;
  const padded = digits === undefined || number < 0 ? undefined : pad(digits, format.code);
  if (padded !== undefined) return padded;
  const isShown = digits !== undefined && (format.code !== undefined || digits.length <= maxGeneralDigits);
  const isSmall = digits === undefined && Math.abs(number) < 10 ** maxGeneralDigits;
  const text = isShown ? digits : isSmall ? String(number) : exponential(number);
  return { text, kind: "number" };
}

/** Applies a format of zeros with texts around them, for example `"EX-"000`. Whoever chose it sees the ID as it is. */
function pad(digits: string, code: string | undefined): Cell | undefined {
  const [, before = "", zeros, after = ""] =
    /^((?:"[^"]*"|\\.|[-_ ])*)(0+)((?:"[^"]*"|\\.|[-_ ])*)$/.exec(code ?? "") ?? [];
  if (zeros === undefined || (zeros.length === 1 && before === "" && after === "")) return undefined;
  const literal = (text: string) => text.replace(/"([^"]*)"|\\(.)/g, "$1$2");
  return { text: `${literal(before)}${digits.padStart(zeros.length, "0")}${literal(after)}`, kind: "text" };
}

/** A number as 1.23457E+11. */
function exponential(number: number): string {
  return number
    .toExponential(5)
    .replace(/\.?0*e/, "e")
    .replace(/e([+-])(\d)$/, "e$10$2")
    .toUpperCase();
}

function showDate(days: number, epoch: number): string {
  const date = new Date(epoch + Math.round(days * dayMs));
  return Number.isNaN(date.getTime()) ? String(days) : date.toISOString().slice(0, 10);
}

/** Day 0 of the dates of a workbook, in milliseconds since 1970: 30 December 1899, or 1 January 1904. */
export function dateEpoch(is1904: boolean): number {
  return is1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, 30);
}
