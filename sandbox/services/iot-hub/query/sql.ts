import type { Comparison, Condition, Literal, Operand, Path } from "./syntax-tree.ts";
import { syntaxError } from "./tokens.ts";

/** A part of an SQL statement with the values of its question marks. */
export interface Sql {
  text: string;
  values: (string | number)[];
}

/** Fields of a twin outside its documents, by their names in queries, with the SQL of their value. */
const fields: Record<string, { type: "text" | "number"; sql: string }> = {
  deviceId: { type: "text", sql: "id" },
  status: { type: "text", sql: "status" },
  statusReason: { type: "text", sql: "statusReason" },
  statusUpdateTime: { type: "text", sql: time("statusTime") },
  connectionState: {
    type: "text",
    sql: "CASE connected WHEN 1 THEN 'Connected' ELSE 'Disconnected' END",
  },
  lastActivityTime: { type: "text", sql: time("activityTime") },
  authenticationType: { type: "text", sql: "'sas'" },
  modelId: { type: "text", sql: "modelId" },
  version: { type: "number", sql: "twinVersion" },
  "properties.desired.$version": { type: "number", sql: "desiredVersion" },
  "properties.reported.$version": { type: "number", sql: "reportedVersion" },
};

/** The columns with JSON documents, by the start of a path. Longer paths come first. */
const documents: [prefix: string, column: string][] = [
  ["tags", "tags"],
  ["properties.desired.$metadata", "desiredMeta"],
  ["properties.reported.$metadata", "reportedMeta"],
  ["properties.desired", "desired"],
  ["properties.reported", "reported"],
];

function time(column: string): string {
  const iso = `strftime('%Y-%m-%dT%H:%M:%f', ${column} / 1000.0, 'unixepoch') || '0000Z'`;
  return `CASE ${column} WHEN 0 THEN '0001-01-01T00:00:00.0000000Z' ELSE ${iso} END`;
}

/** The JSON text of a property, or NULL without the property: for projections and comparisons of properties. */
export function jsonOf(path: Path): Sql {
  const location = locate(path);
  if ("field" in location) return { text: `json_quote(${location.field.sql})`, values: [] };
  return { text: `(${location.column} -> ?)`, values: [location.json] };
}

/** A condition as SQL. An undefined property compares as NULL, so it never matches, even when negated. */
export function conditionSql(condition: Condition): Sql {
  switch (condition.kind) {
    case "and":
    case "or":
      return join(condition.kind.toUpperCase(), conditionSql(condition.left), conditionSql(condition.right));
    case "not":
      return wrap("NOT (", conditionSql(condition.condition), ")");
    case "defined":
      return wrap("", jsonOf(condition.path), " IS NOT NULL");
    case "startsWith": {
      const text = typed(condition.path, "text");
      return {
        text: `substr(${text.text}, 1, ?) = ?`,
        values: [...text.values, condition.prefix.length, condition.prefix],
      };
    }
    case "in": {
      const any = isIn(condition.path, condition.list);
      const defined = jsonOf(condition.path);
      return {
        text: `CASE WHEN ${defined.text} IS NOT NULL THEN ${condition.negated ? "NOT " : ""}(${any.text}) END`,
        values: [...defined.values, ...any.values],
      };
    }
    case "compare":
      return compare(condition.left, condition.operator, condition.right);
  }
}

function compare(left: Operand, operator: Comparison, right: Operand): Sql {
  if ("path" in left && "path" in right) return join(operator, jsonOf(left.path), jsonOf(right.path));
  if ("path" in left && "literal" in right) return withLiteral(left.path, operator, right.literal);
  if ("literal" in left && "path" in right) return withLiteral(right.path, mirrored(operator), left.literal);
  return { text: "NULL", values: [] };
}

/** Whether a property has one of the values. The result for another type is 0, not NULL, which OR would propagate. */
function isIn(path: Path, list: Literal[]): Sql {
  const of = <T extends Literal>(type: string) => list.filter((each): each is T => typeof each === type);
  const booleans = of<boolean>("boolean").map(String);
  const choices: [Sql, (string | number)[]][] = [
    [typed(path, "text"), of<string>("string")],
    [typed(path, "number"), of<number>("number")],
    [booleanOf(path), booleans],
  ];
  const found = choices
    .filter(([, values]) => values.length > 0)
    .map(([side, values]) => ({
      text: `coalesce(${side.text} IN (${values.map(() => "?").join(", ")}), 0)`,
      values: [...side.values, ...values],
    }));
  return found.reduce((left, right) => join("OR", left, right), { text: "0", values: [] });
}

function booleanOf(path: Path): Sql {
  const json = jsonOf(path);
  return {
    text: `CASE WHEN ${json.text} IN ('true', 'false') THEN ${json.text} END`,
    values: [...json.values, ...json.values],
  };
}

function withLiteral(path: Path, operator: Comparison, literal: Literal): Sql {
  if (literal === null) return { text: "NULL", values: [] };
  if (typeof literal === "boolean") {
    const side = booleanOf(path);
    return { text: `${side.text} ${operator} ?`, values: [...side.values, String(literal)] };
  }
  const side = typed(path, typeof literal === "number" ? "number" : "text");
  return { text: `${side.text} ${operator} ?`, values: [...side.values, literal] };
}

/** The property's value if it has the type, otherwise NULL: values of different types do not compare. */
function typed(path: Path, type: "text" | "number"): Sql {
  const location = locate(path);
  if ("field" in location) {
    return { text: location.field.type === type ? location.field.sql : "NULL", values: [] };
  }
  const types = type === "text" ? "'text'" : "'integer', 'real'";
  return {
    text: `CASE WHEN json_type(${location.column}, ?) IN (${types}) THEN ${location.column} ->> ? END`,
    values: [location.json, location.json],
  };
}

function locate(path: Path): { field: (typeof fields)[string] } | { column: string; json: string } {
  const name = path.segments.join(".");
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (field) return { field };
  for (const [prefix, column] of documents) {
    if (name !== prefix && !name.startsWith(`${prefix}.`)) continue;
    const inside = path.segments.slice(prefix.split(".").length);
    // A quoted label in a path of SQLite has the escapes of a JSON string.
    return { column, json: `$${inside.map((segment) => `.${JSON.stringify(segment)}`).join("")}` };
  }
  throw syntaxError(
    { kind: "word", value: name, column: path.column },
    "a property of a twin that the sandbox supports",
  );
}

const mirrored = (operator: Comparison): Comparison =>
  (({ "<": ">", "<=": ">=", ">": "<", ">=": "<=" }) as Partial<Record<Comparison, Comparison>>)[operator] ??
  operator;

const join = (operator: string, left: Sql, right: Sql): Sql => ({
  text: `(${left.text} ${operator} ${right.text})`,
  values: [...left.values, ...right.values],
});

const wrap = (before: string, inner: Sql, after: string): Sql => ({
  text: `${before}${inner.text}${after}`,
  values: inner.values,
});
