import { z } from "zod";

/**
 * What the sandbox does with the value of a declared input.
 * - enforced: the value changes how the sandbox behaves, as it does in Azure.
 * - restricted: the sandbox lacks a feature that some values ask for, and refuses these values at deployment.
 * - none: the value is checked, stored and returned, and changes nothing else.
 */
export interface InputEffect {
  kind: "enforced" | "restricted" | "none";
  /** What changes, which values are refused, or why the value changes nothing. */
  note: string;
}

const effects = z.registry<InputEffect>();

/**
 * Marks an input, and every input below it, as one that the sandbox acts on.
 * @param note What the value changes.
 */
export function enforced<Schema extends z.ZodType>(schema: Schema, note: string): Schema {
  return mark(schema, { kind: "enforced", note });
}

/**
 * Marks an input, and every input below it, as one of which the sandbox refuses some values.
 * @param note Which values it refuses.
 */
export function restricted<Schema extends z.ZodType>(schema: Schema, note: string): Schema {
  return mark(schema, { kind: "restricted", note });
}

/**
 * Marks an input, and every input below it, as one that changes nothing in the sandbox.
 * @param note Why that is acceptable.
 */
export function noEffect<Schema extends z.ZodType>(schema: Schema, note: string): Schema {
  return mark(schema, { kind: "none", note });
}

/** Schemas such as `flag` are shared by many inputs, so the mark belongs to a copy. */
function mark<Schema extends z.ZodType>(schema: Schema, effect: InputEffect): Schema {
  const copy = schema.clone();
  effects.add(copy, effect);
  return copy;
}

/** An input without inputs below it, by its path in the SDK's names. */
export interface Input {
  /** For example sku.name or logs.category. A * is any key of a dictionary of objects. */
  path: string;
  /** Its own effect, or that of the nearest input above it; undefined when none is marked. */
  effect: InputEffect | undefined;
}

/** Lists the inputs of a resource type, each path once. Objects, lists of objects and dictionaries are resolved. */
export function listInputs(schema: z.ZodType): Input[] {
  const byPath = new Map<string, Input>();
  for (const input of visit(schema, "", undefined))
    if (!byPath.has(input.path)) byPath.set(input.path, input);
  return [...byPath.values()];
}

function visit(schema: z.ZodType, path: string, inherited: InputEffect | undefined): Input[] {
  const effect = effects.get(schema) ?? inherited;
  if (schema instanceof z.ZodOptional) return visit(schema.unwrap() as z.ZodType, path, effect);
  if (schema instanceof z.ZodObject) {
    return Object.entries(schema.shape).flatMap(([name, inner]) =>
      visit(inner as z.ZodType, path === "" ? name : `${path}.${name}`, effect),
    );
  }
  if (schema instanceof z.ZodArray) return visit(schema.element as z.ZodType, path, effect);
  if (schema instanceof z.ZodUnion) {
    return schema.options.flatMap((option) => visit(option as z.ZodType, path, effect));
  }
  if (schema instanceof z.ZodRecord && schema.valueType instanceof z.ZodObject) {
    return visit(schema.valueType, `${path}.*`, effect);
  }
  return [{ path, effect }];
}
