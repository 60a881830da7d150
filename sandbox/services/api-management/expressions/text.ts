import { Boxed } from "./boxed.ts";
import { CsException } from "./exception.ts";
import { JProperty, JToken, JTokenType, jsonText } from "./json.ts";
import { tokenToString } from "./json-values.ts";
import { Bool, Byte, Char, Double, GuidType, Int, Long, NullType, StringType } from "./primitives.ts";
import type { CsType } from "./types.ts";
import { doubleText, type Guid } from "./values.ts";

const simple = new Map<CsType, (value: unknown) => string>([
  [StringType, (value) => value as string],
  [Bool, (value) => (value ? "True" : "False")],
  [Int, String],
  [Long, String],
  [Byte, String],
  [Double, (value) => doubleText(value as number)],
  [Char, (value) => value as string],
  [GuidType, (value) => (value as Guid).text],
]);

/**
 * Converts a value of a static type to text for "…" + value, string interpolation and ToString(). Undefined when
 * the text depends on the gateway's culture or is only the type's name.
 */
export function textOf(type: CsType): ((value: unknown) => string) | undefined {
  if (type === NullType) return () => "";
  if (type.kind === "nullable") {
    const inner = textOf(type.element!);
    return inner && ((value) => (value === null ? "" : inner(value)));
  }
  if (type.name === "object") return textOfObject;
  if (type === JTokenType || type.base === JTokenType) return (value) => tokenText(value as JToken | null);
  const plain = simple.get(type);
  return plain && ((value) => (value === null ? "" : plain(value)));
}

/** JToken.ToString(): a value's own text, or indented JSON. */
export function tokenText(token: JToken | null): string {
  if (token === null) return "";
  if (token.type === "Object" || token.type === "Array") return jsonText(token, true);
  if (token.type === "Date") {
    throw new CsException(
      "NotSupportedException",
      "The text of a JSON date depends on the gateway's culture; cast it to string instead.",
    );
  }
  return tokenToString(token) ?? "";
}

function textOfObject(value: unknown): string {
  if (value === null) return "";
  if (typeof value === "string") return value;
  if (value instanceof JToken) return tokenText(value);
  const plain = value instanceof Boxed ? simple.get(value.type) : undefined;
  if (plain) return plain((value as Boxed).value);
  if (value instanceof JProperty) return `"${value.name}": ${jsonText(value.value, true)}`;
  throw new CsException("NotSupportedException", "The sandbox does not support ToString() of this object.");
}
