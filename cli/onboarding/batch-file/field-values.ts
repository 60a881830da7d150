import { customerId, label, reservedWindowsName, terminalId, whyInvalid } from "../../lib/ids.ts";
import { quoteName } from "../../lib/names.ts";
import { count, joinAnd, t } from "../../words/translate.ts";
import type { CellKind } from "./workbook/cells.ts";

/** Fewest and most characters of the IDs; see `terminalId` and `customerId`. */
const idLengths = { terminal: [3, 63], customer: [2, 40] } as const;

/** What Excel shows in place of a value that it cannot calculate, in English and Norwegian. */
const excelError = /^#(REF|N\/A|VALUE|NAME|DIV\/0|NULL|NUM|VERDI|NAVN|I\/T)[!?]?$/i;
const month = "(jan|feb|mar|apr|ma[iyj]|jun|jul|aug|sep|o[kc]t|nov|de[cs])\\p{L}*";
/** Values that Excel writes in place of long numbers and dates. Some of them could be IDs. */
const excelValues = [
  excelError,
  /^\d+([.,]\d+)?E[+-]\d+$/i,
  /^\d+[.,]0+$/,
  /^\d{1,2}[./]\d{1,2}[./]\d{2,4}$/,
  /^(0?[1-9]|[12]\d|3[01])-(0?[1-9]|1[0-2])-(19|20)\d\d$/,
  /^(19|20)\d\d[-/.](0?[1-9]|1[0-2])[-/.](0?[1-9]|[12]\d|3[01])( \d\d:\d\d(:\d\d)?)?$/,
  new RegExp(`^\\d{1,2}[.-]?\\s?${month}\\.?([ -]?\\d+)?$`, "iu"),
];

const maxShownLength = 80;

/** What to do about a value that Excel changed. */
export function excelAdvice(): string {
  return t`Excel seems to have changed it: format the column as Text and ask for the list again`;
}

/** Whether a spreadsheet program put a value into a cell in place of what was typed. */
function isChanged(kind: CellKind | undefined): boolean {
  return kind === "date" || kind === "boolean" || kind === "error";
}

/**
 * A message about an invalid terminal or customer ID; undefined for a valid one.
 * @param cell Kind of its cell in a workbook.
 */
export function describeInvalidId(
  kind: "terminal" | "customer",
  field: string,
  cell?: CellKind,
): string | undefined {
  const id = field.toLowerCase();
  const shown = kind === "terminal" ? t`terminal ${quote(field)}` : t`customer ${quote(field)}`;
  const isExcel = isChanged(cell) || excelValues.some((pattern) => pattern.test(field));
  const reason = whyInvalid(kind === "terminal" ? terminalId : customerId, id);
  if (!reason) return isExcel ? t`${shown} is no ID. ${excelAdvice()}` : undefined;
  if (reservedWindowsName.test(id)) return `${shown} ${reason}`;
  const [fewest, most] = idLengths[kind];
  const problem = t`${shown} ${whatIsWrong(id)}; allowed are ${fewest} to ${most} characters: a-z, 0-9 and single hyphens between them`;
  return isExcel ? `${problem}. ${excelAdvice()}` : problem;
}

function whatIsWrong(id: string): string {
  const characters = [...new Set(id.match(/[^a-z0-9-]/gu))];
  if (characters.length > 0) return t`contains ${joinAnd(characters.map(quote))}`;
  if (id.includes("--")) return t`contains two hyphens in a row`;
  if (/^-|-$/.test(id)) return t`starts or ends with a hyphen`;
  return t`has ${count(id.length, "character")}`;
}

/** A message about an invalid name of a site or a terminal; undefined for a valid one. */
export function describeInvalidLabel(
  kind: "site" | "name",
  field: string,
  cell?: CellKind,
): string | undefined {
  const shown = kind === "site" ? t`site ${quote(field)}` : t`name ${quote(field)}`;
  const reason = whyInvalid(label, field);
  if (reason) return `${shown} ${reason}`;
  return isChanged(cell) || excelError.test(field) ? t`${shown} is no name. ${excelAdvice()}` : undefined;
}

function quote(text: string): string {
  return quoteName(text.slice(0, maxShownLength));
}
