import type { Column, Comparison, Condition, Literal, Operand, Path, Query } from "./syntax-tree.ts";
import { syntaxError, type Token, tokenize } from "./tokens.ts";

/**
 * Maximum size of a query, so that SQLite accepts the SQL: conditions, levels of NOT and brackets, constants in lists,
 * columns. Azure documents no limits.
 */
const queryLimits = { conditions: 400, levels: 100, constants: 1000, columns: 100 };

/**
 * Parses the part of the IoT Hub query language that the sandbox supports: SELECT [TOP n] with *, properties or COUNT(),
 * FROM devices, WHERE with comparisons, IN, NIN, AND, OR, NOT, IS_DEFINED and STARTSWITH, and GROUP BY with one property.
 * @throws HubError ArgumentInvalid with the column and the expected token.
 */
export function parseQuery(text: string): Query {
  const parser = new Parser(tokenize(text));
  return parser.query();
}

class Parser {
  private readonly tokens: Token[];
  private position = 0;
  private readonly count = { conditions: 0, levels: 0, constants: 0, columns: 0 };

  constructor(tokens: Token[]) {
    this.tokens = tokens;
  }

  query(): Query {
    this.keyword("SELECT");
    const top = this.accept("TOP") ? this.top() : undefined;
    const select = this.columns();
    this.keyword("FROM");
    this.source();
    const where = this.accept("WHERE") ? this.or() : undefined;
    const groupBy = this.accept("GROUP") ? this.groupBy() : undefined;
    if (this.peek().kind !== "end") throw syntaxError(this.peek(), "the end of the query");
    return { top, select, where, groupBy };
  }

  private top(): number {
    const token = this.take("number", "a number");
    const top = Number(token.value);
    if (!Number.isSafeInteger(top) || top < 1) throw syntaxError(token, "a whole number of at least 1");
    return top;
  }

  private columns(): "*" | Column[] {
    if (this.symbol("*")) return "*";
    const columns = [this.column(1)];
    while (this.symbol(",")) columns.push(this.column(columns.length + 1));
    return columns;
  }

  private column(number: number): Column {
    this.add("columns");
    if (this.isWord("COUNT") && this.peek(1).value === "(") {
      this.position += 2;
      this.require(")");
      return { name: this.alias() ?? `$${number}`, count: true };
    }
    const path = this.path();
    return { name: this.alias() ?? (path.segments.at(-1) as string), path };
  }

  private alias(): string | undefined {
    return this.accept("AS") ? this.take("word", "a name").value : undefined;
  }

  private source(): void {
    const token = this.take("word", "a source");
    const inner = this.symbol(".") ? `.${this.peek().value}` : "";
    if (token.value.toLowerCase() !== "devices" || inner) {
      const source = { ...token, value: token.value + inner };
      throw syntaxError(source, "devices, the only source that the sandbox supports,");
    }
  }

  private groupBy(): Path {
    this.keyword("BY");
    return this.path();
  }

  private or(): Condition {
    let left = this.and();
    while (this.accept("OR")) left = { kind: "or", left, right: this.and() };
    return left;
  }

  private and(): Condition {
    let left = this.not();
    while (this.accept("AND")) left = { kind: "and", left, right: this.not() };
    return left;
  }

  private not(): Condition {
    if (this.accept("NOT")) {
      this.add("levels");
      const condition = this.not();
      this.count.levels--;
      return { kind: "not", condition };
    }
    if (this.symbol("(")) {
      this.add("levels");
      const inner = this.or();
      this.require(")");
      this.count.levels--;
      return inner;
    }
    this.add("conditions");
    return this.isFunction("IS_DEFINED") || this.isFunction("STARTSWITH") ? this.call() : this.comparison();
  }

  private call(): Condition {
    const name = this.take("word", "a function").value.toUpperCase();
    this.require("(");
    const path = this.path();
    if (name === "IS_DEFINED") {
      this.require(")");
      return { kind: "defined", path };
    }
    this.require(",");
    const prefix = this.take("text", "a text").value;
    this.require(")");
    return { kind: "startsWith", path, prefix };
  }

  private comparison(): Condition {
    const left = this.operand();
    if ("path" in left) {
      if (this.accept("IN")) return { kind: "in", path: left.path, list: this.list(), negated: false };
      if (this.accept("NIN")) return { kind: "in", path: left.path, list: this.list(), negated: true };
    }
    const token = this.take("symbol", "a comparison");
    const operator = (token.value === "<>" ? "!=" : token.value) as Comparison;
    if (!["=", "!=", "<", "<=", ">", ">="].includes(operator)) throw syntaxError(token, "a comparison");
    return { kind: "compare", left, operator, right: this.operand() };
  }

  private list(): Literal[] {
    const round = this.symbol("(");
    if (!round) this.require("[");
    const list: Literal[] = [];
    do {
      this.add("constants");
      list.push(this.literal());
    } while (this.symbol(","));
    this.require(round ? ")" : "]");
    return list;
  }

  private operand(): Operand {
    const { kind, value } = this.peek();
    const constant = kind !== "word" || ["true", "false", "null"].includes(value.toLowerCase());
    return constant ? { literal: this.literal() } : { path: this.path() };
  }

  private literal(): Literal {
    const token = this.peek();
    this.position += 1;
    if (token.kind === "text") return token.value;
    if (token.kind === "number") return Number(token.value);
    const word = token.kind === "word" ? token.value.toLowerCase() : "";
    if (word === "true" || word === "false") return word === "true";
    if (word === "null") return null;
    throw syntaxError(token, "a property or a constant");
  }

  /** Words joined by dots. A name with other characters is written ['name']. */
  private path(): Path {
    const first = this.take("word", "a property");
    const segments = [first.value];
    for (;;) {
      if (this.symbol(".")) segments.push(this.take("word", "a property").value);
      else if (this.peek().value === "[" && this.peek(1).kind === "text") {
        segments.push(this.peek(1).value);
        this.position += 2;
        this.require("]");
      } else break;
    }
    // The name of the collection can come first, as in devices.deviceId.
    if (segments.length > 1 && segments[0] === "devices") segments.shift();
    return { segments, column: first.column };
  }

  /** Counts an element of the query. @throws HubError ArgumentInvalid when the query has too many of them. */
  private add(what: keyof typeof queryLimits): void {
    this.count[what]++;
    if (this.count[what] > queryLimits[what])
      throw syntaxError(this.peek(), `at most ${queryLimits[what]} ${what}`);
  }

  private peek(ahead = 0): Token {
    return this.tokens[Math.min(this.position + ahead, this.tokens.length - 1)] as Token;
  }

  private isWord(word: string): boolean {
    return this.peek().kind === "word" && this.peek().value.toUpperCase() === word;
  }

  private isFunction(name: string): boolean {
    return this.isWord(name) && this.peek(1).value === "(";
  }

  private accept(word: string): boolean {
    if (!this.isWord(word)) return false;
    this.position += 1;
    return true;
  }

  private keyword(word: string): void {
    if (!this.accept(word)) throw syntaxError(this.peek(), word);
  }

  private symbol(value: string): boolean {
    if (this.peek().kind !== "symbol" || this.peek().value !== value) return false;
    this.position += 1;
    return true;
  }

  private require(value: string): void {
    if (!this.symbol(value)) throw syntaxError(this.peek(), value);
  }

  private take(kind: Token["kind"], expected: string): Token {
    const token = this.peek();
    if (token.kind !== kind) throw syntaxError(token, expected);
    this.position += 1;
    return token;
  }
}
