import type { Condition } from "../language/evaluate.ts";

/* Shorter ways to write the conditions that most definitions have. */

export const allOf = (...conditions: Condition[]): Condition => ({ allOf: conditions });
export const anyOf = (...conditions: Condition[]): Condition => ({ anyOf: conditions });
export const not = (condition: Condition): Condition => ({ not: condition });
export const typeIs = (type: string): Condition => ({ field: "type", equals: type });

/** Builds conditions on the aliases of one type. */
export const fieldsOf =
  (type: string) =>
  (alias: string, condition: Condition): Condition => ({ field: `${type}/${alias}`, ...condition });

/** Counts members of an array that fulfil a condition. */
export const countOf = (field: string, where: Condition | undefined, condition: Condition): Condition => ({
  count: { field, ...(where && { where }) },
  ...condition,
});
