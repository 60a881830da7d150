import { customerId, label, reservedWindowsName, terminalId, whyInvalid } from "../../lib/ids.ts";
import { quoteName } from "../../lib/names.ts";

/** Lengths of the IDs; see `terminalId` and `customerId`. */
const idLengths = { terminal: "3 to 63", customer: "2 to 40" };

/** Values that Excel writes in place of long numbers, dates and broken references. */
const excelValues = [
  /^\d+([.,]\d+)?E[+-]?\d+$/i,
  /^#(REF|N\/A|VALUE|NAME|DIV\/0|NULL|NUM|VERDI|NAVN)[!?]?$/i,
  /^\d{1,2}[./]\d{1,2}[./]\d{2,4}$/,
  /^\d{1,2}[.-]?\s?(jan|feb|mar|apr|ma[iy]|jun|jul|aug|sep|o[kc]t|nov|de[cs])\p{L}*\.?([ -]?\d+)?$/iu,
];

const maxShownLength = 80;

/** A message about an invalid terminal or customer ID; undefined for a valid one. */
export function describeInvalidId(kind: "terminal" | "customer", field: string): string | undefined {
  const id = field.toLowerCase();
  const reason = whyInvalid(kind === "terminal" ? terminalId : customerId, id);
  if (!reason) return undefined;
  const shown = `${kind} ${quote(field)}`;
  if (reservedWindowsName.test(id)) return `${shown} ${reason}`;
  const allowed = `allowed are ${idLengths[kind]} characters: a-z, 0-9 and single hyphens between them`;
  const excel = excelValues.some((pattern) => pattern.test(field))
    ? ". Excel seems to have changed it: format the column as Text and ask for the list again"
    : "";
  return `${shown} ${whatIsWrong(id)}; ${allowed}${excel}`;
}

function whatIsWrong(id: string): string {
  const characters = [...new Set(id.match(/[^a-z0-9-]/gu))];
  if (characters.length > 0) return `contains ${characters.map(quote).join(" and ")}`;
  if (id.includes("--")) return "contains two hyphens in a row";
  if (/^-|-$/.test(id)) return "starts or ends with a hyphen";
  return `has ${id.length} ${id.length === 1 ? "character" : "characters"}`;
}

/** A message about an invalid name of a site or a terminal; undefined for a valid one. */
export function describeInvalidLabel(kind: "site" | "name", field: string): string | undefined {
  const reason = whyInvalid(label, field);
  return reason && `${kind} ${quote(field)} ${reason}`;
}

function quote(text: string): string {
  return quoteName(text.slice(0, maxShownLength));
}
