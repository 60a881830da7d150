import type { Change } from "../changes.ts";
import type { EngineResource } from "../pack.ts";

/** What a mutation does to the declared program. */
export type MutationKind =
  | "removed"
  | "weakened"
  | "swapped"
  | "extended"
  | "option"
  | "dropped"
  | "doubled"
  | "moved"
  | "renamed"
  | "granted"
  | "output";

/** One wrong change of the declared program, made by a generator. */
export interface Mutation {
  kind: MutationKind;
  /** Type token and name of the resource that is changed. */
  type: string;
  resource: string;
  /** The property, the option or the output that is changed; empty for the resource as a whole. */
  path: string;
  /** What it becomes, in words. */
  becomes: string;
  change: Change;
  /** The changed copy of the resource; undefined when the resource is dropped. */
  changed?: EngineResource;
}

/** The words by which lists and messages name a mutation. */
export const nameOf = ({ kind, resource, path, becomes }: Mutation): string =>
  [`${resource}${path === "" ? "" : `.${path}`}`, kind, becomes].filter(Boolean).join(" ");

/** Replaces one resource of the fleet by a changed copy. The other resources stay the same objects. */
export function mutate(
  original: EngineResource,
  words: Pick<Mutation, "kind" | "path" | "becomes">,
  edit: (copy: EngineResource) => void,
): Mutation {
  const changed = structuredClone(original);
  edit(changed);
  return {
    ...words,
    type: original.type,
    resource: original.name,
    changed,
    change: (resources) => resources.map((each) => (each === original ? changed : each)),
  };
}

/** Sets the value at a path; undefined removes it. An item of a list is removed with its place. */
export function setAt(target: Record<string, unknown>, path: string, value: unknown): void {
  const steps = path.split(/(?<!\\)\./).map((step) => step.replaceAll("\\.", "."));
  const last = steps.pop()!;
  const parent = steps.reduce<unknown>((inner, step) => (inner as Record<string, unknown>)[step], target);
  if (Array.isArray(parent) && value === undefined) parent.splice(Number(last), 1);
  else if (value === undefined) delete (parent as Record<string, unknown>)[last];
  else (parent as Record<string, unknown>)[last] = value;
}

/** Every value of a resource with its path: lists and maps, and the values in them. A dot of a name has a backslash. */
export function* valuesOf(value: unknown, path = ""): Generator<[path: string, value: unknown]> {
  if (path !== "") yield [path, value];
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    const name = key.replaceAll(".", "\\.");
    yield* valuesOf(inner, path === "" ? name : `${path}.${name}`);
  }
}
