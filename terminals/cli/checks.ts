import { OperatorError } from "../errors.ts";
import { customerId, label, misfit, terminalId } from "../ids.ts";

/** A terminal's id as it was typed. @throws OperatorError when it cannot be one. */
export function checkedTerminal(given: string): string {
  const wrong = misfit(terminalId, given);
  if (wrong) throw new OperatorError("usage", `the terminal ${JSON.stringify(given)} ${wrong}`);
  return given;
}

/** A customer's id as it was typed. @throws OperatorError when it cannot be one. */
export function checkedCustomer<T extends string | undefined>(given: T): T {
  const wrong = given === undefined ? undefined : misfit(customerId, given);
  if (wrong) throw new OperatorError("usage", `--customer ${JSON.stringify(given)} ${wrong}`);
  return given;
}

/** A reason as it was typed. @throws OperatorError when it cannot be kept. */
export function checkedReason<T extends string | undefined>(given: T, longest = 128): T {
  const wrong = given === undefined ? undefined : misfit(label.max(longest), given);
  if (wrong) throw new OperatorError("usage", `--reason ${wrong}`);
  return given;
}

/** A number of seconds, hours or days as it was typed. @throws OperatorError when it is none. */
export function checkedNumber<T extends number | undefined>(option: string, given: T): T {
  if (given !== undefined && !(given >= 0 && Number.isFinite(given))) {
    throw new OperatorError("usage", `${option} must be a number, 0 or more`);
  }
  return given;
}
