import { Binder } from "./binder.ts";
import { type Bound, convert } from "./bound.ts";
import { withExpression } from "./grammar.ts";
import type { CsType, MessagePart, Run } from "./types.ts";

/** A compiled expression. */
export interface Expression {
  /** Static type of its value. */
  type: CsType;
  /** Message bodies that must be read into memory before it runs. */
  touches: ReadonlySet<MessagePart>;
  /** @throws CsException as .NET would. */
  run(run: Run): unknown;
}

/**
 * Compiles a single C# expression.
 * @param source The text between the parentheses of @(…).
 * @param expected The required result type; undefined accepts any.
 * @throws ExpressionProblem for a syntax error and for C# that the interpreter does not support.
 */
export function compileExpression(source: string, expected?: CsType): Expression {
  return withExpression(source, (node) => {
    const binder = new Binder();
    const value: Bound = binder.bind(node);
    const { type, run } = expected ? convert(value, expected, node) : value;
    return { type, run, touches: binder.touches };
  });
}
