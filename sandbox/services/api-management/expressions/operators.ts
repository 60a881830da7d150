import { type Bound, convert, folded } from "./bound.ts";
import { exact, fits, requireResult } from "./constants.ts";
import { implicitConversion, isNumeric } from "./conversions.ts";
import { type DateTime, TimeSpan } from "./date-time.ts";
import { CsException } from "./exception.ts";
import { ExpressionProblem, type Node } from "./grammar.ts";
import {
  Bool,
  DateTimeType,
  Double,
  GuidType,
  Int,
  Long,
  NullType,
  nullableOf,
  StringType,
  TimeSpanType,
} from "./primitives.ts";
import { textOf } from "./text.ts";
import type { CsType } from "./types.ts";
import type { Guid } from "./values.ts";

/** Binds `left operator right`. */
export function binary(operator: string, left: Bound, right: Bound, at: Node): Bound {
  switch (operator) {
    case "&&":
    case "||":
      return logical(operator, left, right, at);
    case "==":
    case "!=":
      return equality(operator === "==", left, right, at);
    case "??":
      return coalesce(left, right, at);
    case "<":
    case "<=":
    case ">":
    case ">=":
      return relational(operator, left, right, at);
    case "+":
      if (left.type === StringType || right.type === StringType) return concatenation([left, right], at);
      return arithmetic(operator, left, right, at);
    case "-":
    case "*":
    case "/":
    case "%":
      return arithmetic(operator, left, right, at);
    default:
      throw new ExpressionProblem(`The sandbox does not support the operator '${operator}'.`, at);
  }
}

/** Binds `!value`, `-value` or `+value`. */
export function unary(operator: string, value: Bound, at: Node): Bound {
  if (operator === "!" && value.type === Bool) {
    return folded({ type: Bool, run: (run) => !value.run(run) }, [value]);
  }
  if (operator === "-" && value.type === Double) {
    return folded({ type: Double, run: (run) => -(value.run(run) as number) }, [value]);
  }
  if (isNumeric(value.type) && (operator === "-" || operator === "+")) {
    return arithmetic(operator, { type: Int, run: () => 0, constant: 0 }, value, at);
  }
  throw inapplicable(operator, [value], at);
}

/** Binds `condition ? yes : no`. */
export function conditional(condition: Bound, yes: Bound, no: Bound, at: Node): Bound {
  const test = convert(condition, Bool, at);
  const type = commonType(yes.type, no.type);
  if (!type) {
    throw new ExpressionProblem(
      `Type of conditional expression cannot be determined because there is no implicit conversion between '${yes.type.name}' and '${no.type.name}'.`,
      at,
    );
  }
  const [one, other] = [convert(yes, type, at), convert(no, type, at)];
  return folded({ type, run: (run) => (test.run(run) ? one.run(run) : other.run(run)) }, [test, one, other]);
}

/** Concatenates parts. The text of each part must not depend on the culture. */
export function concatenation(parts: Bound[], at: Node): Bound {
  const texts = parts.map((part) => {
    const text = textOf(part.type);
    if (text) return (run: Parameters<Bound["run"]>[0]) => text(part.run(run));
    throw new ExpressionProblem(
      `The text of type '${part.type.name}' is not supported by the sandbox; call ToString with a format or cast it.`,
      at,
    );
  });
  return folded({ type: StringType, run: (run) => texts.map((text) => text(run)).join("") }, parts);
}

function logical(operator: "&&" | "||", left: Bound, right: Bound, at: Node): Bound {
  if (left.type !== Bool || right.type !== Bool) throw inapplicable(operator, [left, right], at);
  const run: Bound["run"] =
    operator === "&&"
      ? (each) => left.run(each) && right.run(each)
      : (each) => left.run(each) || right.run(each);
  return folded({ type: Bool, run }, [left, right]);
}

function coalesce(left: Bound, right: Bound, at: Node): Bound {
  const inner = left.type.kind === "nullable" ? left.type.element! : left.type;
  if (left.type.isValueType || left.type === NullType) throw inapplicable("??", [left, right], at);
  const type = commonType(inner, right.type) ?? commonType(left.type, right.type);
  if (!type) throw inapplicable("??", [left, right], at);
  const apply = implicitConversion(inner, type)!.apply;
  const otherwise = convert(right, type, at);
  return {
    type,
    run: (run) => {
      const value = left.run(run);
      return value === null ? otherwise.run(run) : apply(value);
    },
  };
}

/** The type of the two to which both convert implicitly. */
function commonType(one: CsType, other: CsType): CsType | undefined {
  if (other !== NullType && implicitConversion(one, other)) return other;
  return one !== NullType && implicitConversion(other, one) ? one : undefined;
}

/** Whether null is compared with a nullable operand. */
function withNull(left: CsType, right: CsType): boolean {
  return (left === NullType && !right.isValueType) || (right === NullType && !left.isValueType);
}

