import { allowedTypes } from "../../allowlists/resource-types.ts";
import type { ResourceRule } from "../../azure/engine/rule.ts";
import { pulumiDocs } from "../../azure/engine/sources.ts";
import { leafValues, type Properties, unknownValue, type Value, valueAt } from "../../azure/engine/value.ts";

export const resourcePropertyAllowlist: ResourceRule = {
  id: "resource-property-allowlist",
  severity: "high",
  description: "The program sets only properties that are in policies/allowlists/properties.ts.",
  reason:
    "A property that no rule checks can open an access path, send data elsewhere or name another owner.",
  remedy: "Remove the property, or add it to policies/allowlists/properties.ts with the rule that it needs.",
  sources: [pulumiDocs("Policy as code", "insights/policy")],
  check: ({ type, properties }) => {
    const allowed = allowedTypes[type]?.properties;
    if (!allowed) return [];
    return findUnlistedProperties(properties, allowed).map(
      (path) => `${path} is not in the allowlist policies/allowlists/properties.ts.`,
    );
  },
};

/** Paths of the properties that are set and not allowed, each path once. */
function findUnlistedProperties(properties: Properties, allowed: string[]): string[] {
  const isUnlisted = (path: string) =>
    !isProviderNote(path) && !allowed.some((each) => isInside(path, each) || isInside(each, path));
  const unlisted = leafValues(properties)
    .filter(([path]) => isUnlisted(withoutIndexes(path)))
    .filter(([path, value]) => isSet(value === unknownValue ? valueAt(properties, path) : value))
    .map(([path]) => withoutIndexes(path));
  return [...new Set(unlisted)];
}

/** A path without the positions in lists. */
const withoutIndexes = (path: string) => path.replaceAll(/\.\d+(?=\.|$)/g, "");

/** Providers add azureApiVersion, the version of Azure's API, and names that begin with two underscores. */
const isProviderNote = (path: string) =>
  path.split(".").some((name) => name.startsWith("__") || name === "azureApiVersion");

/** Values that are off or empty change nothing. The update checks a value that a preview does not know. */
const isSet = (value: Value) =>
  value !== unknownValue && value !== "" && value !== false && value !== null && value !== undefined;

const isInside = (path: string, outer: string) => path === outer || path.startsWith(`${outer}.`);
