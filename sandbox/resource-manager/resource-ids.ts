/** The names in a resource ID, for example {resourceGroupName: "terminals", accountName: "files"}. */
export interface MatchedPath {
  names: Record<string, string>;
}

interface PathPattern {
  expression: RegExp;
  keys: string[];
}

/** Each request compares its ID with the paths of all resource types, so their patterns are compiled once. */
const patterns = new Map<string, PathPattern>();

/**
 * Compares an ID with a path such as /subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}. The case does
 * not matter. A name in braces matches one segment; {scope} and {resourceUri} match any number of segments.
 * @returns Undefined when the ID does not match.
 */
export function matchPath(path: string, id: string): MatchedPath | undefined {
  const { expression, keys } = patternOf(path);
  const match = expression.exec(id);
  if (!match) return undefined;
  return { names: Object.fromEntries(keys.map((key, index) => [key, match[index + 1] as string])) };
}

function patternOf(path: string): PathPattern {
  const known = patterns.get(path);
  if (known) return known;
  const keys: string[] = [];
  const source = path
    .split("/")
    .map((segment) => {
      const key = /^\{(\w+)\}$/.exec(segment)?.[1];
      if (!key) return RegExp.escape(segment);
      keys.push(key);
      return isScope(key) ? "(.+?)" : "([^/]+)";
    })
    .join("/");
  const pattern = { expression: new RegExp(`^${source}$`, "i"), keys };
  patterns.set(path, pattern);
  return pattern;
}

/** Replaces the names in a path's braces. A scope can start with a slash or not. */
export function fillPath(path: string, names: Record<string, string>): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, key: string) => {
    const value = names[key];
    if (value === undefined) throw new Error(`The path ${path} needs ${key}.`);
    return isScope(key) ? value.replace(/^\/|\/$/g, "") : value;
  });
}

/** The names in a path's braces, in order. */
export function pathKeys(path: string): string[] {
  return patternOf(path).keys;
}

/** The ID of the resource group in a resource ID; undefined when the ID has none. */
export function resourceGroupId(id: string): string | undefined {
  return /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+/i.exec(id)?.[0];
}

/** A resource as Azure's messages name it: Microsoft.Storage/storageAccounts/name, or the whole ID of a group. */
export function displayPath(id: string): string {
  const provider = id.lastIndexOf("/providers/");
  return provider < 0 ? id : id.slice(provider + "/providers/".length);
}

function isScope(key: string): boolean {
  return key === "scope" || key === "resourceUri";
}
