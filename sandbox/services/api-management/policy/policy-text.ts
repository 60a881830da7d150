import { endOfExpression } from "../expressions/scan.ts";

/** The value of an attribute, or the text of an element. */
export interface PolicyText {
  /** The literal, or the C# between the parentheses of @(…). */
  value: string;
  kind: "literal" | "expression" | "statements";
}

/**
 * Distinguishes literals from expressions.
 * @returns undefined for text that mixes the two: an expression must be the whole value.
 */
export function policyText(text: string): PolicyText | undefined {
  const trimmed = text.trim();
  const kind = trimmed.startsWith("@(") ? "expression" : trimmed.startsWith("@{") ? "statements" : "literal";
  if (kind !== "literal" && endOfExpression(trimmed, 1) === trimmed.length) {
    return { value: trimmed.slice(2, -1), kind };
  }
  return /@[({]/.test(text) ? undefined : { value: text, kind: "literal" };
}

/** A text in which named values replaced {{name}}. */
export interface FilledText extends PolicyText {
  /** The inserted named values. */
  names: string[];
  /** What the policy itself contains, without the references. */
  own: string;
}

const reference = /\{\{([A-Za-z0-9\-._]+)\}\}/g;

/**
 * Replaces {{name}} by named values, in expressions too. A value may be an expression itself. Names inside values
 * are not replaced. Source: "Use named values in Azure API Management policies".
 * @param find Returns the value of a name.
 * @returns The text, or a problem. The problem never repeats a value, because it may be a secret.
 */
export function filledText(
  { value, kind }: PolicyText,
  find: (name: string) => string | undefined,
): FilledText | { problem: string } {
  const names: string[] = [];
  const missing: string[] = [];
  const written = kind === "literal" ? value : kind === "expression" ? `@(${value})` : `@{${value}}`;
  const filled = written.replace(reference, (_, name: string) => {
    const found = find(name);
    (found === undefined ? missing : names).push(name);
    return found ?? "";
  });
  if (missing.length > 0) return { problem: `Cannot find a property '${missing.join("', '")}'` };
  const own = value.replace(reference, " ");
  if (names.length === 0) return { value, kind, names, own };
  // Find the end again: a value must not close the parentheses of the surrounding expression.
  const text = policyText(filled);
  if (text && (kind === "literal" || text.kind === kind)) return { ...text, names, own };
  return { problem: `With ${namesOf(names)} put in it is neither a text nor one whole expression.` };
}

/** References to named values in a policy. */
export function namesOf(names: string[]): string {
  return [...new Set(names)].map((name) => `'{{${name}}}'`).join(", ");
}
