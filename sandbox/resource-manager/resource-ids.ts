/** A resource ID, taken apart by the path of its type. */
export interface MatchedPath {
  /** What stands in the path's braces, for example {resourceGroupName: "terminals", accountName: "files"}. */
  names: Record<string, string>;
}

/**
 * Compares an ID with a path such as /subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}, without
 * regard to case. A name in braces takes one segment; {scope} and {resourceUri} take any number.
 */
export function matchPath(path: string, id: string): MatchedPath | undefined {
  const keys: string[] = [];
  const pattern = path
    .split("/")
    .map((segment) => {
      const key = /^\{(\w+)\}$/.exec(segment)?.[1];
      if (!key) return RegExp.escape(segment);
      keys.push(key);
      return isScope(key) ? "(.+?)" : "([^/]+)";
    })
    .join("/");
  const match = new RegExp(`^${pattern}$`, "i").exec(id);
  if (!match) return undefined;
  return { names: Object.fromEntries(keys.map((key, index) => [key, match[index + 1] as string])) };
}

/** Fills a path's braces. Scopes are given with or without the slash before them. */
export function fillPath(path: string, names: Record<string, string>): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, key: string) => {
    const value = names[key];
    if (value === undefined) throw new Error(`The path ${path} needs ${key}.`);
    return isScope(key) ? value.replace(/^\/|\/$/g, "") : value;
  });
}

/** The names in a path's braces, in order. */
export function pathKeys(path: string): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] as string);
}

/** The ID of the resource group that an ID lies in; undefined for what lies in none. */
export function resourceGroupId(id: string): string | undefined {
  return /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+/i.exec(id)?.[0];
}

/** "Microsoft.Storage/storageAccounts/name" or deeper, as Azure names a resource in its messages. */
export function displayPath(id: string): string {
  return id.slice(id.lastIndexOf("/providers/") + "/providers/".length);
}

function isScope(key: string): boolean {
  return key === "scope" || key === "resourceUri";
}
