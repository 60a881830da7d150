/*
 * The functions of template expressions that policy rules use.
 * Source: "ARM template functions" (azure-resource-manager/templates/template-functions), and for utcNow and addDays
 * "Azure Policy definition structure policy rule" (governance/policy/concepts/definition-structure-policy-rule).
 */

type Arguments = unknown[];

/** Functions whose arguments are all evaluated first. The others depend on the resource: see evaluate-expression.ts. */
export const functions: Record<string, (args: Arguments) => unknown> = {
  adddays: ([date, days]) => {
    const time = Date.parse(text(date, "addDays"));
    if (Number.isNaN(time)) throw new Error(`addDays cannot read the date ${String(date)}.`);
    return toTimestamp(time + integer(days, "addDays") * 86_400_000);
  },
  and: (args) => args.every((each) => flag(each, "and")),
  coalesce: (args) => args.find((each) => each !== null && each !== undefined) ?? null,
  concat: (args) =>
    Array.isArray(args[0]) ? args.flatMap((each) => list(each, "concat")) : args.map(toText).join(""),
  contains: ([container, item]) => containsItem(container, item),
  createarray: (args) => args,
  empty: ([value]) => isEmpty(value),
  equals: ([one, other]) => areEqual(one, other),
  false: () => false,
  first: ([value]) => (typeof value === "string" ? value.slice(0, 1) : (list(value, "first")[0] ?? null)),
  greater: ([one, other]) => order(one, other, "greater") > 0,
  greaterorequals: ([one, other]) => order(one, other, "greaterOrEquals") >= 0,
  int: ([value]) => {
    if (typeof value === "number") return Math.trunc(value);
    if (!/^-?\d+$/.test(text(value, "int").trim())) throw new Error(`int cannot convert "${String(value)}".`);
    return Number(value);
  },
  length: ([value]) => {
    if (typeof value === "string" || Array.isArray(value)) return value.length;
    if (typeof value === "object" && value !== null) return Object.keys(value).length;
    throw new Error("length needs a text, an array or an object.");
  },
  less: ([one, other]) => order(one, other, "less") < 0,
  lessorequals: ([one, other]) => order(one, other, "lessOrEquals") <= 0,
  not: ([value]) => !flag(value, "not"),
  null: () => null,
  or: (args) => args.some((each) => flag(each, "or")),
  padleft: ([value, width, character = " "]) =>
    toText(value ?? fail("padLeft needs a value.")).padStart(integer(width, "padLeft"), toText(character)),
  replace: ([value, from, to]) =>
    text(value, "replace").replaceAll(text(from, "replace"), text(to, "replace")),
  split: ([value, separators]) => {
    const marks = (Array.isArray(separators) ? separators : [separators]).map((each) => text(each, "split"));
    return text(value, "split").split(new RegExp(marks.map((each) => RegExp.escape(each)).join("|")));
  },
  string: ([value]) => toText(value),
  tolower: ([value]) => text(value, "toLower").toLowerCase(),
  toupper: ([value]) => text(value, "toUpper").toUpperCase(),
  trim: ([value]) => text(value, "trim").trim(),
  true: () => true,
};

/** A time in the form that utcNow returns, with seven digits of a second. */
export const toTimestamp = (timeMs: number): string => new Date(timeMs).toISOString().replace("Z", "0000Z");

/** Whether two values are the same; the function `equals` compares texts with their case. */
function areEqual(one: unknown, other: unknown): boolean {
  return typeof one === typeof other && JSON.stringify(one) === JSON.stringify(other);
}

function order(one: unknown, other: unknown, name: string): number {
  if (typeof one === "number" && typeof other === "number") return one - other;
  const [left, right] = [text(one, name), text(other, name)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function containsItem(container: unknown, item: unknown): boolean {
  if (Array.isArray(container)) return container.some((each) => areEqual(each, item));
  if (typeof container === "string") return container.includes(toText(item));
  if (typeof container !== "object" || container === null)
    throw new Error("contains needs an array, an object or a text.");
  return Object.keys(container).some((key) => key.toLowerCase() === toText(item).toLowerCase());
}

const isEmpty = (value: unknown): boolean =>
  value === null ||
  value === undefined ||
  value === "" ||
  (typeof value === "object" && Object.keys(value).length === 0);

const toText = (value: unknown): string => {
  if (value === null || value === undefined) return "";
  if (typeof value === "boolean") return value ? "True" : "False";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
};

const text = (value: unknown, name: string): string =>
  typeof value === "string" ? value : fail(`${name} needs a text, not ${JSON.stringify(value)}.`);

const flag = (value: unknown, name: string): boolean =>
  typeof value === "boolean" ? value : fail(`${name} needs true or false, not ${JSON.stringify(value)}.`);

const list = (value: unknown, name: string): unknown[] =>
  Array.isArray(value) ? value : fail(`${name} needs an array, not ${JSON.stringify(value)}.`);

const integer = (value: unknown, name: string): number =>
  Number.isInteger(value)
    ? (value as number)
    : fail(`${name} needs a whole number, not ${JSON.stringify(value)}.`);

function fail(message: string): never {
  throw new Error(message);
}
