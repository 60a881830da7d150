import { CharArray, StringArray } from "./arrays.ts";
import { blanks, lowerOf, mapped, upperOf } from "./characters.ts";
import { CsException } from "./exception.ts";
import { ExpressionProblem } from "./grammar.ts";
import { Bool, Char, enumeration, Int, ObjectType, StringType } from "./primitives.ts";
import { textOf } from "./text.ts";
import { any } from "./types.ts";

/** Culture-independent comparisons. Comparisons of a culture are rejected. */
export const StringComparisonType = enumeration("StringComparison", "Ordinal", "OrdinalIgnoreCase");
export const StringSplitOptionsType = enumeration("StringSplitOptions", "None", "RemoveEmptyEntries");

const upper = (text: string) => mapped(text, upperOf);
const lower = (text: string) => mapped(text, lowerOf);
const folded = (text: string, comparison: string) => (comparison === "Ordinal" ? text : upper(text));
const present = (text: string | null): string => {
  if (text === null) throw new CsException("ArgumentNullException", "Value cannot be null.");
  return text;
};
const same = (one: string | null, other: string | null, comparison: string) =>
  one === null || other === null ? one === other : folded(one, comparison) === folded(other, comparison);
const blank = new RegExp(`[${blanks}]`);
const outerBlanks = new RegExp(`^[${blanks}]+|[${blanks}]+$`, "g");

StringType.property("Length", Int, (text: string) => text.length)
  .index([Int], Char, (text: string, [at]: [number]) => text[at] ?? outOfRange())
  .method("ToString", [], StringType, (text: string) => text)
  .method("Equals", [StringType], Bool, (text: string, [other]: [string]) => text === other)
  .method("Equals", [StringType, StringComparisonType], Bool, (text: string, [other, how]: string[]) =>
    same(text, other ?? null, how!),
  )
  .method("Contains", [StringType], Bool, (text: string, [part]: [string]) => text.includes(present(part)))
  .method("StartsWith", [StringType], Bool, (text: string, [part]: [string]) =>
    text.startsWith(present(part)),
  )
  .method("EndsWith", [StringType], Bool, (text: string, [part]: [string]) => text.endsWith(present(part)))
  .method("StartsWith", [StringType, StringComparisonType], Bool, (text: string, [part, how]: string[]) =>
    folded(text, how!).startsWith(folded(present(part!), how!)),
  )
  .method("EndsWith", [StringType, StringComparisonType], Bool, (text: string, [part, how]: string[]) =>
    folded(text, how!).endsWith(folded(present(part!), how!)),
  )
  .method("IndexOf", [StringType], Int, (text: string, [part]: [string]) => text.indexOf(present(part)))
  .method("IndexOf", [Char], Int, (text: string, [part]: [string]) => text.indexOf(part))
  .method("LastIndexOf", [StringType], Int, (text: string, [part]: [string]) =>
    present(part) === "" ? Math.max(0, text.length - 1) : text.lastIndexOf(part),
  )
  .method("LastIndexOf", [Char], Int, (text: string, [part]: [string]) => text.lastIndexOf(part))
  .method("Substring", [Int], StringType, (text: string, [from]: [number]) =>
    substring(text, from, text.length - from),
  )
  .method("Substring", [Int, Int], StringType, (text: string, [from, length]: number[]) =>
    substring(text, from!, length!),
  )
  .method("Replace", [StringType, StringType], StringType, (text: string, [old, by]: (string | null)[]) => {
    if (present(old!) === "") throw new CsException("ArgumentException", "String cannot be of zero length.");
    return text.replaceAll(old!, () => by ?? "");
  })
  .method("Replace", [Char, Char], StringType, (text: string, [old, by]: string[]) =>
    text.replaceAll(old!, () => by!),
  )
  .method("ToLower", [], StringType, lower)
  .method("ToLowerInvariant", [], StringType, lower)
  .method("ToUpper", [], StringType, upper)
  .method("ToUpperInvariant", [], StringType, upper)
  .method("Trim", [], StringType, (text: string) => text.replace(outerBlanks, ""))
  .method("Trim", [any(Char)], StringType, (text: string, [set]: [string[] | null]) =>
    trim(text, set, true, true),
  )
  .method("TrimStart", [any(Char)], StringType, (text: string, [set]: [string[] | null]) =>
    trim(text, set, true, false),
  )
  .method("TrimEnd", [any(Char)], StringType, (text: string, [set]: [string[] | null]) =>
    trim(text, set, false, true),
  )
  .method("PadLeft", [Int, Char], StringType, padLeft)
  .method("Split", [any(Char)], StringArray, (text: string, [by]: [string[] | null]) =>
    split(text, by, "None"),
  )
  .method(
    "Split",
    [CharArray, StringSplitOptionsType],
    StringArray,
    (text: string, [by, how]: [string[] | null, string]) => split(text, by, how),
  )
  .method(
    "Split",
    [StringArray, StringSplitOptionsType],
    StringArray,
    (text: string, [by, how]: [string[] | null, string]) => split(text, by, how),
  )
  .shared("Empty", StringType, () => "")
  .fn("IsNullOrEmpty", [StringType], Bool, ([text]: [string | null]) => !text)
  .fn("IsNullOrWhiteSpace", [StringType], Bool, ([text]: [string | null]) => !text?.replace(outerBlanks, ""))
  .fn("Equals", [StringType, StringType], Bool, ([one, other]: (string | null)[]) => one === other)
  .fn(
    "Equals",
    [StringType, StringType, StringComparisonType],
    Bool,
    ([one, other, how]: (string | null)[]) => same(one!, other!, how!),
  )
  .fn("Concat", [any(StringType)], StringType, ([texts]: [(string | null)[]]) => texts.join(""))
  .fn("Join", [StringType, any(StringType)], StringType, ([by, texts]: [string | null, (string | null)[]]) =>
    texts.join(by ?? ""),
  )
  .fn("Format", [StringType, any(ObjectType)], StringType, format, plainFormat);

