import { XMLParser, XMLValidator } from "fast-xml-parser";
import { endOfExpression } from "../expressions/scan.ts";

/** How a policy document is written: escaped as any XML, or with C# as it is. */
export type PolicyFormat = "xml" | "rawxml";

/** Something in a policy that API Management, or the sandbox's gateway, does not run. */
export interface PolicyProblem {
  /** Line in the document, from 1; undefined when it concerns the whole of it. */
  line?: number;
  /** A whole sentence; as in Azure it names the element with its line and column. */
  message: string;
}

/** The value of an attribute, or the text of an element. */
export interface PolicyText {
  /** The literal, or the C# between the parentheses of @(…). */
  value: string;
  kind: "literal" | "expression" | "statements";
}

/** One element of a policy document. */
export interface PolicyElement {
  name: string;
  line: number;
  column: number;
  attributes: Map<string, PolicyText>;
  children: PolicyElement[];
  /** Undefined when it has none, blanks aside. */
  text: PolicyText | undefined;
}

/** A document that is no XML. */
export class DocumentError extends Error {
  readonly line: number | undefined;

  constructor(message: string, line?: number) {
    super(message);
    this.line = line;
  }
}

/** Stand in for an expression's characters while the XML is parsed: a first one with its number, then filling. */
const MARK = 0xe100;
const FILL = "\ue000";

/**
 * Parses a policy document.
 * @param format In "rawxml", which is what the portal shows, expressions stand in the XML as C# writes them, with
 *   quotes, < and &; in "xml", ARM's default, they are escaped. Source: "API policies - Get", PolicyContentFormat.
 * @throws DocumentError when it is not well-formed.
 */
export function parseDocument(text: string, format: PolicyFormat): PolicyElement {
  const xml = text.replace(/^\ufeff/, "").replace(/\r\n?/g, "\n");
  if (/[\ue000-\uf8ff]/.test(xml))
    throw new DocumentError("Private-use characters are not taken in a policy.");
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

/** Puts marks of the same length, and with the same line breaks, in the place of expressions. */
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
      masked += source.replace(/[^\n]/g, FILL).replace(FILL, String.fromCharCode(MARK + expressions.length));
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
});
const metaData = XMLParser.getMetaDataSymbol() as unknown as string;

function read(xml: string, expressions: string[]): PolicyElement[] {
  if (/<!DOCTYPE/i.test(xml)) throw new DocumentError("A document type is not taken in a policy.");
  const elementsOf = (nodes: Node[]): PolicyElement[] =>
    nodes.flatMap((node) => {
      const name = nameOf(node);
      if (name.startsWith("#") || name.startsWith("?")) return [];
      const start = (node[metaData] as { startIndex: number }).startIndex;
      const line = lineOf(xml, start);
      const inner = node[name] as Node[];
      const attributes = Object.entries(node[":@"] ?? {});
      return {
        name,
        line,
        column: start - xml.lastIndexOf("\n", start) + 1,
        attributes: new Map(
          attributes.map(([key, raw]) => [key, textOf(attribute(raw, line), expressions, line)]),
        ),
        children: elementsOf(inner),
        text: contentOf(inner, expressions, line),
      };
    });
  return elementsOf(parsed(xml));
}

/** The validator lets some slips through that the parser then throws at. */
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

const named: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function entities(raw: string, line: number): string {
  return raw.replace(
    /&(?:#(\d+);|#x([0-9a-fA-F]+);|(\w+);)?/g,
    (all, decimal?: string, hex?: string, name?: string) => {
      if (decimal ?? hex)
        return String.fromCodePoint(Number.parseInt(decimal ?? (hex as string), hex ? 16 : 10));
      const character = named[name ?? ""];
      if (character === undefined)
        throw new DocumentError(`'${all}' is no entity of XML; write '&amp;' for '&'.`, line);
      return character;
    },
  );
}

/** Tells literals from expressions. An expression is the whole value: it cannot be mixed with text. */
function textOf(text: string, expressions: string[], line: number): PolicyText {
  const trimmed = text.trim();
  const mark = trimmed.charCodeAt(0) - MARK;
  const masked = mark >= 0 && /^.[\ue000\n]*$/.test(trimmed);
  const source = masked ? (expressions[mark] as string) : trimmed;
  const kind = source.startsWith("@(") ? "expression" : source.startsWith("@{") ? "statements" : "literal";
  if (kind !== "literal" && endOfExpression(source, 1) === source.length) {
    return { value: source.slice(2, -1), kind };
  }
  if (/[\ue000-\uf8ff]|@[({]/.test(text)) {
    throw new DocumentError("An expression must be the whole value; it cannot be mixed with text.", line);
  }
  return { value: text, kind: "literal" };
}

function lineOf(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}
