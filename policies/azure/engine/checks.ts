import type { Check } from "./rule.ts";
import { formatValue, unknownValue, type Value, valueAt } from "./value.ts";

/**
 * Checks one property. A value that a preview does not know passes; a property that is not set is checked.
 * @param requirement What the property must be, as the message says it: "it must be REQUIREMENT".
 */
export function requireProperty(
  path: string,
  requirement: string,
  isAllowed: (value: Value) => boolean,
): Check {
  return ({ properties }) => {
    const value = valueAt(properties, path);
    if (value === unknownValue || isAllowed(value)) return [];
    return [{ property: path, found: formatValue(value), wanted: requirement }];
  };
}

/** Checks that a property has exactly this value. */
export const requireValue = (path: string, expected: string | number | boolean): Check =>
  requireProperty(path, JSON.stringify(expected), (value) => value === expected);

/** Combines several checks of one resource. */
export const allOf =
  (...checks: Check[]): Check =>
  (resource, configured) =>
    checks.flatMap((check) => check(resource, configured));

/** Refuses each resource of the types that the pattern matches. */
export const refuseType =
  (pattern: RegExp, why: string): Check =>
  ({ type }) =>
    pattern.test(type) ? [`its type is ${type}; ${why}.`] : [];

/** Whether a value is a number from `minimum` to `maximum`, both included. */
export const isBetween = (minimum: number, maximum: number) => (value: Value) =>
  typeof value === "number" && value >= minimum && value <= maximum;

/** Whether a setting is false or absent. */
export const isOff = (value: Value) => value === undefined || value === false;