function outOfRange(): never {
  throw new CsException("IndexOutOfRangeException", "Index was outside the bounds of the array.");
}

function padLeft(text: string, [width, by]: [number, string]): string {
  if (width >= 0) return text.padStart(width, by);
  throw new CsException("ArgumentOutOfRangeException", "Non-negative number required.");
}

function substring(text: string, from: number, length: number): string {
  if (from < 0 || length < 0 || from + length > text.length) {
    throw new CsException(
      "ArgumentOutOfRangeException",
      "Index and length must refer to a location within the string.",
    );
  }
  return text.slice(from, from + length);
}

function trim(text: string, set: string[] | null, start: boolean, end: boolean): string {
  const cut = (one: string) => (!set?.length ? blank.test(one) : set.includes(one));
  let from = 0;
  let to = text.length;
  while (start && from < to && cut(text[from]!)) from += 1;
  while (end && to > from && cut(text[to - 1]!)) to -= 1;
  return text.slice(from, to);
}

/** Where several separators match, the first in the array wins. Without separators, white space separates. */
function split(text: string, by: string[] | null, how: string): string[] {
  const separators = (by ?? []).filter((one) => one !== null && one !== "");
  const pattern = by?.length ? new RegExp(separators.map(RegExp.escape).join("|")) : blank;
  const pieces = by?.length && separators.length === 0 ? [text] : text.split(pattern);
  return how === "None" ? pieces : pieces.filter((piece) => piece !== "");
}

function format([pattern, values]: [string, unknown[]]): string {
  const text = textOf(ObjectType)!;
  return pattern.replace(/\{\{|\}\}|\{(\d+)\}/g, (hole, index?: string) => {
    if (index === undefined) return hole[0]!;
    if (Number(index) < values.length) return text(values[Number(index)]);
    throw new CsException(
      "FormatException",
      "Index (zero based) must be greater than or equal to zero and less than the size of the argument list.",
    );
  });
}

/** @throws ExpressionProblem for a format that is not a constant or has format specifiers. */
function plainFormat([pattern]: unknown[]): void {
  const rest = typeof pattern === "string" && pattern.replace(/\{\{|\}\}|\{\d+\}/g, "");
  if (rest === false || /[{}]/.test(rest)) {
    throw new ExpressionProblem(
      "The sandbox supports string.Format only with a constant text and placeholders such as {0}.",
    );
  }
}

Char.method("ToString", [], StringType, (one: string) => one);
