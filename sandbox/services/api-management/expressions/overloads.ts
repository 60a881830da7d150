import { arrayOf } from "./arrays.ts";
import type { Bound } from "./bound.ts";
import { type Conversion, implicitConversion } from "./conversions.ts";
import { ExpressionProblem, type Node } from "./grammar.ts";
import { NullType, T } from "./primitives.ts";
import type { CsType, Overload, Parameter, Run } from "./types.ts";

/** An argument of a call. */
export interface Argument {
  value: Bound;
  name?: string;
}

/** A call with its resolved overload. */
export interface Call {
  type: CsType;
  /** Evaluates the arguments. C# does this before it checks the receiver for null. */
  values(run: Run): unknown[];
  invoke(receiver: unknown, values: unknown[], run: Run): unknown;
}

interface Match {
  overload: Overload;
  typeArgument: CsType;
  distance: number;
  values: ((run: Run) => unknown)[];
  constants: unknown[];
}

/**
 * Resolves the overload as C# does: the one with the lowest conversion cost.
 * @param name The method's name, for messages.
 * @param typeArgument The explicit type argument.
 * @throws ExpressionProblem when no overload fits, or several fit equally well.
 */
export function chooseOverload(
  name: string,
  overloads: Overload[],
  given: Argument[],
  typeArgument: CsType | undefined,
  at: Node,
): Call {
  const matches = overloads.flatMap((overload) => matchesOf(overload, given, typeArgument));
  const [best, second] = matches.sort((one, other) => one.distance - other.distance);
  if (!best) throw noOverload(name, given, typeArgument, at);
  if (second?.distance === best.distance) {
    throw new ExpressionProblem(`The call of '${name}' is ambiguous.`, at);
  }
  const { overload, values } = best;
  best.overload.verify?.(best.constants);
  return {
    type: typeof overload.returns === "function" ? overload.returns(best.typeArgument) : overload.returns,
    values: (run) => values.map((value) => value(run)),
    invoke: (receiver, given, run) => overload.call(receiver, given, run, best.typeArgument),
  };
}

function matchesOf(overload: Overload, given: Argument[], wanted: CsType | undefined): Match[] {
  if (wanted && !overload.typeArguments) return [];
  const typeArgument = overload.typeArguments ? (wanted ?? inferred(overload, given)) : NullType;
  if (!typeArgument || (overload.typeArguments && !overload.typeArguments.includes(typeArgument))) return [];
  const parameters = overload.parameters.map((parameter) =>
    parameter.type === T ? { ...parameter, type: typeArgument } : parameter,
  );
  const found = [direct(parameters, given), expanded(parameters, given)].filter(
    (match) => match !== undefined,
  );
  return found.slice(0, 1).map((match) => ({ ...match, overload, typeArgument }));
}

/** Infers the type argument from the arguments. */
function inferred(overload: Overload, given: Argument[]): CsType | undefined {
  const at = overload.parameters.findIndex((parameter) => parameter.type === T);
  return at < 0 ? undefined : given[at]?.value.type;
}

type Fit = Pick<Match, "distance" | "values" | "constants">;

/** Matches one argument to each parameter; an array matches `params`. */
function direct(parameters: Parameter[], given: Argument[]): Fit | undefined {
  const fit: Fit = { distance: 0, values: [], constants: [] };
  const rest = [...given];
  for (const [index, parameter] of parameters.entries()) {
    const type = parameter.params ? arrayOf(parameter.type) : parameter.type;
    const named = rest.findIndex(
      (argument) => argument.name !== undefined && argument.name === parameter.name,
    );
    const position =
      named >= 0 ? named : rest[0] && rest[0].name === undefined && index < given.length ? 0 : -1;
    const argument = position >= 0 ? rest.splice(position, 1)[0] : undefined;
    if (!argument) {
      if (parameter.default === undefined) return undefined;
      fit.values.push(() => parameter.default);
      fit.constants.push(parameter.default);
      continue;
    }
    if (!add(fit, argument.value, type)) return undefined;
  }
  return rest.length === 0 ? fit : undefined;
}

/** Collects the arguments of `params` into one array. */
function expanded(parameters: Parameter[], given: Argument[]): Fit | undefined {
  const last = parameters.at(-1);
  const before = parameters.length - 1;
  if (!last?.params || given.length < before || given.some((argument) => argument.name)) return undefined;
  const head = direct(parameters.slice(0, before), given.slice(0, before));
  const tail: Fit = { distance: 1, values: [], constants: [] };
  if (!head || !given.slice(before).every((argument) => add(tail, argument.value, last.type)))
    return undefined;
  return {
    distance: head.distance + tail.distance,
    values: [...head.values, (run) => tail.values.map((value) => value(run))],
    constants: [...head.constants, undefined],
  };
}

function add(fit: Fit, value: Bound, type: CsType): boolean {
  const conversion: Conversion | undefined = implicitConversion(value.type, type);
  if (!conversion) return false;
  fit.distance += conversion.distance;
  fit.values.push((run) => conversion.apply(value.run(run)));
  fit.constants.push(value.constant);
  return true;
}

function noOverload(
  name: string,
  given: Argument[],
  typeArgument: CsType | undefined,
  at: Node,
): ExpressionProblem {
  const types = given.map(
    (argument) => `${argument.name ? `${argument.name}: ` : ""}${argument.value.type.name}`,
  );
  const generic = typeArgument ? `<${typeArgument.name}>` : "";
  const message = `The sandbox does not support '${name}${generic}(${types.join(", ")})'.`;
  return new ExpressionProblem(message, at, name);
}
