import { type Expression, isExpression, parseExpression, unescapeText } from "./expression.ts";
import { type PolicyResource, selectField } from "./fields.ts";
import { functions, toTimestamp } from "./functions.ts";
import { NotSupportedError } from "./not-supported.ts";

/** What the expressions of a rule can read. */
export interface Context {
  /** The resource that `if` is about. The function field() reads it, also in an existence condition. */
  resource: PolicyResource;
  /** The resource that conditions on fields read: a related one in an existence condition, else `resource`. */
  subject: PolicyResource;
  /** Values of the parameters by their names. */
  parameters: Record<string, unknown>;
  /** The resource group of the resource; undefined outside of one. */
  resourceGroup:
    | { name: string; location?: string; tags?: Record<string, string>; managedBy?: string }
    | undefined;
  apiVersion: string;
  /** The time that utcNow() returns, in milliseconds since 1970. */
  nowMs: number;
  /** Members of arrays that `count` enumerates, by the name or alias that current() takes; innermost last. */
  current: { name: string; read(argument: string): unknown }[];
}

/** Evaluates the expressions in a value of a rule, at any depth. @throws Error as {@link evaluate} does. */
export function evaluateValue(value: unknown, context: Context): unknown {
  if (typeof value === "string") {
    return isExpression(value) ? evaluate(parseExpression(value), context) : unescapeText(value);
  }
  if (Array.isArray(value)) return value.map((each) => evaluateValue(each, context));
  return value;
}

/**
 * Evaluates a parsed expression.
 * @throws NotSupportedError for a function that is not known, by its name.
 * @throws Error for arguments that a function refuses. In Azure such an error is an implicit deny.
 */
function evaluate(expression: Expression, context: Context): unknown {
  if (expression.kind === "literal") return expression.value;
  if (expression.kind === "access")
    return readMember(evaluate(expression.of, context), evaluate(expression.key, context));
  const name = expression.name.toLowerCase();
  const argument = (index: number): unknown => {
    const found = expression.args[index];
    return found && evaluate(found, context);
  };
  switch (name) {
    case "if":
      // Only the chosen value is evaluated: "Conditional functions" (template-functions-logical).
      return argument(argument(0) === true ? 1 : 2);
    case "parameters":
      return readParameter(String(argument(0)), context.parameters);
    case "field":
      return readField(context.resource, String(argument(0)));
    case "current":
      return readCurrent(argument(0) as string | undefined, context);
    case "resourcegroup":
      return { managedBy: "", ...context.resourceGroup };
    case "requestcontext":
      return { apiVersion: context.apiVersion };
    case "utcnow":
      return toTimestamp(context.nowMs);
  }
  const known = functions[name];
  if (!known)
    throw new NotSupportedError(`The evaluator does not know the template function ${expression.name}().`);
  return known(expression.args.map((each) => evaluate(each, context)));
}

function readParameter(name: string, parameters: Record<string, unknown>): unknown {
  if (!Object.hasOwn(parameters, name))
    throw new NotSupportedError(`The parameter ${name} has no value and no default.`);
  return parameters[name];
}

/** "Author policies for array properties": field() returns an empty text for a missing property, and a list for [*]. */
function readField(resource: PolicyResource, field: string): unknown {
  const { values, isCollection } = selectField(resource, field);
  return isCollection ? values : (values[0] ?? "");
}

function readCurrent(argument: string | undefined, { current }: Context): unknown {
  const innermost = current.at(-1);
  if (!innermost) throw new Error("current() is allowed in the condition of a count only.");
  const name = argument ?? innermost.name;
  const scope = current.findLast((each) => name.toLowerCase().startsWith(each.name.toLowerCase()));
  if (!scope) throw new Error(`current('${name}') names no array that a count enumerates.`);
  return scope.read(name);
}

function readMember(value: unknown, key: unknown): unknown {
  if (Array.isArray(value)) {
    const index = Number(key);
    if (index in value) return value[index];
    throw new Error(`The array has ${value.length} members, and no index ${String(key)}.`);
  }
  const found = Object.entries((value ?? {}) as object).find(
    ([name]) => name.toLowerCase() === String(key).toLowerCase(),
  );
  if (!found) throw new Error(`The property ${String(key)} does not exist.`);
  return found[1];
}
