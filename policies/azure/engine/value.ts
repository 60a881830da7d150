/** Stands for a value that a preview does not know. The update knows it, and checks it before it is used. */
export const unknownValue: unique symbol = Symbol("unknown until the update");

/** What a rule reads of a resource: plain data, with `unknownValue` for each value that is not known yet. */
export type Value = string | number | boolean | null | undefined | typeof unknownValue | Value[] | Properties;

/** Properties by name. */
export interface Properties {
  [name: string]: Value;
}

/**
 * Copies the properties that the policy SDK passes. The SDK throws when code reads a value that is not known yet.
 * @param onUnknownRead Called with the path of an unknown value each time a rule reads it from the copy.
 */
export function toPlainValue(source: object, onUnknownRead: (path: string) => void = () => {}): Properties {
  return copyValue(source, onUnknownRead, "") as Properties;
}

function copyValue(
  source: object,
  onUnknownRead: (path: string) => void,
  parentPath: string,
): Properties | Value[] {
  const copy = (Array.isArray(source) ? [] : {}) as Properties;
  for (const name of Object.keys(source)) {
    const path = joinPath(parentPath, name);
    const value = readProperty(source, name);
    if (value === unknownValue) {
      const get = () => {
        onUnknownRead(path);
        return unknownValue;
      };
      Object.defineProperty(copy, name, { enumerable: true, get });
    } else {
      copy[name] =
        typeof value === "object" && value !== null
          ? copyValue(value, onUnknownRead, path)
          : (value as Value);
    }
  }
  return copy as Properties | Value[];
}

function readProperty(source: object, name: string): unknown {
  try {
    return (source as Record<string, unknown>)[name];
  } catch (error) {
    if (error instanceof Error && "unknownTypeSentinel" in error) return unknownValue;
    throw error;
  }
}

/** The value at a path such as "sasPolicy.expirationAction"; unknown if any step of the path is. */
export function valueAt(properties: Value, path: string): Value {
  let value: Value = properties;
  for (const step of path.split(".")) {
    if (value === unknownValue) return unknownValue;
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Properties)[step];
  }
  return value;
}

type Leaf = readonly [path: string, leaf: Value];

const knownLeaves = new WeakMap<object, readonly Leaf[]>();

/**
 * Every value that is neither a list nor a map, with its path. Does not count as reading unknown values. Several rules
 * ask for those of each resource, whose properties do not change, so they are collected once.
 */
export function leafValues(value: Properties | Value[]): readonly Leaf[] {
  const known = knownLeaves.get(value);
  if (known) return known;
  const leaves = [...collectLeaves(value, "")];
  knownLeaves.set(value, leaves);
  return leaves;
}

function* collectLeaves(value: Properties | Value[], parentPath: string): Generator<Leaf> {
  for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(value))) {
    if (!property.enumerable) continue;
    const path = joinPath(parentPath, name);
    const inner = property.get ? unknownValue : (property.value as Value);
    if (typeof inner === "object" && inner !== null) yield* collectLeaves(inner, path);
    else yield [path, inner];
  }
}

const joinPath = (parent: string, name: string) => (parent === "" ? name : `${parent}.${name}`);

/** The items of a list; none if the value is no list or is unknown. */
export function listItems(value: Value): Value[] {
  return Array.isArray(value) ? value : [];
}

/** Whether a list or a map is absent or empty. */
export const isEmpty = (value: Value): boolean =>
  value === undefined || value === null || (typeof value === "object" && Object.keys(value).length === 0);

/** A value as messages show it. */
export function formatValue(value: Value): string {
  if (value === undefined) return "not set";
  return value === unknownValue ? "not known yet" : JSON.stringify(value);
}
