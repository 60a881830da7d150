import { isDeepStrictEqual } from "node:util";
import type { Change, Properties, Value } from "./provider.ts";
import { isObject } from "./wire.ts";

/**
 * Compares two sets of inputs property by property. An unknown value differs from every known value.
 * @param replaceOn Paths of properties that replace the resource when they change, with [] for any item of a list.
 */
export function compare(
  olds: Properties,
  news: Properties,
  replaceOn: ReadonlySet<string>,
): Map<string, Change> {
  const changes = new Map<string, Change>();
  compareObjects(olds, news, { path: "", rule: "", replace: false }, replaceOn, changes);
  return changes;
}

interface Position {
  /** The property path for the engine, for example logs[0].enabled. */
  path: string;
  /** The path as in `replaceOn`, for example logs[].enabled. */
  rule: string;
  /** Whether a change of an outer property replaces the resource. */
  replace: boolean;
}

function compareObjects(
  olds: Properties,
  news: Properties,
  at: Position,
  replaceOn: ReadonlySet<string>,
  changes: Map<string, Change>,
): void {
  for (const name of new Set([...Object.keys(olds), ...Object.keys(news)])) {
    // Names that start with two underscores belong to the provider itself.
    if (name.startsWith("__")) continue;
    const rule = at.rule ? `${at.rule}.${name}` : name;
    const position = {
      path: at.path ? `${at.path}.${name}` : name,
      rule,
      replace: at.replace || replaceOn.has(rule),
    };
    compareValues(olds[name], news[name], position, replaceOn, changes);
  }
}

function compareValues(
  before: Value | undefined,
  after: Value | undefined,
  at: Position,
  replaceOn: ReadonlySet<string>,
  changes: Map<string, Change>,
): void {
  if (before === undefined && after === undefined) return;
  if (before === undefined) {
    changes.set(at.path, { kind: "add", replace: at.replace });
  } else if (after === undefined) {
    changes.set(at.path, { kind: "delete", replace: at.replace });
  } else if (isObject(before) && isObject(after)) {
    compareObjects(before, after, at, replaceOn, changes);
  } else if (Array.isArray(before) && Array.isArray(after)) {
    for (let index = 0; index < Math.max(before.length, after.length); index++) {
      const position = { ...at, path: `${at.path}[${index}]`, rule: `${at.rule}[]` };
      compareValues(before[index], after[index], position, replaceOn, changes);
    }
  } else if (before !== after) {
    changes.set(at.path, { kind: "update", replace: at.replace });
  }
}

/**
 * Applies the changes between two sets of outputs to the inputs. A refresh then shows a change that was made outside
 * Pulumi, but not the defaults that the service adds.
 */
export function applyDrift(inputs: Properties, before: Properties, after: Properties): Properties {
  const result: Properties = {};
  for (const [name, value] of Object.entries(inputs)) {
    if (name in before && !(name in after)) continue;
    result[name] = value;
  }
  for (const [name, newValue] of Object.entries(after)) {
    const oldValue = before[name];
    if (isDeepStrictEqual(oldValue, newValue)) continue;
    const input = inputs[name];
    result[name] =
      isObject(oldValue) && isObject(newValue) && isObject(input)
        ? applyDrift(input, oldValue, newValue)
        : newValue;
  }
  return result;
}
