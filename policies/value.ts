/** Stands for a value that a preview does not know yet. The update knows it, and judges it before it is used. */
export const unknown: unique symbol = Symbol("unknown until the update");

/** What a rule may read of a resource: plain data, in which `unknown` stands for what is not known yet. */
export type Value = string | number | boolean | null | undefined | typeof unknown | Value[] | Properties;

/** Properties by name. */
export interface Properties {
  [name: string]: Value;
}

/** Copies what the policy SDK gives; the SDK throws when a value that is not known yet is touched. */
export function plain(source: object): Properties {
  const copy: Properties = {};
  for (const name of Object.keys(source)) copy[name] = read(source, name);
  return copy;
}

function read(source: object, name: string): Value {
  let value: unknown;
  try {
    value = (source as Record<string, unknown>)[name];
  } catch (error) {
    if (error instanceof Error && "unknownTypeSentinel" in error) return unknown;
    throw error;
  }
  if (Array.isArray(value)) return Array.from(value.keys(), (index) => read(value, String(index)));
  if (typeof value === "object" && value !== null) return plain(value);
  return value as Value;
}

/** The value at a path such as "sasPolicy.expirationAction"; unknown as soon as a step is. */
export function at(properties: Value, path: string): Value {
  let value: Value = properties;
  for (const step of path.split(".")) {
    if (value === unknown) return unknown;
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Properties)[step];
  }
  return value;
}

/** The items of a list. Nothing, where there is no list or where it is not known. */
export function items(value: Value): Value[] {
  return Array.isArray(value) ? value : [];
}

/** A value as a message shows it. */
export function show(value: Value): string {
  return value === undefined ? "not set" : value === unknown ? "not known yet" : JSON.stringify(value);
}
