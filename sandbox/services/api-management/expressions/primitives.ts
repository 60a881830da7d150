import { CsType } from "./types.ts";

/**
 * Values at run time: string is a string, bool a boolean, int, double and byte a number, long a bigint, char a
 * string of one unit. Behind type object each value type is `Boxed`.
 */
export const ObjectType = new CsType("object", "class", { holds: () => true });
export const StringType = new CsType("string", "class", { holds: (value) => typeof value === "string" });
export const Bool = new CsType("bool", "struct");
export const Int = new CsType("int", "struct");
export const Long = new CsType("long", "struct");
export const Double = new CsType("double", "struct");
export const Byte = new CsType("byte", "struct");
export const Char = new CsType("char", "struct");
export const DateTimeType = new CsType("DateTime", "struct");
export const TimeSpanType = new CsType("TimeSpan", "struct");
export const GuidType = new CsType("Guid", "struct");
/** The type of `null`. */
export const NullType = new CsType("null", "null");
/** Placeholder for a generic method's type argument in its parameters. */
export const T = new CsType("T", "class");

const nullables = new Map<CsType, CsType>();

/** T?: null or the value itself at run time. */
export function nullableOf(element: CsType): CsType {
  let type = nullables.get(element);
  if (!type) {
    type = new CsType(`${element.name}?`, "nullable", { element });
    type.property("HasValue", Bool, (value) => value !== null);
    nullables.set(element, type);
  }
  return type;
}

/** The type of `x?.Member`: value types become nullable. */
export function maybe(type: CsType): CsType {
  return type.isValueType ? nullableOf(type) : type;
}

/** An enumeration; its values are their names at run time. */
export function enumeration(name: string, ...values: string[]): CsType {
  const type = new CsType(name, "enum");
  for (const value of values) type.constant(value, type, value);
  return type;
}
