import { fileName } from "../file-exchange/offers/offer.ts";
import { customerId, label, printableText, terminalId, whyInvalid } from "../lib/ids.ts";
import { normalizeName, quoteName } from "../lib/names.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { t } from "../words/translate.ts";

/**
 * Converts a terminal ID to lower case, as the IDs of a batch file are.
 * @param name The argument's name in messages; default "the terminal".
 * @throws OperatorError when it is not a valid ID.
 */
export function checkTerminalId(typed: string, name = t`the terminal`): string {
  const id = normalizeName(typed).toLowerCase();
  return check(name, typed, id, whyInvalid(terminalId, id));
}

/** Converts a customer ID to lower case. @throws OperatorError when it is not a valid ID. */
export function checkCustomerId<Typed extends string | undefined>(typed: Typed): Typed {
  if (typed === undefined) return typed;
  const id = normalizeName(typed).toLowerCase();
  return check("--customer", typed, id, whyInvalid(customerId, id)) as Typed;
}

/**
 * Normalises the name of a site, as the names of a batch file are.
 * @throws OperatorError when it is not a valid name.
 */
export function checkSite<Typed extends string | undefined>(typed: Typed): Typed {
  if (typed === undefined) return typed;
  return check("--site", typed, normalizeName(typed), whyInvalid(label, typed)) as Typed;
}

/**
 * Normalises the name of a terminal, as the names of a batch file are.
 * @throws OperatorError when it is not a valid name.
 */
export function checkTerminalName<Typed extends string | undefined>(typed: Typed): Typed {
  if (typed === undefined) return typed;
  return check("--name", typed, normalizeName(typed), whyInvalid(label, typed)) as Typed;
}

/** @throws OperatorError when a reason is empty, too long or has control characters. */
export function checkReason<Typed extends string | undefined>(typed: Typed, maxLength = 128): Typed {
  const wrong = typed === undefined ? undefined : whyInvalid(printableText(maxLength), typed);
  if (wrong) throw new OperatorError("usage", `--reason ${wrong}`);
  return typed;
}

/** @throws OperatorError when a text is not a valid file name on a terminal. */
export function checkFileName(typed: string): string {
  return check(t`the file name`, typed, typed, whyInvalid(fileName, typed));
}

function check(name: string, typed: string, value: string, wrong: string | undefined): string {
  if (wrong) throw new OperatorError("usage", `${name} ${quoteName(typed)} ${wrong}`);
  return value;
}
