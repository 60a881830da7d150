import { dependsOn } from "./resource-queries.ts";
import type { DeclaredResource } from "./rule.ts";
import { unknownValue, type Value, valueAt } from "./value.ts";

/**
 * Whether a property has a value that one of these resources gives. Known values are compared, wherever they come from:
 * `apply` can return anything. Only what a preview does not know is judged by its dependencies.
 * @param givenValue The value that a resource gives; not a text where it is not known.
 */
export function hasValueOf(
  resource: DeclaredResource,
  property: string,
  candidates: DeclaredResource[],
  givenValue: (candidate: DeclaredResource) => Value,
): boolean {
  const value = valueAt(resource.properties, property);
  if (value === undefined || value === null) return false;
  return candidates.some((candidate) => {
    const given = givenValue(candidate);
    const areKnown = typeof value === "string" && typeof given === "string";
    return areKnown ? areSameText(value, given) : dependsOn(resource, property, [candidate]);
  });
}

/** Azure ignores the case of IDs and of most names. */
export const areSameText = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/**
 * Whether a property is the resource ID of one of these resources. The subscription is not compared here:
 * resource-subscription compares it in every ID.
 * @param idPath The ID after "providers/", with {property} for a property of the resource.
 */
export const hasIdOf = (
  resource: DeclaredResource,
  property: string,
  candidates: DeclaredResource[],
  idPath: string,
): boolean => {
  const value = valueAt(resource.properties, property);
  if (typeof value !== "string") return value !== undefined && dependsOn(resource, property, candidates);
  return candidates.some((candidate) => isIdOf(candidate, idPath, value));
};

/** Whether a text is the resource ID of the target, as far as the target's properties are known. */
export function isIdOf(target: DeclaredResource, idPath: string, id: string): boolean {
  const parts = partsOf(idPath);
  const actualParts = id.toLowerCase().split("/");
  return (
    parts.length === actualParts.length &&
    parts.every(({ text, property }, index) => {
      const value = property === undefined ? text : valueAt(target.properties, property);
      return (
        text === "*" ||
        value === unknownValue ||
        (typeof value === "string" && value.toLowerCase() === actualParts[index])
      );
    })
  );
}

/** A part of a resource ID: a text, * for any, or a property of the resource. */
interface IdPart {
  text: string;
  property: string | undefined;
}

const knownParts = new Map<string, IdPart[]>();

function partsOf(idPath: string): IdPart[] {
  const known = knownParts.get(idPath);
  if (known) return known;
  const parts = `/subscriptions/*/resourceGroups/{resourceGroupName}/providers/${idPath}`
    .split("/")
    .map((text) => ({ text, property: /^\{(\w+)\}$/.exec(text)?.[1] }));
  knownParts.set(idPath, parts);
  return parts;
}

/** The resource ID after "providers/" by type, with {property} for a property of the resource. */
export const idPaths = {
  iotHub: "Microsoft.Devices/IotHubs/{resourceName}",
  storageAccount: "Microsoft.Storage/storageAccounts/{accountName}",
  table: "Microsoft.Storage/storageAccounts/{accountName}/tableServices/default/tables/{tableName}",
  container:
    "Microsoft.Storage/storageAccounts/{accountName}/blobServices/default/containers/{containerName}",
  apiManagement: "Microsoft.ApiManagement/service/{serviceName}",
  api: "Microsoft.ApiManagement/service/{serviceName}/apis/{apiId}",
  workspace: "Microsoft.OperationalInsights/workspaces/{workspaceName}",
  actionGroup: "Microsoft.Insights/actionGroups/{actionGroupName}",
  insightsComponent: "Microsoft.Insights/components/{resourceName}",
  availabilityTest: "Microsoft.Insights/webtests/{webTestName}",
} as const;
