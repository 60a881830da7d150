import { XMLParser, XMLValidator } from "fast-xml-parser";
import { endOfExpression } from "../expressions/scan.ts";
import { type PolicyText, policyText } from "./policy-text.ts";

/** Format of a policy document: XML with escaped expressions, or with unescaped C# (rawxml). */
export type PolicyFormat = "xml" | "rawxml";

/** A part of a policy that API Management or the sandbox's gateway does not support. */
export interface PolicyProblem {
  /** Line in the document, from 1; undefined for the whole document. */
  line?: number;
  /** A sentence that names the element with its line and column, as Azure does. */
  message: string;
}

/** One element of a policy document. */
export interface PolicyElement {
  name: string;
  line: number;
  column: number;
  attributes: Map<string, PolicyText>;
  children: PolicyElement[];
  /** Text of the element; undefined when it is only white space. */
  text: PolicyText | undefined;
}

/** A document that is not well-formed XML. */
export class DocumentError extends Error {
  readonly line: number | undefined;

  constructor(message: string, line?: number) {
    super(message);
    this.line = line;
  }
}

/** Maximum size of a document. Source: "API Management limits", maximum policy document size (16 KiB in Consumption). */
const maxPolicyBytes = 256 * 1024;

/** Maximum nesting of elements. Azure documents no limit. */
const maxDepth = 100;

/** Characters that XML 1.0 does not allow, literally or as references. */
const noCharacter = /[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/** While the XML is parsed, private-use characters replace each expression: two with its number, then padding. */
const privateUse = /[\ue000-\uf8ff]/;
const mark = 0xe100;
const digits = 0x1000;
const fill = "\ue000";

/**
 * Parses a policy document.
 * @param format In "rawxml", which is what the portal shows, expressions stand in the XML as C# writes them, with
 *   quotes, < and &; in "xml", ARM's default, they are escaped. Source: "API policies - Get", PolicyContentFormat.
 * @throws DocumentError when it is not well-formed.
 */
export function parseDocument(text: string, format: PolicyFormat): PolicyElement {
  const xml = text.replace(/^\ufeff/, "").replace(/\r\n?/g, "\n");
  if (Buffer.byteLength(text) > maxPolicyBytes) throw new DocumentError("A policy has 256 KiB at most.");
  if (noCharacter.test(xml))
    throw new DocumentError("A character is none of XML's.", lineOf(xml, xml.search(noCharacter)));
  if (privateUse.test(xml)) throw new DocumentError("Private-use characters are not taken in a policy.");
  const expressions: string[] = [];
  const wellFormed = format === "rawxml" ? maskExpressions(xml, expressions) : xml;
  const valid = XMLValidator.validate(wellFormed);
  if (valid !== true) {
    const hint =
      format === "xml"
        ? " In the format 'xml' expressions must be escaped; 'rawxml' takes them as they are."
        : "";
    throw new DocumentError(`${valid.err.msg}${hint}`, valid.err.line);
  }
  const roots = read(wellFormed, expressions);
  if (roots.length !== 1) throw new DocumentError("The document must have one root element.");
  return roots[0] as PolicyElement;
}

/** Replaces expressions by placeholders of the same length and with the same line breaks. */
function maskExpressions(xml: string, expressions: string[]): string {
  let masked = "";
  let quote: string | undefined;
  let inTag = false;
  for (let at = 0; at < xml.length; ) {
    const comment = !inTag && /^<!--[\s\S]*?-->|^<!\[CDATA\[[\s\S]*?\]\]>/.exec(xml.slice(at));
    if (comment) {
      masked += comment[0];
      at += comment[0].length;
      continue;
    }
    if (xml[at] === "@" && (xml[at + 1] === "(" || xml[at + 1] === "{") && (quote || !inTag)) {
      const end = endOfExpression(xml, at + 1);
      if (end === undefined) throw new DocumentError("The expression has no end.", lineOf(xml, at));
      const source = xml.slice(at, end);
      masked += marks(expressions.length) + source.slice(2).replace(/[^\n]/g, fill);
      expressions.push(source);
      at = end;
      continue;
    }
    const character = xml[at] as string;
    if (quote) quote = character === quote ? undefined : quote;
    else if (inTag && (character === '"' || character === "'")) quote = character;
    else if (character === "<") inTag = true;
    else if (character === ">") inTag = false;
    masked += character;
    at += 1;
  }
  return masked;
}

/** Encodes an expression's number in two characters, which replace its @( or @{. */
function marks(number: number): string {
  return String.fromCharCode(mark + Math.floor(number / digits), mark + (number % digits));
}

function markedNumber(text: string): number | undefined {
  const [high, low] = [text.charCodeAt(0) - mark, text.charCodeAt(1) - mark];
  return high >= 0 && low >= 0 && /^[\ue100-\uf0ff]{2}[\ue000\n]*$/.test(text)
    ? high * digits + low
    : undefined;
}

type Node = Record<string, unknown> & { ":@"?: Record<string, string> };

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: "",
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  processEntities: false,
  captureMetaData: true,
  cdataPropName: "#cdata",
  // No limit here: `read` checks the size and reports the line.
  maxNestedTags: maxPolicyBytes,
});
const metaData = XMLParser.getMetaDataSymbol() as unknown as string;

