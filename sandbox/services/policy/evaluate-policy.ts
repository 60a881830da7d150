import type { FieldCondition, PolicyAssignment, PolicyCondition } from "./policy-assignment.ts";

/** The part of a resource that policies read. It may lack properties, as in a check of partial content. */
export interface PolicyTarget {
  type: string;
  name?: string;
  location?: string;
  kind?: string;
  tags?: Record<string, string>;
  sku?: Record<string, unknown>;
  properties?: Record<string, unknown>;
}

/** One comparison of a policy, in the form of the REST API. */
export interface EvaluatedExpression {
  result: "True" | "False";
  expressionKind: "Field";
  expression: string;
  path: string;
  expressionValue: unknown;
  targetValue: unknown;
  operator: string;
}

/**
 * Evaluates a policy on a resource.
 * @returns The comparisons that lead to the denial; undefined when the policy does not deny the resource.
 */
export function evaluatePolicy(
  assignment: PolicyAssignment,
  target: PolicyTarget,
): EvaluatedExpression[] | undefined {
  const expressions: EvaluatedExpression[] = [];
  return isFulfilled(assignment.if, target, expressions) ? expressions : undefined;
}

function isFulfilled(
  condition: PolicyCondition,
  target: PolicyTarget,
  expressions: EvaluatedExpression[],
): boolean {
  if ("allOf" in condition) return condition.allOf.every((each) => isFulfilled(each, target, expressions));
  if ("anyOf" in condition) return condition.anyOf.some((each) => isFulfilled(each, target, expressions));
  if ("not" in condition) return !isFulfilled(condition.not, target, expressions);
  const [operator, wanted] = Object.entries(condition).find(([name]) => name !== "field") ?? ["", undefined];
  const { path, value } = readField(condition.field, target);
  const result = compare(condition, value);
  expressions.push({
    result: result ? "True" : "False",
    expressionKind: "Field",
    expression: condition.field,
    path,
    expressionValue: value,
    targetValue: wanted,
    operator: `${operator[0]?.toUpperCase()}${operator.slice(1)}`,
  });
  return result;
}

/** Text is compared without regard to case, as Azure Policy does. */
function compare(condition: FieldCondition, value: unknown): boolean {
  const isEqual = (wanted: unknown) => String(value).toLowerCase() === String(wanted).toLowerCase();
  if (condition.exists !== undefined) return (value !== undefined) === condition.exists;
  if (condition.in) return value !== undefined && condition.in.some(isEqual);
  if (condition.notIn) return !condition.notIn.some(isEqual);
  if (condition.notEquals !== undefined) return !isEqual(condition.notEquals);
  return value !== undefined && isEqual(condition.equals);
}

/**
 * Reads a field. An alias is the resource type, followed by the path below `properties`, or by `sku.` and a member of
 * the SKU. The alias of another type has no value.
 */
function readField(field: string, target: PolicyTarget): { path: string; value: unknown } {
  const tag = /^tags(?:\.([^.[\]]+)|\['([^']+)'\])$/i.exec(field);
  if (tag) return { path: field, value: target.tags?.[(tag[1] ?? tag[2]) as string] };
  const plain = ["type", "name", "location", "kind"].find((name) => name === field.toLowerCase());
  if (plain) return { path: plain, value: target[plain as "type" | "name" | "location" | "kind"] };
  const prefix = `${target.type}/`.toLowerCase();
  if (!field.toLowerCase().startsWith(prefix)) return { path: field, value: undefined };
  const path = field.slice(prefix.length);
  const [first, ...rest] = path.split(".");
  if (first === "sku" && rest.length > 0) return { path, value: readPath(target.sku, rest) };
  return { path: `properties.${path}`, value: readPath(target.properties, [first as string, ...rest]) };
}

function readPath(from: unknown, path: string[]): unknown {
  let value = from;
  for (const name of path) value = (value as Record<string, unknown> | undefined)?.[name];
  return value;
}
