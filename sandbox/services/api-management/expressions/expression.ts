import { Binder } from "./binder.ts";
import { type Bound, convert } from "./bound.ts";
import { withExpression } from "./grammar.ts";
import type { CsType, MessagePart, Run } from "./types.ts";

/** An expression that is checked and ready to run. */
export interface Expression {
  /** Static type of its value. */
  type: CsType;
  /** Bodies that have to be in memory before it runs. */
  touches: ReadonlySet<MessagePart>;
  /** @throws CsException as .NET would. */
  run(run: Run): unknown;
}

/**
 * Checks the C# of a single expression and makes it ready to run.
 * @param source What stands between the parentheses of @(…).
 * @param expected The type that is wanted where it stands; any when undefined.
 * @throws ExpressionProblem for a syntax error and for C# that the interpreter does not run.
 */
export function compileExpression(source: string, expected?: CsType): Expression {
  return withExpression(source, (node) => {
    const binder = new Binder();
    const value: Bound = binder.bind(node);
    const { type, run } = expected ? convert(value, expected, node) : value;
    return { type, run, touches: binder.touches };
  });
}
