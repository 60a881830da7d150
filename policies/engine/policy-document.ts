import { XMLParser, XMLValidator } from "fast-xml-parser";

/** An element of an API Management policy; comments are left away. */
export interface Element {
  name: string;
  attributes: Record<string, string>;
  children: Element[];
  /** Its own text without blanks around it. */
  text: string;
}

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: "",
  parseTagValue: false,
  parseAttributeValue: false,
  ignoreDeclaration: true,
});

/**
 * Reads a policy that is written as XML, its expressions escaped.
 * @throws Error when it is not one well-formed document.
 */
export function parsePolicy(xml: string): Element {
  // An entity of its own would be text here and something else there.
  if (/<!DOCTYPE/i.test(xml)) throw new Error("it has a document type");
  // Azure reads `&#64;(…)` as an expression; the parser here leaves character references as they are.
  const [reference] = /&(?!(?:lt|gt|amp|quot|apos);)#?\w+;/.exec(xml) ?? [];
  if (reference) throw new Error(`it writes ${reference} for a character`);
  const valid = XMLValidator.validate(xml);
  if (valid !== true) throw new Error(`it is no XML: ${valid.err.msg}`);
  const roots = elementsOf(parser.parse(xml) as Node[]);
  if (roots.length !== 1) throw new Error(`it has ${roots.length} root elements`);
  return roots[0]!;
}

type Node = Record<string, unknown>;

function elementsOf(nodes: Node[]): Element[] {
  return nodes.flatMap((node) => {
    const name = Object.keys(node).find((key) => key !== ":@");
    if (name === undefined || name === "#text" || name.startsWith("?")) return [];
    const inner = node[name] as Node[];
    return {
      name,
      attributes: (node[":@"] ?? {}) as Record<string, string>,
      children: elementsOf(inner),
      text: inner
        .map((child) => String(child["#text"] ?? ""))
        .join("")
        .trim(),
    };
  });
}

/** Every element, itself first, in the document's order. */
export const everything = (element: Element): Element[] => [element, ...element.children.flatMap(everything)];

/** What stands for the stack's own values in a pattern, by name, and the form that each must have. */
export type Holes = Record<string, RegExp>;

/**
 * The first difference of a policy from what it must be, in words; undefined when there is none.
 * @param pattern What it must be, with [[name]] for each hole.
 * @param filled Receives what the holes hold; a hole that is there twice must hold the same.
 */
export function difference(
  pattern: Element,
  actual: Element,
  holes: Holes,
  filled: Record<string, string>,
  path = "",
): string | undefined {
  const here = path === "" ? actual.name : `${path}/${actual.name}`;
  if (pattern.name === "return-response") return answerDifference(pattern, actual, here);
  const names = new Set([...Object.keys(pattern.attributes), ...Object.keys(actual.attributes)]);
  for (const name of names) {
    const [wanted, found] = [pattern.attributes[name], actual.attributes[name]];
    if (!fits(wanted, found, holes, filled)) return differs(`${here}: ${name}`, wanted, found);
  }
  if (!fits(pattern.text, actual.text, holes, filled)) {
    return differs(`${here}: its text`, pattern.text, actual.text);
  }
  const length = Math.max(pattern.children.length, actual.children.length);
  for (let index = 0; index < length; index++) {
    const [wanted, found] = [pattern.children[index], actual.children[index]];
    const place = `${here}: element ${index + 1}`;
    if (!wanted) return `${place} is ${tag(found!)}, and must not be there.`;
    if (!found) return `${place} is missing: ${tag(wanted)}.`;
    // One that is missing or one too many is told by its name, and not as a difference of the one after it.
    if (tag(wanted, true) !== tag(found, true))
      return `${place} is ${tag(found)}, and must be ${tag(wanted)}.`;
    const inner = difference(wanted, found, holes, filled, here);
    if (inner) return inner;
  }
  return undefined;
}

/** An answer's status counts; the rest must be words alone. */
function answerDifference(pattern: Element, actual: Element, here: string): string | undefined {
  const code = (answer: Element) =>
    answer.children.filter(({ name }) => name === "set-status").map(({ attributes }) => attributes.code);
  const [wanted, found] = [code(pattern), code(actual)];
  if (found.length !== 1 || found[0] !== wanted[0])
    return differs(`${here}: its status`, wanted[0], found[0]);
  const isPlain =
    Object.keys(actual.attributes).length === 0 &&
    actual.children.every(({ name }) => ["set-status", "set-header", "set-body"].includes(name)) &&
    everything(actual).every(({ attributes, text }) =>
      [...Object.values(attributes), text].every((value) => !/@[({]|\{\{/.test(value)),
    );
  return isPlain ? undefined : `${here}: it must be an answer in fixed words.`;
}

function fits(
  wanted: string | undefined,
  found: string | undefined,
  holes: Holes,
  filled: Record<string, string>,
): boolean {
  if (wanted === undefined || found === undefined) return wanted === found;
  const parts = wanted.split(/\[\[([\w-]+)\]\]/);
  if (parts.length === 1) return wanted === found;
  const named = parts.filter((_, index) => index % 2 === 1);
  const source = parts.map((part, index) => (index % 2 === 1 ? `(${holes[part]!.source})` : literally(part)));
  const match = new RegExp(`^${source.join("")}$`).exec(found);
  return (
    match !== null &&
    named.every((name, index) => {
      const value = match[index + 1]!;
      filled[name] ??= value;
      return filled[name] === value;
    })
  );
}

const literally = (text: string) => text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");

/** The element's start tag, or what tells it from others of its kind. */
function tag({ name, attributes }: Element, briefly = false): string {
  const telling = ["name", "exists-action"];
  const shown = Object.entries(attributes).filter(([key]) => !briefly || telling.includes(key));
  const sorted = briefly ? shown.sort() : shown;
  return `<${[name, ...sorted.map(([key, value]) => `${key}="${value}"`)].join(" ")}>`;
}

const differs = (what: string, wanted: string | undefined, found: string | undefined) =>
  `${what} is ${found ? `'${found}'` : "missing"}, and must be ${wanted ? `'${wanted}'` : "absent"}.`;
