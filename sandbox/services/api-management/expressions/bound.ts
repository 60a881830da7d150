import { implicitConversion } from "./conversions.ts";
import { ExpressionProblem, type Node } from "./grammar.ts";
import type { CsType, Run } from "./types.ts";

/** A compiled part of an expression, with its static type. */
export interface Bound {
  type: CsType;
  run(run: Run): unknown;
  /** Its value when it is a constant: a literal, or an operation on constants only. */
  constant?: unknown;
}

/** Evaluates operations on constants at compile time, as the C# compiler does. */
export function folded(value: Bound, operands: Bound[]): Bound {
  if (operands.some(({ constant }) => constant === undefined)) return value;
  const constant = value.run(undefined as never);
  return { type: value.type, run: () => constant, constant };
}

/** Applies the implicit conversion to `type`. */
export function convert(value: Bound, type: CsType, at: Node): Bound {
  const conversion = implicitConversion(value.type, type);
  if (!conversion) {
    const hint =
      value.type.name === "object" || implicitHint(value.type, type)
        ? " An explicit conversion exists (are you missing a cast?)"
        : "";
    throw new ExpressionProblem(
      `Cannot implicitly convert type '${value.type.name}' to '${type.name}'.${hint}`,
      at,
    );
  }
  if (conversion.distance === 0) return value;
  return folded({ type, run: (run) => conversion.apply(value.run(run)) }, [value]);
}

function implicitHint(from: CsType, to: CsType): boolean {
  return from.kind === "nullable" && from.element === to;
}
