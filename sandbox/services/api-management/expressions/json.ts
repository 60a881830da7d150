import { type DateTime, jsonDateText } from "./date-time.ts";
import { CsType } from "./types.ts";
import { roundTripText } from "./values.ts";

/** Newtonsoft.Json.Linq.JTokenType. */
export type TokenType = "Object" | "Array" | "String" | "Integer" | "Float" | "Boolean" | "Date" | "Null";

/** A JSON value as Newtonsoft.Json.Linq holds it: a JObject, a JArray or a JValue. */
export class JToken {
  readonly type: TokenType;
  /** Map of members, array of elements, or the plain value (an Integer of any size is a bigint). */
  readonly value: Map<string, JToken> | JToken[] | string | bigint | number | boolean | DateTime | null;

  constructor(type: TokenType, value: JToken["value"]) {
    this.type = type;
    this.value = value;
  }

  get members(): Map<string, JToken> {
    return this.value as Map<string, JToken>;
  }

  get elements(): JToken[] {
    return this.value as JToken[];
  }
}

/** Newtonsoft.Json.Linq.JProperty: a named member that a JObject constructor takes. */
export class JProperty {
  readonly name: string;
  readonly value: JToken;

  constructor(name: string, value: JToken) {
    this.name = name;
    this.value = value;
  }
}

/** Newtonsoft.Json.Linq.JToken; its members are in json-members.ts. */
export const JTokenType = new CsType("JToken", "class", { holds: (value) => value instanceof JToken });
export const JObjectType = new CsType("JObject", "class", {
  base: JTokenType,
  holds: (value) => value instanceof JToken && value.type === "Object",
});
export const JArrayType = new CsType("JArray", "class", {
  base: JTokenType,
  holds: (value) => value instanceof JToken && value.type === "Array",
});

/** Serialises to JSON, indented as Json.NET does on Windows, where API Management's gateway runs. */
export function jsonText(token: JToken, indented: boolean, depth = 0): string {
  const line = indented ? `\r\n${"  ".repeat(depth + 1)}` : "";
  const end = indented ? `\r\n${"  ".repeat(depth)}` : "";
  if (token.type === "Object") {
    const members = [...token.members].map(
      ([key, item]) => `${line}${quoted(key)}:${indented ? " " : ""}${jsonText(item, indented, depth + 1)}`,
    );
    return members.length === 0 ? "{}" : `{${members.join(",")}${end}}`;
  }
  if (token.type === "Array") {
    const items = token.elements.map((item) => `${line}${jsonText(item, indented, depth + 1)}`);
    return items.length === 0 ? "[]" : `[${items.join(",")}${end}]`;
  }
  if (token.type === "Float") return floatText(token.value as number);
  if (token.type === "Date") return `"${jsonDateText(token.value as DateTime)}"`;
  return token.type === "String" ? quoted(token.value as string) : String(token.value);
}

/** Writes a Float: always with a fraction or exponent. NaN and infinity become strings. */
function floatText(value: number): string {
  const text = roundTripText(value);
  if (!Number.isFinite(value)) return `"${text}"`;
  return /[.E]/.test(text) ? text : `${text}.0`;
}

const escapes = new Map(
  Object.entries({
    '"': '\\"',
    "\\": "\\\\",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
  }),
);

/** A JSON string with the escapes that Json.NET writes. */
function quoted(text: string): string {
  const escaped = text.replace(
    /["\\\u2028\u2029]|[^\P{Cc}\x7f-\x84\x86-\x9f]/gu,
    (one) => escapes.get(one) ?? `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `"${escaped}"`;
}