function equality(equal: boolean, left: Bound, right: Bound, at: Node): Bound {
  if (withNull(left.type, right.type)) {
    return { type: Bool, run: (run) => (left.run(run) === right.run(run)) === equal };
  }
  const operands = lifted(left, right, at);
  if (!operands) {
    throw new ExpressionProblem(
      `Operator '${equal ? "==" : "!="}' compares references for '${left.type.name}' and '${right.type.name}', not values; cast both sides first.`,
      at,
    );
  }
  const [one, other, type] = operands;
  const value = comparable.get(type) ?? ((item: unknown) => item);
  const keyOf = (item: unknown) => (item === null ? null : value(item));
  const run: Bound["run"] = (each) => (keyOf(one.run(each)) === keyOf(other.run(each))) === equal;
  return folded({ type: Bool, run }, [one, other]);
}

function relational(operator: string, left: Bound, right: Bound, at: Node): Bound {
  const operands = lifted(left, right, at);
  const value = operands && comparable.get(operands[2]);
  if (!operands || !value || operands[2] === GuidType) throw inapplicable(operator, [left, right], at);
  const [one, other] = operands;
  const compare = comparisons[operator]!;
  const run: Bound["run"] = (each) => {
    const [a, b] = [one.run(each), other.run(each)];
    return a !== null && b !== null && compare(value(a) as number, value(b) as number);
  };
  return folded({ type: Bool, run }, [one, other]);
}

const comparisons: Record<string, (one: number, other: number) => boolean> = {
  "<": (one, other) => one < other,
  "<=": (one, other) => one <= other,
  ">": (one, other) => one > other,
  ">=": (one, other) => one >= other,
};

/** The key by which a value is compared, for types that JavaScript cannot compare directly. */
const comparable = new Map<CsType, (value: unknown) => unknown>([
  [Int, (value) => value],
  [Long, (value) => value],
  [Double, (value) => value],
  [DateTimeType, (value) => (value as DateTime).ticks],
  [TimeSpanType, (value) => (value as TimeSpan).ticks],
  [GuidType, (value) => (value as Guid).text],
]);

/** Both operands in the type in which C# compares them, or undefined when they are not comparable. */
function lifted(left: Bound, right: Bound, at: Node): [Bound, Bound, CsType] | undefined {
  const bare = (type: CsType) => (type.kind === "nullable" ? type.element! : type);
  const type = valueType(bare(left.type), bare(right.type));
  if (!type) return undefined;
  const nullable = left.type.kind === "nullable" || right.type.kind === "nullable";
  const target = nullable ? nullableOf(type) : type;
  return [convert(left, target, at), convert(right, target, at), type];
}

function valueType(one: CsType, other: CsType): CsType | undefined {
  if (isNumeric(one) && isNumeric(other)) return promoted(one, other);
  const known = [StringType, Bool, DateTimeType, TimeSpanType, GuidType].includes(one) || one.kind === "enum";
  return one === other && known ? one : undefined;
}

function promoted(one: CsType, other: CsType): CsType {
  if (one === Double || other === Double) return Double;
  return one === Long || other === Long ? Long : Int;
}

function arithmetic(operator: string, left: Bound, right: Bound, at: Node): Bound {
  if (operator === "-" && left.type === DateTimeType && right.type === DateTimeType) {
    const ticks = (value: unknown) => (value as DateTime).ticks;
    return { type: TimeSpanType, run: (run) => new TimeSpan(ticks(left.run(run)) - ticks(right.run(run))) };
  }
  if (!isNumeric(left.type) || !isNumeric(right.type)) throw inapplicable(operator, [left, right], at);
  const type = promoted(left.type, right.type);
  const [one, other] = [convert(left, type, at), convert(right, type, at)];
  requireResult(operator, one, other, type, at);
  const compute = type === Double ? doubles[operator]! : wholes(operator, type);
  const run: Bound["run"] = (each) => compute(one.run(each) as never, other.run(each) as never);
  return folded({ type, run }, [one, other]);
}

const doubles: Record<string, (one: number, other: number) => number> = {
  "+": (one, other) => one + other,
  "-": (one, other) => one - other,
  "*": (one, other) => one * other,
  "/": (one, other) => one / other,
  "%": (one, other) => one % other,
};

/** int and long arithmetic, unchecked as C#'s default: only division can overflow. */
function wholes(
  operator: string,
  type: CsType,
): (one: number | bigint, other: number | bigint) => number | bigint {
  const divides = operator === "/" || operator === "%";
  return (left, right) => {
    const [one, other] = [BigInt(left), BigInt(right)];
    if (divides && other === 0n) {
      throw new CsException("DivideByZeroException", "Attempted to divide by zero.");
    }
    if (divides && !fits(one / other, type)) {
      throw new CsException("OverflowException", "Arithmetic operation resulted in an overflow.");
    }
    const result = BigInt.asIntN(type === Int ? 32 : 64, exact(operator, one, other));
    return type === Int ? Number(result) : result;
  };
}

function inapplicable(operator: string, values: Bound[], at: Node): ExpressionProblem {
  const types = values.map((value) => `'${value.type.name}'`).join(" and ");
  return new ExpressionProblem(`Operator '${operator}' cannot be applied to ${types}.`, at);
}
