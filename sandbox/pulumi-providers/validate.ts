import type { z } from "zod";
import type { Properties, Value } from "./provider.ts";
import { isObject, isUnknown } from "./wire.ts";

/**
 * Checks inputs with a schema. Unknown values are not checked.
 * @returns A message for each problem, with the property and the resource type.
 */
export function validate(token: string, schema: z.ZodType, inputs: Properties): string[] {
  const result = schema.safeParse(inputs);
  if (result.success) return [];
  return result.error.issues
    .filter((issue) => !isBelowUnknown(inputs, issue.path))
    .flatMap((issue) => describe(token, issue, inputs));
}

/** Whether a path leads to an unknown value or to a property below one. */
function isBelowUnknown(inputs: Properties, path: PropertyKey[]): boolean {
  let value: Value | undefined = inputs;
  for (const key of path) {
    if (isObject(value)) value = value[String(key)];
    else if (Array.isArray(value)) value = value[Number(key)];
    if (isUnknown(value)) return true;
  }
  return false;
}

function describe(token: string, issue: z.core.$ZodIssue, inputs: Properties): string[] {
  const path = formatPath(issue.path);
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map(
        (key) => `'${formatPath([...issue.path, key])}' is not a property of ${token} that the sandbox knows`,
      );
    case "invalid_type":
      if (valueAt(inputs, issue.path) === undefined) return [`missing required property '${path}'`];
      return [`'${path}' should be of type '${issue.expected}'`];
    case "invalid_value":
      if (valueAt(inputs, issue.path) === undefined) return [`missing required property '${path}'`];
      return [`'${path}' must be one of ${issue.values.map((value) => JSON.stringify(value)).join(", ")}`];
    default:
      return [`'${path}' is not valid: ${issue.message}`];
  }
}

function valueAt(inputs: Properties, path: PropertyKey[]): Value | undefined {
  let value: Value | undefined = inputs;
  for (const key of path) {
    if (Array.isArray(value)) value = value[Number(key)];
    else value = isObject(value) ? value[String(key)] : undefined;
  }
  return value;
}

/** For example logs[0].enabled. */
function formatPath(path: PropertyKey[]): string {
  return path
    .map((key, index) => (typeof key === "number" ? `[${key}]` : `${index > 0 ? "." : ""}${String(key)}`))
    .join("");
}
