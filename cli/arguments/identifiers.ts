import { fileName } from "../file-exchange/offers/offer.ts";
import { customerId, label, printableText, terminalId, whyInvalid } from "../lib/ids.ts";
import { OperatorError } from "../lib/operator-error.ts";

/**
 * A terminal's id as it was typed, in lower case, as a batch's are made too.
 * @param name What it is called in messages; default "the terminal".
 * @throws OperatorError when it cannot be one.
 */
export function checkedTerminal(typed: string, name = "the terminal"): string {
  return checked(name, typed, typed.toLowerCase(), whyInvalid(terminalId, typed.toLowerCase()));
}

/** A customer's id as it was typed, in lower case. @throws OperatorError when it cannot be one. */
export function checkedCustomer<T extends string | undefined>(typed: T): T {
  if (typed === undefined) return typed;
  const id = typed.toLowerCase();
  return checked("--customer", typed, id, whyInvalid(customerId, id)) as T;
}

/** A site's name as it was typed. @throws OperatorError when it cannot be one. */
export function checkedSite<T extends string | undefined>(typed: T): T {
  if (typed === undefined) return typed;
  return checked("--site", typed, typed, whyInvalid(label, typed)) as T;
}

/** A reason as it was typed. @throws OperatorError when it cannot be kept. */
export function checkedReason<T extends string | undefined>(typed: T, longest = 128): T {
  const wrong = typed === undefined ? undefined : whyInvalid(printableText(longest), typed);
  if (wrong) throw new OperatorError("usage", `--reason ${wrong}`);
  return typed;
}

/** A file's name at the terminal. @throws OperatorError when it cannot be one. */
export function checkedFileName(typed: string): string {
  return checked("the file's name", typed, typed, whyInvalid(fileName, typed));
}

function checked(name: string, typed: string, value: string, wrong: string | undefined): string {
  if (wrong) throw new OperatorError("usage", `${name} ${JSON.stringify(typed)} ${wrong}`);
  return value;
}
