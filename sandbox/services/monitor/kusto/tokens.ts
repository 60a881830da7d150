/** A part of a query's text. */
export interface Token {
  kind: "name" | "text" | "number" | "duration" | "symbol";
  text: string;
}

/** A query that the sandbox cannot run: it is not valid Kusto, or uses a part of the language that the sandbox lacks. */
export class KustoError extends Error {}

const pattern =
  /\s+|\/\/[^\n]*|(?<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?<duration>\d+(?:ms|[smhd])\b)|(?<number>\d+(?:\.\d+)?)|(?<name>[A-Za-z_]\w*)|(?<symbol>==|!=|>=|<=|=~|[|(),.<>=])/y;

/** Splits a query into tokens. @throws KustoError */
export function tokenize(query: string): Token[] {
  const tokens: Token[] = [];
  pattern.lastIndex = 0;
  while (pattern.lastIndex < query.length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(query);
    if (!match) throw new KustoError(`unexpected character '${query[at]}' at position ${at}`);
    const { text, number, duration, name, symbol } = match.groups ?? {};
    if (text !== undefined) tokens.push({ kind: "text", text: text.slice(1, -1).replace(/\\(.)/g, "$1") });
    else if (duration !== undefined) tokens.push({ kind: "duration", text: duration });
    else if (number !== undefined) tokens.push({ kind: "number", text: number });
    else if (name !== undefined) tokens.push({ kind: "name", text: name });
    else if (symbol !== undefined) tokens.push({ kind: "symbol", text: symbol });
  }
  return tokens;
}