function read(xml: string, expressions: string[]): PolicyElement[] {
  if (/<!DOCTYPE/i.test(xml)) throw new DocumentError("A document type is not taken in a policy.");
  const lineAt = lineFinder(xml);
  const elementsOf = (nodes: Node[], depth: number): PolicyElement[] =>
    nodes.flatMap((node) => {
      const name = nameOf(node);
      if (name.startsWith("#") || name.startsWith("?")) return [];
      const start = (node[metaData] as { startIndex: number }).startIndex;
      const line = lineAt(start);
      if (depth > maxDepth)
        throw new DocumentError(`Elements stand more than ${maxDepth} deep inside each other.`, line);
      const inner = node[name] as Node[];
      const attributes = Object.entries(node[":@"] ?? {});
      return {
        name,
        line,
        column: start - xml.lastIndexOf("\n", start) + 1,
        attributes: new Map(
          attributes.map(([key, raw]) => [key, textOf(attribute(raw, line), expressions, line)]),
        ),
        children: elementsOf(inner, depth + 1),
        text: contentOf(inner, expressions, line),
      };
    });
  return elementsOf(parsed(xml), 1);
}

/** The validator accepts some errors on which the parser then throws. */
function parsed(xml: string): Node[] {
  try {
    return parser.parse(xml) as Node[];
  } catch (error) {
    throw new DocumentError((error as Error).message);
  }
}

function nameOf(node: Node): string {
  return Object.keys(node).find((key) => key !== ":@") as string;
}

function contentOf(nodes: Node[], expressions: string[], line: number): PolicyText | undefined {
  const pieces = nodes.map((node) => {
    if (node["#text"] !== undefined) return entities(String(node["#text"]), line);
    const cdata = node["#cdata"] as Node[] | undefined;
    return cdata ? cdata.map((each) => String(each["#text"] ?? "")).join("") : "";
  });
  const text = pieces.join("");
  return text.trim() === "" ? undefined : textOf(text, expressions, line);
}

function attribute(raw: string, line: number): string {
  if (raw.includes("<")) throw new DocumentError("'<' is not taken in an attribute's value.", line);
  return entities(raw, line);
}

const named = new Map(Object.entries({ amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" }));

function entities(raw: string, line: number): string {
  return raw.replace(
    /&(?:#(\d+);|#x([0-9a-fA-F]+);|(\w+);)?/g,
    (all, decimal?: string, hex?: string, name?: string) => {
      const code = decimal ?? hex;
      if (code !== undefined) return character(Number.parseInt(code, hex ? 16 : 10), all, line);
      const one = named.get(name ?? "");
      if (one === undefined)
        throw new DocumentError(`'${all}' is no entity of XML; write '&amp;' for '&'.`, line);
      return one;
    },
  );
}

function character(code: number, reference: string, line: number): string {
  const one = code <= 0x10ffff ? String.fromCodePoint(code) : "";
  if (one === "" || noCharacter.test(one) || privateUse.test(one))
    throw new DocumentError(`'${reference}' is no character that a policy may have.`, line);
  return one;
}

/** Puts expressions back in place of their placeholders. */
function textOf(text: string, expressions: string[], line: number): PolicyText {
  const trimmed = text.trim();
  const number = markedNumber(trimmed);
  const found = policyText(number === undefined ? text : (expressions[number] as string));
  if (!found || (found.kind === "literal" && privateUse.test(text))) {
    throw new DocumentError("An expression must be the whole value; it cannot be mixed with text.", line);
  }
  return found;
}

function lineOf(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}

/** lineOf for ascending indices, such as those of elements in document order. */
function lineFinder(text: string): (index: number) => number {
  let [line, at] = [1, 0];
  return (index) => {
    for (let next = text.indexOf("\n", at); next >= 0 && next < index; next = text.indexOf("\n", at)) {
      line += 1;
      at = next + 1;
    }
    return line;
  };
}
