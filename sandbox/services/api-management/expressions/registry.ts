import { ResponseType } from "./context-members.ts";
import { JArrayType, JObjectType, JTokenType } from "./json.ts";
import { FormattingType, JPropertyType } from "./json-members.ts";
import {
  Bool,
  Byte,
  Char,
  DateTimeType,
  Double,
  GuidType,
  Int,
  Long,
  ObjectType,
  StringType,
  TimeSpanType,
} from "./primitives.ts";
import { RegexOptionsType, RegexType } from "./regex-members.ts";
import { StringComparisonType, StringSplitOptionsType } from "./string-members.ts";
import {
  BitConverterType,
  ConvertType,
  EncodingType,
  HmacSha256Type,
  MathType,
  Sha1Type,
  Sha256Type,
  Sha512Type,
  UriType,
} from "./system-members.ts";
import type { CsType } from "./types.ts";

/** The C# keywords that name types. */
const keywords: Record<string, CsType> = {
  object: ObjectType,
  string: StringType,
  bool: Bool,
  int: Int,
  long: Long,
  double: Double,
  byte: Byte,
  char: Char,
};

/** Types by namespace. Policy expressions import all of these namespaces. */
const namespaces: Record<string, Record<string, CsType>> = {
  System: {
    Object: ObjectType,
    String: StringType,
    Boolean: Bool,
    Int32: Int,
    Int64: Long,
    Double,
    Byte,
    Char,
    DateTime: DateTimeType,
    TimeSpan: TimeSpanType,
    Guid: GuidType,
    Math: MathType,
    Convert: ConvertType,
    BitConverter: BitConverterType,
    Uri: UriType,
    StringComparison: StringComparisonType,
    StringSplitOptions: StringSplitOptionsType,
  },
  "System.Text": { Encoding: EncodingType },
  "System.Text.RegularExpressions": { Regex: RegexType, RegexOptions: RegexOptionsType },
  "System.Security.Cryptography": {
    SHA1: Sha1Type,
    SHA256: Sha256Type,
    SHA512: Sha512Type,
    HMACSHA256: HmacSha256Type,
  },
  "Newtonsoft.Json": { Formatting: FormattingType },
  "Newtonsoft.Json.Linq": {
    JToken: JTokenType,
    JObject: JObjectType,
    JArray: JArrayType,
    JProperty: JPropertyType,
  },
};

const types = new Map<string, CsType>(Object.entries(keywords));
types.set("IResponse", ResponseType);
for (const [namespace, members] of Object.entries(namespaces)) {
  for (const [name, type] of Object.entries(members)) {
    types.set(name, type);
    types.set(`${namespace}.${name}`, type);
  }
}

/** Resolves a type name in a policy expression, with or without its namespace. */
export function typeNamed(name: string): CsType | undefined {
  return types.get(name);
}
