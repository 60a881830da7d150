import { XMLParser, XMLValidator } from "fast-xml-parser";

/** An element of an API policy, without comments. */
export interface Element {
  name: string;
  attributes: Record<string, string>;
  children: Element[];
  /** Its own text, without leading and trailing blanks. */
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
 * Parses an API policy in the format "xml", in which expressions are escaped.
 * @throws Error if it is not one well-formed document, or if Azure could read it differently.
 */
export function parsePolicy(xml: string): Element {
  // The parser does not expand entities of a document type; Azure does.
  if (/<!DOCTYPE/i.test(xml)) throw new Error("the policy has a document type");
  // Azure reads `&#64;(…)` as an expression; the parser leaves character references as they are.
  const [reference] = /&(?!(?:lt|gt|amp|quot|apos);)#?\w+;/.exec(xml) ?? [];
  if (reference) throw new Error(`the policy has the character reference ${reference}`);
  const validation = XMLValidator.validate(xml);
  if (validation !== true) throw new Error(`the policy is not valid XML: ${validation.err.msg}`);
  const roots = toElements(parser.parse(xml) as ParsedNode[]);
  if (roots.length !== 1) throw new Error(`the policy has ${roots.length} root elements instead of one`);
  return roots[0]!;
}

/** A node as fast-xml-parser returns it with `preserveOrder`: its name is the one key that is not ":@". */
type ParsedNode = Record<string, unknown>;

function toElements(nodes: ParsedNode[]): Element[] {
  return nodes.flatMap((node) => {
    const name = Object.keys(node).find((key) => key !== ":@");
    if (name === undefined || name === "#text" || name.startsWith("?")) return [];
    const inner = node[name] as ParsedNode[];
    return {
      name,
      attributes: (node[":@"] ?? {}) as Record<string, string>,
      children: toElements(inner),
      text: inner
        .map((child) => String(child["#text"] ?? ""))
        .join("")
        .trim(),
    };
  });
}

/** The element and all elements in it, in the order of the document. */
export const withDescendants = (element: Element): Element[] => [
  element,
  ...element.children.flatMap(withDescendants),
];
