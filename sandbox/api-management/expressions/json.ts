import { CsType } from "./types.ts";
import { CsException, DateTime, doubleText, invariantDate } from "./values.ts";

/** What a JSON value is, in Json.NET's words. */
export type TokenType = "Object" | "Array" | "String" | "Integer" | "Float" | "Boolean" | "Date" | "Null";

/** A JSON value as Newtonsoft.Json.Linq holds it: a JObject, a JArray or a JValue. */
export class JToken {
  readonly type: TokenType;
  /** Map of members, array of elements, or the plain value (a Date is a JavaScript Date, Integer a bigint). */
  readonly value: Map<string, JToken> | JToken[] | string | bigint | number | boolean | Date | null;

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

/** A named member on its way into a JObject; Newtonsoft.Json.Linq.JProperty. */
export class JProperty {
  readonly name: string;
  readonly value: JToken;

  constructor(name: string, value: JToken) {
    this.name = name;
    this.value = value;
  }
}

/** Newtonsoft.Json.Linq.JToken; its members are in members-json.ts. */
export const JTokenType = new CsType("JToken", "class", { holds: (value) => value instanceof JToken });
export const JObjectType = new CsType("JObject", "class", {
  base: JTokenType,
  holds: (value) => value instanceof JToken && value.type === "Object",
});
export const JArrayType = new CsType("JArray", "class", {
  base: JTokenType,
  holds: (value) => value instanceof JToken && value.type === "Array",
});

const ISO_DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,7})?(?:Z|[+-]\d\d:\d\d)?$/;

/**
 * Parses JSON as JToken.Parse does by default. Texts that look like ISO 8601 dates become dates, so a cast to
 * string gives another text than was sent.
 */
export function parseJson(text: string): JToken {
  try {
    return tokenOf(JSON.parse(text, keepIntegers));
  } catch {
    throw new CsException("JsonReaderException", "The text could not be parsed as JSON.");
  }
}

function keepIntegers(_key: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source;
  return typeof value === "number" && source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value;
}

/** A JToken for a parsed JSON value or a plain string, number, bigint, boolean or null. */
export function tokenOf(value: unknown): JToken {
  if (value instanceof JToken) return value;
  if (value === null) return new JToken("Null", null);
  if (typeof value === "string") {
    const date = ISO_DATE.test(value) ? new Date(value) : undefined;
    return date && !Number.isNaN(date.getTime()) ? new JToken("Date", date) : new JToken("String", value);
  }
  if (typeof value === "bigint") return new JToken("Integer", value);
  if (typeof value === "number") return new JToken("Float", value);
  if (typeof value === "boolean") return new JToken("Boolean", value);
  if (Array.isArray(value)) return new JToken("Array", value.map(tokenOf));
  return new JToken(
    "Object",
    new Map(Object.entries(value as object).map(([key, item]) => [key, tokenOf(item)])),
  );
}

/** JSON text; indented as Json.NET does on Windows, which is what API Management's gateway shows. */
export function jsonText(token: JToken, indented: boolean, depth = 0): string {
  const line = indented ? `\r\n${"  ".repeat(depth + 1)}` : "";
  const end = indented ? `\r\n${"  ".repeat(depth)}` : "";
  if (token.type === "Object") {
    const members = [...token.members].map(
      ([key, item]) =>
        `${line}${JSON.stringify(key)}:${indented ? " " : ""}${jsonText(item, indented, depth + 1)}`,
    );
    return members.length === 0 ? "{}" : `{${members.join(",")}${end}}`;
  }
  if (token.type === "Array") {
    const items = token.elements.map((item) => `${line}${jsonText(item, indented, depth + 1)}`);
    return items.length === 0 ? "[]" : `[${items.join(",")}${end}]`;
  }
  if (token.type === "Integer") return String(token.value);
  if (token.type === "Float") {
    const text = doubleText(token.value as number);
    return /^-?\d+$/.test(text) ? `${text}.0` : text;
  }
  return JSON.stringify(token.value);
}

/** (string)token, which is null for a JSON null. */
export function tokenToString(token: JToken): string | null {
  switch (token.type) {
    case "Object":
    case "Array":
      throw new CsException("ArgumentException", `Can not convert ${token.type} to String.`);
    case "Null":
      return null;
    case "Boolean":
      return token.value ? "True" : "False";
    case "Float":
      return doubleText(token.value as number);
    case "Date":
      return invariantDate(token.value as Date);
    default:
      return String(token.value);
  }
}

/** (bool)token: booleans, numbers and the texts "true" and "false". */
export function tokenToBool(token: JToken): boolean {
  if (token.type === "Boolean") return token.value as boolean;
  if (token.type === "Integer") return token.value !== 0n;
  if (token.type === "Float") return token.value !== 0;
  if (token.type === "String" && /^\s*(true|false)\s*$/i.test(token.value as string)) {
    return /true/i.test(token.value as string);
  }
  if (token.type === "String") {
    throw new CsException("FormatException", "String was not recognized as a valid Boolean.");
  }
  throw new CsException("ArgumentException", `Can not convert ${token.type} to Boolean.`);
}

/** (long)token: whole numbers, numbers rounded half to even, and texts of digits. */
export function tokenToLong(token: JToken): bigint {
  if (token.type === "Integer") return token.value as bigint;
  if (token.type === "Boolean") return token.value ? 1n : 0n;
  if (token.type === "Float") return BigInt(roundHalfToEven(token.value as number));
  if (token.type === "String") return parseInteger(token.value as string);
  throw new CsException("ArgumentException", `Can not convert ${token.type} to Int64.`);
}

/** (double)token. */
export function tokenToDouble(token: JToken): number {
  if (token.type === "Float") return token.value as number;
  if (token.type === "String" && /^\s*[+-]?\d+(\.\d*)?([eE][+-]?\d+)?\s*$/.test(token.value as string)) {
    return Number(token.value);
  }
  return Number(tokenToLong(token));
}

/** (DateTime)token. */
export function tokenToDate(token: JToken): DateTime {
  if (token.type === "Date") return new DateTime((token.value as Date).getTime());
  throw new CsException("ArgumentException", `Can not convert ${token.type} to Date.`);
}

/** Int64.Parse: digits with an optional sign and blanks around. */
export function parseInteger(text: string): bigint {
  if (!/^\s*[+-]?\d+\s*$/.test(text)) {
    throw new CsException("FormatException", "Input string was not in a correct format.");
  }
  return BigInt(text.trim().replace(/^\+/, ""));
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
