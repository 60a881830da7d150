import { Boxed } from "./boxed.ts";
import { fromToken } from "./conversions.ts";
import { DateTime } from "./date-time.ts";
import { CsException } from "./exception.ts";
import { JArrayType, JObjectType, JProperty, JToken, JTokenType, jsonText } from "./json.ts";
import { parseJson } from "./json-reader.ts";
import { Bool, Char, Double, enumeration, Int, Long, ObjectType, StringType } from "./primitives.ts";
import { tokenText } from "./text.ts";
import { any, CsType } from "./types.ts";

export const FormattingType = enumeration("Formatting", "None", "Indented");
export const JPropertyType = new CsType("JProperty", "class");

const plain = [StringType, Int, Long, Bool, Double];

JTokenType.index([StringType], JTokenType, (token: JToken, [key]: [string]) => child(token, key))
  .index([Int], JTokenType, (token: JToken, [at]: [number]) => element(token, at))
  .generic(
    "Value",
    plain,
    [StringType],
    (type) => type,
    (token: JToken, [key]: [string], _, type) => read(child(token, key), type),
  )
  .generic(
    "Value",
    plain,
    [],
    (type) => type,
    (token: JToken, _, __, type) => read(token, type),
  )
  .method("ToString", [], StringType, (token: JToken) => tokenText(token))
  .method("ToString", [FormattingType], StringType, (token: JToken, [formatting]: [string]) =>
    jsonText(token, formatting === "Indented"),
  )
  .fn("Parse", [StringType], JTokenType, ([text]: [string]) => parseJson(text));

JObjectType.index(
  [StringType],
  JTokenType,
  (token: JToken, [key]: [string]) => token.members.get(key) ?? null,
)
  .property("Count", Int, (token: JToken) => token.members.size)
  .method("ContainsKey", [StringType], Bool, (token: JToken, [key]: [string]) => token.members.has(key))
  .method(
    "GetValue",
    [StringType],
    JTokenType,
    (token: JToken, [key]: [string]) => token.members.get(key) ?? null,
  )
  .fn("Parse", [StringType], JObjectType, ([text]: [string]) => parseAs("Object", text))
  .construct([any(JPropertyType)], ([properties]: [JProperty[]]) => objectOf(properties));

JArrayType.index([Int], JTokenType, (token: JToken, [at]: [number]) => element(token, at))
  .property("Count", Int, (token: JToken) => token.elements.length)
  .fn("Parse", [StringType], JArrayType, ([text]: [string]) => parseAs("Array", text))
  .construct([any(ObjectType)], ([items]: [unknown[]]) => new JToken("Array", items.map(fromObject)));

JPropertyType.construct([StringType, ObjectType], ([name, value]: [string, unknown]) => {
  return new JProperty(name, fromObject(value));
});

function objectOf(properties: JProperty[]): JToken {
  const members = new Map<string, JToken>();
  for (const { name, value } of properties) {
    if (members.has(name)) {
      throw new CsException("ArgumentException", "Property with the same name already exists on object.");
    }
    members.set(name, value);
  }
  return new JToken("Object", members);
}

/** Parses JSON that must be an object, or must be an array. */
export function parseAs(type: "Object" | "Array", text: string): JToken {
  const token = parseJson(text);
  if (token.type === type) return token;
  throw new CsException("JsonReaderException", `The text is no JSON ${type.toLowerCase()}.`);
}

function child(token: JToken, key: string): JToken | null {
  if (token.type === "Object") return token.members.get(key) ?? null;
  throw token.type === "Array"
    ? new CsException(
        "ArgumentException",
        "Accessed JArray values with invalid key value. Int32 array index expected.",
      )
    : new CsException(
        "InvalidOperationException",
        "Cannot access child value on Newtonsoft.Json.Linq.JValue.",
      );
}

function element(token: JToken, at: number): JToken {
  if (token.type !== "Array") {
    throw new CsException("ArgumentException", "An Int32 index is for JArray values only.");
  }
  const item = token.elements[at];
  if (item) return item;
  throw new CsException("ArgumentOutOfRangeException", "Index was out of range.");
}

/** token.Value<T>(): default(T) when the token is absent. */
function read(token: JToken | null, type: CsType): unknown {
  if (token === null) return defaultOf(type);
  if (token.type === "Null" && type.isValueType) {
    throw new CsException("InvalidCastException", "Null object cannot be converted to a value type.");
  }
  return token.type === "Null" ? null : fromToken.get(type)!(token);
}

function defaultOf(type: CsType): unknown {
  if (type === StringType) return null;
  if (type === Bool) return false;
  return type === Long ? 0n : 0;
}

function fromObject(value: unknown): JToken {
  if (value === null) return new JToken("Null", null);
  if (value instanceof JToken) return value;
  if (typeof value === "string") return new JToken("String", value);
  const plain = value instanceof Boxed ? value.value : undefined;
  if (plain instanceof DateTime) return new JToken("Date", plain);
  if (typeof plain === "boolean") return new JToken("Boolean", plain);
  if (typeof plain === "bigint") return new JToken("Integer", plain);
  if (typeof plain === "number") {
    const isFloat = (value as Boxed).type === Double;
    return isFloat ? new JToken("Float", plain) : new JToken("Integer", BigInt(plain));
  }
  if ((value as Boxed).type === Char) return new JToken("String", plain as string);
  throw new CsException("ArgumentException", "Could not determine the JSON object type of the value.");
}
