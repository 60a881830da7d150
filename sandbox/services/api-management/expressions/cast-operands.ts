import { endOfExpression, skipLiteral } from "./scan.ts";

/*
 * C# reads `a.As<JObject>(true)` as a call with a type argument, because a parenthesis follows the `>` (C# standard,
 * 6.2.5 "Grammar ambiguities"). After a cast, the grammar of tree-sitter reads two comparisons instead:
 * `((string)a.As < JObject) > (true)`. It reads the call when parentheses enclose the operand of the cast, and C#
 * has the same meaning with them: member access, calls and indexers bind tighter than a cast.
 */

const blank = /(?:\s|\/\/[^\n]*\n|\/\*[\s\S]*?\*\/)*/y;
const prefixOperators = /(?:\s|\/\/[^\n]*\n|\/\*[\s\S]*?\*\/|[!~+-])*/y;
const word = /@?[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Nd}\p{Pc}\p{Cf}\p{Mn}\p{Mc}]*/uy;
const accessOperator = /\??\.(?!\d)/y;
/** The type arguments of a call. No operator but `<`, `>` and `?` can be part of them. */
const typeArguments = /<[\p{L}\p{N}_.,<>?[\]\s]*>(?=\s*\()/uy;

/**
 * Encloses chains of members, calls and indexers in parentheses when they follow a closing parenthesis, which may
 * be that of a cast, and have a call with type arguments. Lines keep their numbers.
 * @param source One C# expression, well-formed or not.
 */
export function parenthesizeOperands(source: string): string {
  const added: { at: number; text: string }[] = [];
  addParentheses(source, 0, source.length, added);
  let result = "";
  let from = 0;
  for (const { at, text } of added.sort((a, b) => a.at - b.at)) {
    result += source.slice(from, at) + text;
    from = at;
  }
  return result + source.slice(from);
}

function addParentheses(
  source: string,
  from: number,
  to: number,
  added: { at: number; text: string }[],
): void {
  const inHole = (start: number, end: number) => addParentheses(source, start, end, added);
  for (let at = from; at < to; ) {
    const next = skipLiteral(source, at, inHole);
    if (next === undefined) return;
    if (next === at && source[at] === ")") {
      const start = endOf(prefixOperators, source, at + 1) as number;
      const end = endOfGenericChain(source, start);
      if (end !== undefined) added.push({ at: start, text: "(" }, { at: end, text: ")" });
    }
    at = Math.max(next, at + 1);
  }
}

/** Where the chain that starts at `start` ends; undefined when it has no call with type arguments. */
function endOfGenericChain(source: string, start: number): number | undefined {
  let end = endOfFirst(source, start);
  let isGeneric = false;
  while (end !== undefined) {
    let next = endOf(blank, source, end) as number;
    const access = endOf(accessOperator, source, next);
    if (access !== undefined) {
      next = endOf(word, source, endOf(blank, source, access) as number) ?? -1;
      if (next < 0) return undefined;
      const generic = endOf(typeArguments, source, endOf(blank, source, next) as number);
      isGeneric ||= generic !== undefined;
      end = generic ?? next;
      continue;
    }
    if (source.startsWith("?[", next)) next += 1;
    if (source[next] !== "(" && source[next] !== "[") break;
    end = endOfExpression(source, next);
  }
  return isGeneric ? end : undefined;
}

/** Where the first part of a chain ends: a name, a literal, an expression in parentheses or a new object. */
function endOfFirst(source: string, start: number): number | undefined {
  if (source[start] === "(") return endOfExpression(source, start);
  const literal = skipLiteral(source, start);
  if (literal !== start) return literal;
  const end = endOf(word, source, start);
  if (end === undefined || source.slice(start, end) !== "new") return end;
  return endOf(word, source, endOf(blank, source, end) as number);
}

/** Where the match of a sticky expression ends. */
function endOf(pattern: RegExp, source: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(source) ? pattern.lastIndex : undefined;
}
