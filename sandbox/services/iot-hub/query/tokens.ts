import { HubError } from "../errors.ts";

/** A token of a query. Quoted text has its quotes and escapes removed. */
export interface Token {
  kind: "word" | "text" | "number" | "symbol" | "end";
  value: string;
  /** Its column in the query, counted from 1. */
  column: number;
}

const tokenPattern =
  /\s*(?:([A-Za-z_$][\w$]*)|('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(0x[0-9a-fA-F]+|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(<>|!=|<=|>=|[=<>.,()[\]*]))/y;

/** The error for an invalid or unsupported query. It contains the column, which the service's message does not. */
export const syntaxError = (token: Token, expected: string): HubError =>
  new HubError(
    "ArgumentInvalid",
    `BadRequest: Query, column ${token.column}: ${expected} expected, ${token.kind === "end" ? "but the query ends" : `found ${token.value}`}.`,
  );

/** Splits a query into tokens. @throws HubError ArgumentInvalid at the first character that starts no token. */
export function tokenize(query: string): Token[] {
  const tokens: Token[] = [];
  const text = query.trimEnd();
  tokenPattern.lastIndex = 0;
  while (tokenPattern.lastIndex < text.length) {
    const start = tokenPattern.lastIndex;
    const found = tokenPattern.exec(text);
    if (!found) {
      const column = start + 1 + (/^\s*/.exec(text.slice(start))?.[0].length ?? 0);
      throw syntaxError({ kind: "symbol", value: text.slice(column - 1, column + 9), column }, "a token");
    }
    const [all, word, quoted, number, symbol] = found;
    const column = start + 1 + all.length - all.trimStart().length;
    if (word !== undefined) tokens.push({ kind: "word", value: word, column });
    else if (quoted !== undefined) tokens.push({ kind: "text", value: unquote(quoted), column });
    else if (number !== undefined) tokens.push({ kind: "number", value: number, column });
    else tokens.push({ kind: "symbol", value: symbol as string, column });
  }
  tokens.push({ kind: "end", value: "", column: text.length + 1 });
  return tokens;
}

/** Escapes are \', \", \\ and \uXXXX. */
const unquote = (quoted: string): string =>
  quoted
    .slice(1, -1)
    .replace(/\\(?:u([0-9a-fA-F]{4})|(.))/g, (_, code?: string, character?: string) =>
      code ? String.fromCharCode(Number.parseInt(code, 16)) : (character ?? ""),
    );
