/*
 * The conditions of policy rules.
 * Source: "Azure Policy definition structure policy rule", section Conditions
 * (governance/policy/concepts/definition-structure-policy-rule).
 */

/** Compares one value of a resource with the value in the rule. A missing property is `null`. */
type Operator = (actual: unknown, expected: unknown) => boolean;

const positive = {
  equals: (actual, expected) => isSame(actual, expected),
  like: (actual, expected) => actual !== null && wildcard(toText(expected)).test(toText(actual)),
  match: (actual, expected) => actual !== null && pattern(toText(expected), "").test(toText(actual)),
  matchinsensitively: (actual, expected) =>
    actual !== null && pattern(toText(expected), "i").test(toText(actual)),
  contains: (actual, expected) => containsText(actual, toText(expected).toLowerCase()),
  in: (actual, expected) => toList(expected).some((each) => isSame(actual, each)),
  containskey: (actual, expected) =>
    typeof actual === "object" &&
    actual !== null &&
    Object.keys(actual).some((key) => key.toLowerCase() === toText(expected).toLowerCase()),
} as const satisfies Record<string, Operator>;

const not =
  (operator: Operator): Operator =>
  (actual, expected) =>
    !operator(actual, expected);

/** All conditions by their names in lower case: the names of a rule are not case-sensitive. */
export const operators: Record<string, Operator> = {
  ...positive,
  notequals: not(positive.equals),
  notlike: not(positive.like),
  notmatch: not(positive.match),
  notmatchinsensitively: not(positive.matchinsensitively),
  notcontains: not(positive.contains),
  notin: not(positive.in),
  notcontainskey: not(positive.containskey),
  exists: (actual, expected) => (actual !== null) === (toText(expected).toLowerCase() === "true"),
  less: (actual, expected) => compare(actual, expected, (difference) => difference < 0),
  lessorequals: (actual, expected) => compare(actual, expected, (difference) => difference <= 0),
  greater: (actual, expected) => compare(actual, expected, (difference) => difference > 0),
  greaterorequals: (actual, expected) => compare(actual, expected, (difference) => difference >= 0),
};

/** Texts are equal in any case, and a text equals the number or boolean that it spells. Null equals null only. */
function isSame(actual: unknown, expected: unknown): boolean {
  if (actual === null || expected === null) return actual === expected;
  if (typeof actual === "object" || typeof expected === "object")
    return JSON.stringify(actual) === JSON.stringify(expected);
  return toText(actual).toLowerCase() === toText(expected).toLowerCase();
}

/**
 * Numbers in their order, texts and dates in the order of their characters in any case. A missing property fulfils no
 * comparison.
 * @throws Error when the types differ, as in Azure.
 */
function compare(actual: unknown, expected: unknown, isFulfilled: (difference: number) => boolean): boolean {
  if (actual === null) return false;
  const numbers = [actual, expected].map((each) =>
    typeof each === "string" && /^-?\d+(\.\d+)?$/.test(each) ? Number(each) : each,
  );
  if (typeof numbers[0] === "number" && typeof numbers[1] === "number")
    return isFulfilled(numbers[0] - numbers[1]);
  if (typeof actual !== "string" || typeof expected !== "string") {
    throw new Error(
      `${JSON.stringify(actual)} cannot be compared with ${JSON.stringify(expected)}: their types differ.`,
    );
  }
  return isFulfilled(actual.localeCompare(expected, "en", { sensitivity: "accent" }));
}

function containsText(actual: unknown, expected: string): boolean {
  if (Array.isArray(actual)) return actual.some((each) => toText(each).toLowerCase() === expected);
  return actual !== null && toText(actual).toLowerCase().includes(expected);
}

/** A text with one wildcard *, which stands for any characters. @throws Error for two wildcards. */
function wildcard(text: string): RegExp {
  const parts = text.split("*");
  if (parts.length > 2) throw new Error(`like accepts one wildcard, and "${text}" has ${parts.length - 1}.`);
  return new RegExp(`^${parts.map((each) => RegExp.escape(each)).join("[^]*")}$`, "i");
}

/** # is a digit, ? a letter and . any character. */
function pattern(text: string, flags: string): RegExp {
  const meanings: Record<string, string> = { "#": "\\d", "?": "[A-Za-z]", ".": "[^]" };
  return new RegExp(`^${[...text].map((each) => meanings[each] ?? RegExp.escape(each)).join("")}$`, flags);
}

function toList(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  throw new Error(`in and notIn need an array, not ${JSON.stringify(value)}.`);
}

const toText = (value: unknown): string =>
  typeof value === "object" && value !== null ? JSON.stringify(value) : String(value ?? "");
