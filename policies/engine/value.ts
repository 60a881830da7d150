/** Stands for a value that a preview does not know yet. The update knows it, and judges it before it is used. */
export const unknown: unique symbol = Symbol("unknown until the update");

/** What a rule may read of a resource: plain data, in which `unknown` stands for what is not known yet. */
export type Value = string | number | boolean | null | undefined | typeof unknown | Value[] | Properties;

/** Properties by name. */
export interface Properties {
  [name: string]: Value;
}

/**
 * Copies what the policy SDK gives; the SDK throws when a value that is not known yet is touched.
 * @param onUnknown Told the path of such a value, whenever a rule reads it from the copy.
 */
export function toPlainValue(source: object, onUnknown: (path: string) => void = () => {}): Properties {
  return copyOf(source, onUnknown, "") as Properties;
}

function copyOf(source: object, onUnknown: (path: string) => void, path: string): Properties | Value[] {
  const copy = (Array.isArray(source) ? [] : {}) as Properties;
  for (const name of Object.keys(source)) {
    const here = path === "" ? name : `${path}.${name}`;
    const value = read(source, name);
    if (value === unknown) {
      const get = () => {
        onUnknown(here);
        return unknown;
      };
      Object.defineProperty(copy, name, { enumerable: true, get });
    } else {
      copy[name] =
        typeof value === "object" && value !== null ? copyOf(value, onUnknown, here) : (value as Value);
    }
  }
  return copy as Properties | Value[];
}

function read(source: object, name: string): unknown {
  try {
    return (source as Record<string, unknown>)[name];
  } catch (error) {
    if (error instanceof Error && "unknownTypeSentinel" in error) return unknown;
    throw error;
  }
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

/** Every single value in it, by its path. That one is not known is seen, and does not count as reading it. */
export function* leaves(value: Properties | Value[], path = ""): Generator<[path: string, leaf: Value]> {
  for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(value))) {
    if (!property.enumerable) continue;
    const here = path === "" ? name : `${path}.${name}`;
    const inner = property.get ? unknown : (property.value as Value);
    if (typeof inner === "object" && inner !== null) yield* leaves(inner, here);
    else yield [here, inner];
  }
}

/** The items of a list. Nothing, where there is no list or where it is not known. */
export function items(value: Value): Value[] {
  return Array.isArray(value) ? value : [];
}

/** Whether a list or a map is left out or empty. */
export const isEmpty = (value: Value): boolean =>
  value === undefined || value === null || (typeof value === "object" && Object.keys(value).length === 0);

/** A value as a message shows it. */
export function show(value: Value): string {
  return value === undefined ? "not set" : value === unknown ? "not known yet" : JSON.stringify(value);
}
