import { CsException } from "./exception.ts";
import { Bool, Byte, Char, Int, StringType } from "./primitives.ts";
import { CsType } from "./types.ts";

const arrays = new Map<CsType, CsType>();

/** T[], with the LINQ methods that need no lambda; byte[] is a Buffer at run time, every other an Array. */
export function arrayOf(element: CsType): CsType {
  let type = arrays.get(element);
  if (!type) {
    type = withMembers(
      new CsType(`${element.name}[]`, "array", { element, holds: holder(element) }),
      element,
    );
    arrays.set(element, type);
  }
  return type;
}

export const StringArray = arrayOf(StringType);
export const ByteArray = arrayOf(Byte);
export const CharArray = arrayOf(Char);

function holder(element: CsType): (value: unknown) => boolean {
  if (element === Byte) return (value) => value instanceof Uint8Array;
  return (value) => Array.isArray(value) && value.every((item) => item === null || element.holds(item));
}

function withMembers(type: CsType, element: CsType): CsType {
  const first = (items: unknown[]) => items[0];
  const last = (items: unknown[]) => items[items.length - 1];
  const orThrow = (pick: (items: unknown[]) => unknown) => (items: unknown[]) => {
    if (items.length > 0) return pick(items);
    throw new CsException("InvalidOperationException", "Sequence contains no elements");
  };
  type
    .property("Length", Int, (items: unknown[]) => items.length)
    .index([Int], element, (items: unknown[], [at]: [number]) => {
      if (at >= 0 && at < items.length) return items[at];
      throw new CsException("IndexOutOfRangeException", "Index was outside the bounds of the array.");
    })
    .method("Count", [], Int, (items: unknown[]) => items.length)
    .method("Any", [], Bool, (items: unknown[]) => items.length > 0)
    .method("First", [], element, orThrow(first))
    .method("Last", [], element, orThrow(last));
  if (!element.isValueType) {
    type
      .method("FirstOrDefault", [], element, (items: unknown[]) => first(items) ?? null)
      .method("LastOrDefault", [], element, (items: unknown[]) => last(items) ?? null)
      .method("Contains", [element], Bool, (items: unknown[], [item]: [unknown]) => items.includes(item));
  }
  return type;
}
