import { isDeepStrictEqual } from "node:util";
import type { Change, Properties, Value } from "./provider.ts";
import { isObject } from "./wire.ts";

/**
 * Compares two sets of inputs property by property. An unknown value differs from every known one.
 * @param replaceOn Paths of properties whose change replaces the resource, with [] for any item of a list.
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
  /** Where, as the engine shows it. */
  path: string;
  /** The same with [] for list positions, as rules are written. */
  rule: string;
  /** Whether something around it replaces the resource. */
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
    // Names with two underscores are the provider's own notes.
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
 * Applies to the inputs what has changed between two projections of outputs, so that a refresh shows a change
 * made behind Pulumi's back but none of the defaults that the service fills in.
 */
export function applyDrift(inputs: Properties, before: Properties, after: Properties): Properties {
  const result: Properties = {};
  for (const [name, value] of Object.entries(inputs)) {
    if (name in before && !(name in after)) continue;
    result[name] = value;
  }
  for (const [name, now] of Object.entries(after)) {
    const was = before[name];
    if (isDeepStrictEqual(was, now)) continue;
    const input = inputs[name];
    result[name] = isObject(was) && isObject(now) && isObject(input) ? applyDrift(input, was, now) : now;
  }
  return result;
}
