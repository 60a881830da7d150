import { explain } from "../azure/explain-error.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { t } from "../words/translate.ts";

/** The error of a transfer that the operator interrupted. */
export function interruptedError(): OperatorError {
  return new OperatorError("interrupted", t`interrupted`, {
    remedy: t`Run this again: the transfer continues.`,
  });
}

/**
 * Waits for a transfer and converts its error as `explain` does, or to `interruptedError` after `signal` was aborted.
 * @param doing For example "sending employees.csv to example-001".
 */
export async function runTransfer<T>(
  work: Promise<T>,
  doing: string,
  signal: AbortSignal | undefined,
): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw signal?.aborted && !(error instanceof OperatorError) ? interruptedError() : explain(error, doing);
  }
}
