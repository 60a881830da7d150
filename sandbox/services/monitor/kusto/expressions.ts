import { KustoError, type Token } from "./tokens.ts";

/** What an expression is computed from. */
export interface Row {
  values: Record<string, unknown>;
  nowMs: number;
}

export type Expression = (row: Row) => unknown;

const unitMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

const functions: Record<string, (row: Row, args: unknown[]) => unknown> = {
  tostring: (_, [value]) =>
    value === undefined || value === null
      ? ""
      : typeof value === "object"
        ? JSON.stringify(value)
        : String(value),
  toint: (_, [value]) => Number.parseInt(String(value), 10),
  parse_json: (_, [value]) => parseJson(value),
  isnotempty: (_, [value]) => value !== undefined && value !== null && value !== "",
  ago: ({ nowMs }, [span]) => new Date(nowMs - (span as number)).toISOString(),
};

/** Reads the tokens of a query from the front. */
export class TokenReader {
  private readonly tokens: Token[];
  private at = 0;

  constructor(tokens: Token[]) {
    this.tokens = tokens;
  }

  get isAtEnd(): boolean {
    return this.at >= this.tokens.length;
  }

  peek(text: string): boolean {
    const token = this.tokens[this.at];
    return token !== undefined && token.kind !== "text" && token.text.toLowerCase() === text;
  }

  accept(text: string): boolean {
    if (!this.peek(text)) return false;
    this.at++;
    return true;
  }

  expect(text: string): void {
    if (!this.accept(text))
      throw new KustoError(`'${text}' is missing before '${this.tokens[this.at]?.text ?? "the end"}'`);
  }

  next(): Token {
    const token = this.tokens[this.at++];
    if (!token) throw new KustoError("the query ends too early");
    return token;
  }

  name(): string {
    const token = this.next();
    if (token.kind === "name") return token.text;
    throw new KustoError(`'${token.text}' is not a name`);
  }
}

/** Parses an expression with and, or, comparisons, functions and members. @throws KustoError */
export function parseExpression(reader: TokenReader): Expression {
  let left = parseAnd(reader);
  while (reader.accept("or")) {
    const [first, second] = [left, parseAnd(reader)];
    left = (row) => Boolean(first(row)) || Boolean(second(row));
  }
  return left;
}

function parseAnd(reader: TokenReader): Expression {
  let left = parseComparison(reader);
  while (reader.accept("and")) {
    const [first, second] = [left, parseComparison(reader)];
    left = (row) => Boolean(first(row)) && Boolean(second(row));
  }
  return left;
}

/** Comparisons of texts, with the case as the operator has it. Source: Kusto's "String operators". */
const comparisons: Record<string, (left: unknown, right: unknown) => boolean> = {
  "==": (left, right) => left === right,
  "!=": (left, right) => left !== right,
  "=~": (left, right) => String(left).toLowerCase() === String(right).toLowerCase(),
  ">": (left, right) => (left as number) > (right as number),
  "<": (left, right) => (left as number) < (right as number),
  ">=": (left, right) => (left as number) >= (right as number),
  "<=": (left, right) => (left as number) <= (right as number),
  startswith: (left, right) => String(left).toLowerCase().startsWith(String(right).toLowerCase()),
  contains: (left, right) => String(left).toLowerCase().includes(String(right).toLowerCase()),
};

function parseComparison(reader: TokenReader): Expression {
  const left = parseValue(reader);
  if (reader.accept("in")) {
    const list = parseArguments(reader);
    return (row) => list.some((item) => item(row) === left(row));
  }
  for (const [operator, compare] of Object.entries(comparisons)) {
    if (!reader.accept(operator)) continue;
    const right = parseValue(reader);
    return (row) => compare(left(row), right(row));
  }
  return left;
}

function parseValue(reader: TokenReader): Expression {
  let value = parsePrimary(reader);
  while (reader.accept(".")) {
    const member = reader.name();
    const object = value;
    value = (row) => (object(row) as Record<string, unknown> | undefined | null)?.[member];
  }
  return value;
}

function parsePrimary(reader: TokenReader): Expression {
  if (reader.accept("(")) {
    const inner = parseExpression(reader);
    reader.expect(")");
    return inner;
  }
  const token = reader.next();
  if (token.kind === "text") return () => token.text;
  if (token.kind === "number") return () => Number(token.text);
  if (token.kind === "duration") {
    const [, count = "", unit = ""] = /^(\d+)(\w+)$/.exec(token.text) ?? [];
    return () => Number(count) * (unitMs[unit] ?? 0);
  }
  if (token.kind === "symbol") throw new KustoError(`unexpected '${token.text}'`);
  if (!reader.peek("(")) return ({ values }) => values[token.text];
  const apply = functions[token.text];
  if (!apply) throw new KustoError(`the sandbox does not know the function ${token.text}`);
  const args = parseArguments(reader);
  return (row) =>
    apply(
      row,
      args.map((each) => each(row)),
    );
}

/** Parses a list in parentheses. */
export function parseArguments(reader: TokenReader): Expression[] {
  reader.expect("(");
  const args: Expression[] = [];
  if (reader.accept(")")) return args;
  do args.push(parseExpression(reader));
  while (reader.accept(","));
  reader.expect(")");
  return args;
}

function parseJson(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
