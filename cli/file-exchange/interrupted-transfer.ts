import { explain, OperatorError } from "../lib/errors.ts";

/** What ends a transfer that the operator interrupted. */
export function interruptedError(): OperatorError {
  return new OperatorError("interrupted", "interrupted", {
    remedy: "Run this again: it continues where it stopped.",
  });
}

/**
 * Runs a transfer; what it throws is put into words as `explain` does, and an end by `signal` too.
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
