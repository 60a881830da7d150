/** A property of the twin document, for example tags.site, with the column of its first word. */
export interface Path {
  segments: string[];
  column: number;
}

export type Literal = string | number | boolean | null;
export type Comparison = "=" | "!=" | "<" | "<=" | ">" | ">=";
export type Operand = { path: Path } | { literal: Literal };

export type Condition =
  | { kind: "and" | "or"; left: Condition; right: Condition }
  | { kind: "not"; condition: Condition }
  | { kind: "compare"; left: Operand; operator: Comparison; right: Operand }
  | { kind: "in"; path: Path; list: Literal[]; negated: boolean }
  | { kind: "defined"; path: Path }
  | { kind: "startsWith"; path: Path; prefix: string };

/** A column of the result: a property or a count. */
export type Column = { name: string; path: Path } | { name: string; count: true };

export interface Query {
  top?: number;
  /** "*" or the columns. */
  select: "*" | Column[];
  where?: Condition;
  groupBy?: Path;
}
