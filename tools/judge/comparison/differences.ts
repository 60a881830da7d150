import type { ResourceChange } from "../report/report.ts";

/** The key by which Pulumi marks an encrypted value or an asset in a state. */
const signature = "4dabf18193072939515e22adb298388d";

/** What the engine writes for a value that a preview does not know. Source: sdk/go/common/resource/plugin/rpc.go. */
const unknownText = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Values of a resource by path, such as sku.name or rules.0.enabled. Secrets are masked. */
export type Leaves = Map<string, string | number | boolean | null>;

/** Every value in a resource's properties that is neither a list nor a map. */
export function leavesOf(value: unknown, path = "", leaves: Leaves = new Map()): Leaves {
  if (typeof value === "object" && value !== null) {
    if (signature in value) return leaves.set(path, "[secret]");
    for (const [name, inner] of Object.entries(value)) {
      // Notes of providers and of the engine.
      if (name.startsWith("__")) continue;
      leavesOf(inner, path === "" ? name : `${path}.${name}`, leaves);
    }
    return leaves;
  }
  return value === undefined ? leaves : leaves.set(path, value as string | number | boolean | null);
}

/** The paths at which two resources differ, with their values as JSON; null for an absent value. */
export function differencesOf(before: Leaves, after: Leaves): ResourceChange["differences"] {
  const paths = new Set([...before.keys(), ...after.keys()]);
  const text = (leaves: Leaves, path: string) => (leaves.has(path) ? JSON.stringify(leaves.get(path)) : null);
  return [...paths]
    .map((path) => ({ path, before: text(before, path), after: text(after, path) }))
    .filter(({ before, after: value }) => before !== value && value !== JSON.stringify(unknownText));
}
