import { type Element, withDescendants } from "./policy-document.ts";

/** The form of each value that differs from stack to stack, by the name of its placeholder. */
export type Placeholders = Record<string, RegExp>;

/**
 * Describes the first difference of an API policy from its pattern; undefined if there is none.
 * @param pattern The expected policy, with [[name]] for each placeholder.
 * @param values Receives the value of each placeholder. A placeholder that occurs twice must have one value.
 */
export function findDifference(
  pattern: Element,
  actual: Element,
  placeholders: Placeholders,
  values: Record<string, string>,
  parentPath = "",
): string | undefined {
  const path = parentPath === "" ? actual.name : `${parentPath}/${actual.name}`;
  if (pattern.name === "return-response") return responseDifference(pattern, actual, path);
  for (const name of new Set([...Object.keys(pattern.attributes), ...Object.keys(actual.attributes)])) {
    const [wanted, found] = [pattern.attributes[name], actual.attributes[name]];
    if (!matches(wanted, found, placeholders, values))
      return describeDifference(`${path}: the attribute ${name}`, wanted, found);
  }
  if (!matches(pattern.text, actual.text, placeholders, values)) {
    return describeDifference(`${path}: the text`, pattern.text, actual.text);
  }
  return childDifference(pattern, actual, placeholders, values, path);
}

function childDifference(
  pattern: Element,
  actual: Element,
  placeholders: Placeholders,
  values: Record<string, string>,
  path: string,
): string | undefined {
  const length = Math.max(pattern.children.length, actual.children.length);
  for (let index = 0; index < length; index++) {
    const [wanted, found] = [pattern.children[index], actual.children[index]];
    const position = `${path}: element ${index + 1}`;
    if (!wanted) return `${position} is ${startTag(found!)}; it must not exist.`;
    if (!found) return `${position} does not exist; it must be ${startTag(wanted)}.`;
    // A missing or an additional element is reported by name, not as a difference of the element after it.
    if (identifyingTag(wanted) !== identifyingTag(found))
      return `${position} is ${startTag(found)}; it must be ${startTag(wanted)}.`;
    const inner = findDifference(wanted, found, placeholders, values, path);
    if (inner) return inner;
  }
  return undefined;
}

/** An expression that a response may have: the gateway's random ID of the call. */
const requestId = "@(context.RequestId.ToString())";

/** Compares the status of a response. The rest may be any text without an expression but {@link requestId}. */
function responseDifference(pattern: Element, actual: Element, path: string): string | undefined {
  const statusCodes = (response: Element) =>
    response.children.filter(({ name }) => name === "set-status").map(({ attributes }) => attributes.code);
  const [wanted, found] = [statusCodes(pattern), statusCodes(actual)];
  if (found.length !== 1 || found[0] !== wanted[0])
    return describeDifference(`${path}: the status`, wanted[0], found[0]);
  const isFixedText =
    Object.keys(actual.attributes).length === 0 &&
    actual.children.every(({ name }) => ["set-status", "set-header", "set-body"].includes(name)) &&
    withDescendants(actual).every(({ attributes, text }) =>
      [...Object.values(attributes), text].every((value) => value === requestId || !/@[({]|\{\{/.test(value)),
    );
  return isFixedText ? undefined : `${path} has an expression or an attribute; it must be fixed text.`;
}

function matches(
  wanted: string | undefined,
  found: string | undefined,
  placeholders: Placeholders,
  values: Record<string, string>,
): boolean {
  if (wanted === undefined || found === undefined) return wanted === found;
  // Every second part is the name of a placeholder.
  const parts = wanted.split(/\[\[([\w-]+)\]\]/);
  if (parts.length === 1) return wanted === found;
  const names = parts.filter((_, index) => index % 2 === 1);
  const expression = parts.map((part, index) =>
    index % 2 === 1 ? `(${placeholders[part]!.source})` : escapeExpression(part),
  );
  const match = new RegExp(`^${expression.join("")}$`).exec(found);
  return (
    match !== null &&
    names.every((name, index) => {
      const value = match[index + 1]!;
      values[name] ??= value;
      return values[name] === value;
    })
  );
}

/** Escapes a text for use in a regular expression. */
const escapeExpression = (text: string) => text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");

const startTag = ({ name, attributes }: Element): string => formatTag(name, Object.entries(attributes));

/** The start tag with only the attributes that identify an element among others of its name. */
const identifyingTag = ({ name, attributes }: Element): string =>
  formatTag(
    name,
    Object.entries(attributes)
      .filter(([key]) => ["name", "exists-action"].includes(key))
      .sort(),
  );

const formatTag = (name: string, attributes: [string, string][]) =>
  `<${[name, ...attributes.map(([key, value]) => `${key}="${value}"`)].join(" ")}>`;

const describeDifference = (what: string, wanted: string | undefined, found: string | undefined) =>
  `${what} is ${found ? `'${found}'` : "missing"}; it must be ${wanted ? `'${wanted}'` : "absent"}.`;
