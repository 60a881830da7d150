import { ExpressionProblem, type Node, unsupported } from "./grammar.ts";
import { Bool, Char, Double, Int, Long, NullType, StringType } from "./primitives.ts";
import { skipLiteral } from "./scan.ts";
import type { CsType } from "./types.ts";

const escapes = new Map(
  Object.entries({
    "'": "'",
    '"': '"',
    "\\": "\\",
    "0": "\0",
    a: "\x07",
    b: "\b",
    f: "\f",
    n: "\n",
    r: "\r",
    t: "\t",
    v: "\v",
  }),
);

const escapeSequence = /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{1,4})|([\s\S]))/g;

/** Resolves C# escape sequences. */
export function unescaped(text: string, at: Node): string {
  return text.replace(escapeSequence, (_, u?: string, long?: string, x?: string, one?: string) => {
    const code = Number.parseInt(u ?? long ?? x ?? "", 16);
    if (code <= 0x10ffff) return String.fromCodePoint(code);
    const value = escapes.get(one ?? "");
    if (long !== undefined) throw new ExpressionProblem(`Unrecognized escape sequence '\\U${long}'.`, at);
    if (value === undefined) throw new ExpressionProblem(`Unrecognized escape sequence '\\${one}'.`, at);
    return value;
  });
}

/** The type and value of a literal. */
export function literal(node: Node): { type: CsType; value: unknown } {
  const text = node.text;
  switch (node.type) {
    case "string_literal":
      if (!/^"[\s\S]*"$/.test(text)) throw unsupported(node);
      if (/[\n\r\x85\u2028\u2029]/.test(text)) throw new ExpressionProblem("Newline in constant.", node);
      return { type: StringType, value: unescaped(text.slice(1, -1), node) };
    case "verbatim_string_literal":
      if (!/^@"[\s\S]*"$/.test(text)) throw unsupported(node);
      return { type: StringType, value: text.slice(2, -1).replaceAll('""', '"') };
    case "character_literal":
      return { type: Char, value: character(node) };
    case "boolean_literal":
      return { type: Bool, value: text === "true" };
    case "null_literal":
      return { type: NullType, value: null };
    case "integer_literal":
      return integer(node);
    case "real_literal":
      return { type: Double, value: real(node) };
    default:
      throw unsupported(node);
  }
}

/**
 * The type and value of an integer literal: int, or long with the suffix L.
 * @param negative Whether a minus precedes it, which then belongs to the value.
 */
export function integer(node: Node, negative = false): { type: CsType; value: unknown } {
  const parts = /^(0[xX][\da-fA-F_]+|0[bB][01_]+|[\d_]+)([lL]?)$/.exec(node.text);
  if (!parts?.[1]) throw unsupported(node);
  const size = BigInt(parts[1].replaceAll("_", ""));
  const value = negative ? -size : size;
  if (parts[2]) {
    if (BigInt.asIntN(64, value) === value) return { type: Long, value };
    throw new ExpressionProblem(`'${node.text}' does not fit a long.`, node);
  }
  if (BigInt.asIntN(32, value) !== value) {
    throw new ExpressionProblem(`'${node.text}' does not fit an int; write '${node.text}L'.`, node);
  }
  return { type: Int, value: Number(value) };
}

function real(node: Node): number {
  if (!/^[\d_]*\.?[\d_]+(?:[eE][+-]?\d+)?[dD]?$/.test(node.text)) throw unsupported(node);
  const value = Number(node.text.replace(/[_dD]/g, ""));
  if (Number.isFinite(value)) return value;
  throw new ExpressionProblem("Floating-point constant is outside the range of type 'double'.", node);
}

function character(node: Node): string {
  const value = unescaped(node.text.slice(1, -1), node);
  if (value.length === 1) return value;
  throw new ExpressionProblem(
    value === "" ? "Empty character literal." : "Too many characters in character literal.",
    node,
  );
}

/** One part of an interpolated string: literal text, or the node between braces. */
export type Piece = { text: string } | { node: Node };

/** Splits $"…{expression}…" into parts. Alignments and format specifiers are rejected. */
export function interpolation(node: Node): Piece[] {
  const start = node.namedChildren.find((child) => child.type === "interpolation_start");
  const opening = /^(?:\$|\$@|@\$)"/.exec(node.text)?.[0];
  if (!start || !opening || !node.text.endsWith('"')) throw unsupported(node);
  const verbatim = opening.includes("@");
  const pieces: Piece[] = [];
  let from = opening.length;
  const addText = (to: number) => {
    const raw = node.text.slice(from, to).replaceAll("{{", "{").replaceAll("}}", "}");
    pieces.push({ text: verbatim ? raw.replaceAll('""', '"') : unescaped(raw, node) });
  };
  const holes = node.namedChildren.filter((child) => child.type === "interpolation");
  // The grammar misreads some quotes and braces that are written twice beside a hole.
  const isHole = new Set<string>();
  skipLiteral(node.text, 0, (start, end) => isHole.add(`${start - 1} ${end + 1}`));
  const isMisread = holes.some(
    ({ startIndex, endIndex }) =>
      !isHole.has(`${startIndex - node.startIndex} ${endIndex - node.startIndex}`),
  );
  if (isMisread || holes.length !== isHole.size) throw unsupported(node);
  for (const hole of holes) {
    addText(hole.startIndex - node.startIndex);
    const [inner, ...others] = hole.namedChildren.filter((child) => child.type !== "interpolation_brace");
    if (!inner || others.length > 0) throw unsupported(hole);
    pieces.push({ node: inner });
    from = hole.endIndex - node.startIndex;
  }
  addText(node.text.length - 1);
  return pieces;
}
