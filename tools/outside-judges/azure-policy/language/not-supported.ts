/** A rule uses a function, condition or alias that the evaluator does not know. The rule cannot be judged. */
export class NotSupportedError extends Error {
  override readonly name = "NotSupportedError";
}
