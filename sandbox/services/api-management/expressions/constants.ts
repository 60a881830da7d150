import type { Bound } from "./bound.ts";
import { isNumeric } from "./conversions.ts";
import { ExpressionProblem, type Node } from "./grammar.ts";
import { Byte, Char, Double, Int, Long } from "./primitives.ts";
import type { CsType } from "./types.ts";

/** Smallest and largest integer of a type. */
const ranges = new Map<CsType, [bigint, bigint]>([
  [Int, [-(2n ** 31n), 2n ** 31n - 1n]],
  [Long, [-(2n ** 63n), 2n ** 63n - 1n]],
  [Byte, [0n, 255n]],
  [Char, [0n, 65_535n]],
]);

/** Whether an integer is in a type's range. */
export function fits(value: bigint, type: CsType): boolean {
  const [least, most] = ranges.get(type) ?? [0n, 0n];
  return least <= value && value <= most;
}

/** Rejects a constant cast to a type that cannot hold it, as the compiler does (CS0221). */
export function requireFit({ constant, type: from }: Bound, to: CsType, at: Node): void {
  const target = to.kind === "nullable" ? to.element! : to;
  if (constant === undefined || !ranges.has(target) || !isNumeric(from)) return;
  const number = from === Char ? (constant as string).charCodeAt(0) : (constant as number | bigint);
  const whole = typeof number === "bigint" ? number : wholeOf(number);
  if (whole !== undefined && fits(whole, target)) return;
  throw new ExpressionProblem(`Constant value '${number}' cannot be converted to a '${target.name}'.`, at);
}

/** Rejects constant overflow and constant division by zero, as the compiler does (CS0220, CS0020). */
export function requireResult(operator: string, left: Bound, right: Bound, type: CsType, at: Node): void {
  if (type === Double) return;
  const [one, other] = [left.constant, right.constant] as (number | bigint | undefined)[];
  if (one === undefined || other === undefined) return;
  if ((operator === "/" || operator === "%") && BigInt(other) === 0n) {
    throw new ExpressionProblem("Division by constant zero.", at);
  }
  if (!fits(exact(operator, BigInt(one), BigInt(other)), type)) {
    throw new ExpressionProblem("The operation overflows at compile time.", at);
  }
}

/** The result with unlimited precision. */
export function exact(operator: string, one: bigint, other: bigint): bigint {
  switch (operator) {
    case "+":
      return one + other;
    case "-":
      return one - other;
    case "*":
      return one * other;
    case "/":
      return one / other;
    default:
      return one % other;
  }
}

function wholeOf(value: number): bigint | undefined {
  return Number.isFinite(value) ? BigInt(Math.trunc(value)) : undefined;
}
