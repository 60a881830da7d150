import { type Context, evaluateValue } from "./evaluate-expression.ts";
import { enumerateMembers, fieldPath, selectField, selectPath } from "./fields.ts";
import { NotSupportedError } from "./not-supported.ts";
import { operators } from "./operators.ts";

/** A condition or logical operator of a policy rule, as its JSON has it. */
export type Condition = Record<string, unknown>;

const subjects = ["field", "value", "count"];

/**
 * Evaluates a condition of a policy rule.
 * @throws NotSupportedError that names an unknown logical operator, condition, alias or function.
 */
export function evaluateCondition(condition: Condition, context: Context): boolean {
  const entries = Object.entries(condition).map(([key, value]) => [key.toLowerCase(), value] as const);
  const [key, value] = entries[0] ?? fail("A condition of the rule is empty.");
  if (entries.length === 1) {
    if (key === "allof") return (value as Condition[]).every((each) => evaluateCondition(each, context));
    if (key === "anyof") return (value as Condition[]).some((each) => evaluateCondition(each, context));
    if (key === "not") return !evaluateCondition(value as Condition, context);
    fail(`The evaluator does not know the logical operator ${key}.`);
  }
  const parts = Object.fromEntries(entries);
  const [name, ...others] = Object.keys(parts).filter((each) => !subjects.includes(each));
  const operator = operators[name ?? ""];
  if (!operator || others.length > 0) {
    fail(`The evaluator does not know the condition ${Object.keys(condition).join(", ")}.`);
  }
  const expected = evaluateValue(parts[name!], context);
  if (parts.count !== undefined) return operator(count(parts.count as Condition, context), expected);
  if (parts.value !== undefined) return operator(evaluateValue(parts.value, context) ?? null, expected);
  return checkField(String(evaluateValue(parts.field, context)), operator, expected, context);
}

/** A condition on a field holds when each of its values fulfils it, so an empty collection fulfils every condition. */
function checkField(
  field: string,
  operator: (typeof operators)[string],
  expected: unknown,
  { subject }: Context,
): boolean {
  const { values } = selectField(subject, field);
  if (field.toLowerCase() !== "location") return values.every((each) => operator(each, expected));
  return values.every((each) => operator(normalizeLocation(each), normalizeLocation(expected)));
}

/** "Location fields are normalized": East US 2 is the same as eastus2 (definition-structure-policy-rule, Fields). */
function normalizeLocation(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normalizeLocation);
  return typeof value === "string" ? value.replaceAll(" ", "").toLowerCase() : value;
}

/** The number of members of an array that fulfil the condition `where`; all members without one. */
function count(expression: Condition, context: Context): number {
  const { field, value, name = "default", where } = expression as Record<string, never>;
  const holds = (inner: Context) => where === undefined || evaluateCondition(where, inner);
  if (field === undefined) {
    const members = evaluateValue(value, context) as unknown[];
    return members.filter((member) =>
      holds({ ...context, current: [...context.current, { name, read: () => member }] }),
    ).length;
  }
  const { subject } = context;
  const path = fieldPath(subject, field);
  return enumerateMembers(subject, path).filter((single) => {
    const read = (alias: string) => selectPath(single, fieldPath(single, alias)).values[0] ?? null;
    const resource = context.resource === subject ? single : context.resource;
    return holds({
      ...context,
      resource,
      subject: single,
      current: [...context.current, { name: field, read }],
    });
  }).length;
}

function fail(message: string): never {
  throw new NotSupportedError(message);
}
