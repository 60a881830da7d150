import { type Expression, parseArguments, parseExpression, type Row, TokenReader } from "./expressions.ts";
import { KustoError, tokenize } from "./tokens.ts";

/** The lines of a query's result, by column. */
export type Lines = Record<string, unknown>[];

type Step = (lines: Lines, nowMs: number) => Lines;

/** A query on one table: a part of the Kusto language that covers the program's alerts. */
export interface Query {
  table: string;
  /** @param nowMs Milliseconds since 1970, for ago(). */
  run(lines: Lines, nowMs: number): Lines;
}

/** The operators of a query behind its table. */
export const operators: Record<string, (reader: TokenReader) => Step> = {
  where(reader) {
    const condition = parseExpression(reader);
    return (lines, nowMs) => lines.filter((values) => condition({ values, nowMs }));
  },
  extend(reader) {
    const columns = parseAssignments(reader);
    return (lines, nowMs) => lines.map((values) => ({ ...values, ...assign(columns, { values, nowMs }) }));
  },
  project(reader) {
    const columns = parseAssignments(reader);
    return (lines, nowMs) => lines.map((values) => assign(columns, { values, nowMs }));
  },
  distinct(reader) {
    const columns = parseAssignments(reader);
    return (lines, nowMs) => {
      const seen = new Map(
        lines.map((values) => {
          const line = assign(columns, { values, nowMs });
          return [JSON.stringify(line), line];
        }),
      );
      return [...seen.values()];
    };
  },
  summarize: parseSummarize,
};

/** Parses a query. @throws KustoError, also for `union`, `search` and other parts of the language. */
export function parseQuery(text: string): Query {
  const reader = new TokenReader(tokenize(text));
  const table = reader.name();
  if (["union", "search"].includes(table.toLowerCase())) {
    throw new KustoError(`log search alert rules do not support the operator ${table}`);
  }
  const steps: Step[] = [];
  while (!reader.isAtEnd) {
    reader.expect("|");
    const name = reader.name();
    const parse = operators[name];
    if (!parse) throw new KustoError(`the sandbox does not know the operator ${name}`);
    steps.push(parse(reader));
  }
  return { table, run: (lines, nowMs) => steps.reduce((result, step) => step(result, nowMs), lines) };
}

interface Column {
  name: string;
  value: Expression;
}

function parseAssignments(reader: TokenReader): Column[] {
  const columns: Column[] = [];
  do {
    const name = reader.name();
    if (reader.accept("=")) columns.push({ name, value: parseExpression(reader) });
    else columns.push({ name, value: ({ values }) => values[name] });
  } while (reader.accept(","));
  return columns;
}

function assign(columns: Column[], row: Row): Record<string, unknown> {
  return Object.fromEntries(columns.map(({ name, value }) => [name, value(row)]));
}

const aggregates: Record<string, (values: unknown[]) => unknown> = {
  count: (values) => values.length,
  dcount: (values) => new Set(values.map((value) => JSON.stringify(value))).size,
  max: (values) =>
    values.reduce((most, value) => ((value as number) > (most as number) ? value : most), values[0]),
  min: (values) =>
    values.reduce((least, value) => ((value as number) < (least as number) ? value : least), values[0]),
};

function parseSummarize(reader: TokenReader): Step {
  const results: { name: string; reduce: (values: unknown[]) => unknown; of: Expression }[] = [];
  do {
    const first = reader.name();
    const isNamed = reader.accept("=");
    const aggregate = isNamed ? reader.name() : first;
    const reduce = aggregates[aggregate];
    if (!reduce) throw new KustoError(`the sandbox does not know the aggregation ${aggregate}`);
    const [of = () => undefined] = parseArguments(reader);
    results.push({ name: isNamed ? first : `${aggregate}_`, reduce, of });
  } while (reader.accept(","));
  const by = reader.accept("by") ? parseAssignments(reader) : [];
  return (lines, nowMs) => {
    const groups = new Map<string, { key: Record<string, unknown>; rows: Row[] }>();
    // Without "by", an aggregation of no lines is one line.
    if (by.length === 0) groups.set("{}", { key: {}, rows: [] });
    for (const values of lines) {
      const row = { values, nowMs };
      const key = assign(by, row);
      const text = JSON.stringify(key);
      const group = groups.get(text) ?? { key, rows: [] };
      group.rows.push(row);
      groups.set(text, group);
    }
    return [...groups.values()].map(({ key, rows }) => ({
      ...key,
      ...Object.fromEntries(results.map(({ name, reduce, of }) => [name, reduce(rows.map(of))])),
    }));
  };
}
