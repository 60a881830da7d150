import type { DeclaredResource, StackRule } from "../../engine/rule.ts";
import { microsoftLearn } from "../../engine/sources.ts";
import { isAzureType, types } from "../../engine/type-tokens.ts";
import { valueAt } from "../../engine/value.ts";

/** The inputs that make up the ID of a resource: those that end with Name or Id, without display names. */
const isPartOfId = (type: string, property: string) =>
  type === types.roleDefinition
    ? property === "roleDefinitionId"
    : /(Name|Id|resourceUri|scope)$|^name$/.test(property) && !otherNames.includes(property);

/** Inputs whose names end in the same way, and that are no part of the ID. */
const otherNames = [
  ...["roleName", "publisherName", "displayName", "groupShortName"],
  ...["workspaceId", "principalId", "roleDefinitionId"],
];

export const resourceUnique: StackRule = {
  id: "resource-unique",
  severity: "medium",
  description: "No two resources of the program are the same resource in Azure.",
  reason:
    "The second declaration overwrites the first, and Azure refuses a second role assignment in the middle.",
  remedy: "Remove one of the two.",
  sources: [
    microsoftLearn(
      "Naming rules for Azure resources",
      "azure/azure-resource-manager/management/resource-name-rules",
    ),
  ],
  checkStack: (resources) => {
    const first = new Map<string, DeclaredResource>();
    return resources
      .filter(({ type }) => isAzureType(type))
      .flatMap((resource) => {
        const id = identify(resource);
        if (id === undefined) return [];
        const other = first.get(id);
        if (!other) first.set(id, resource);
        return other ? [{ resource, problem: `it is the same resource in Azure as ${other.name}.` }] : [];
      });
  },
};

/** The ID of a resource, as far as its inputs tell; undefined if a part is not known. */
function identify({ type, properties }: DeclaredResource): string | undefined {
  const parts = Object.keys(properties)
    .filter((property) => isPartOfId(type, property))
    .sort()
    .map((property) => [property, valueAt(properties, property)]);
  if (parts.length === 0 || parts.some(([, value]) => typeof value !== "string")) return undefined;
  return JSON.stringify([type, parts]).toLowerCase();
}
