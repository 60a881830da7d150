import { resolveAlias } from "../aliases.ts";

/** A resource as Azure Policy sees it: the body of the request, and what follows from its ID. */
export interface PolicyResource {
  id: string;
  type: string;
  /** Its own name. */
  name: string;
  /** The names of its parents and its own, with a slash between them. */
  fullName: string;
  location?: string;
  kind?: string;
  tags?: Record<string, string>;
  identity?: Record<string, unknown>;
  sku?: Record<string, unknown>;
  zones?: string[];
  properties: Record<string, unknown>;
}

/** What a field selects: one value, or the collection of values below an array. */
export interface Selection {
  values: unknown[];
  isCollection: boolean;
}

/**
 * Selects the values of a field. A missing property is null, and a missing array an empty collection.
 * Source: "Author policies for array properties", section Referencing array resource properties
 * (governance/policy/how-to/author-policies-for-arrays).
 * @throws NotSupportedError for an alias that is not in the table of aliases.
 */
export function selectField(resource: PolicyResource, field: string): Selection {
  return selectPath(resource, fieldPath(resource, field));
}

/** The path of a field in the resource, in parts. The part [*] stands for each member of an array. */
export function fieldPath(resource: PolicyResource, field: string): string[] {
  const tag = /^tags(?:\.(.+)|\['?(.+?)'?\])$/i.exec(field);
  if (tag) return ["tags", tag[1] ?? tag[2]!];
  const lower = field.toLowerCase();
  if (lower === "identity.type") return ["identity", "type"];
  if (lower === "fullname") return ["fullName"];
  if (["id", "type", "name", "location", "kind", "tags"].includes(lower)) return [lower];
  return resolveAlias(field, resource.type);
}

/** Selects the values at a path. Names are not case-sensitive. */
export function selectPath(root: unknown, path: string[]): Selection {
  let selection: Selection = { values: [root], isCollection: false };
  for (const part of path) {
    selection =
      part === "[*]"
        ? {
            values: selection.values.flatMap((each) => (Array.isArray(each) ? each : [])),
            isCollection: true,
          }
        : { ...selection, values: selection.values.map((each) => readKey(each, part)) };
  }
  return selection;
}

/**
 * The resource once for each member of an array, each time as if that member were the only one.
 * Source: "Author policies for array properties", section Count expressions.
 */
export function enumerateMembers<T>(root: T, path: string[]): T[] {
  const [part, ...rest] = path;
  if (part === undefined) return [root];
  if (part === "[*]") {
    return (Array.isArray(root) ? root : []).flatMap((member) =>
      enumerateMembers(member, rest).map((each) => [each] as T),
    );
  }
  const key = findKey(root, part);
  if (key === undefined) return [];
  return enumerateMembers((root as Record<string, unknown>)[key], rest).map((each) => ({
    ...root,
    [key]: each,
  }));
}

function readKey(value: unknown, name: string): unknown {
  const key = findKey(value, name);
  return key === undefined ? null : ((value as Record<string, unknown>)[key] ?? null);
}

function findKey(value: unknown, name: string): string | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return Object.keys(value).find((key) => key.toLowerCase() === name.toLowerCase());
}
