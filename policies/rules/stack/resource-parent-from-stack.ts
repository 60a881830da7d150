import { resourcesOfType } from "../../azure/engine/resource-queries.ts";
import type { DeclaredResource, StackRule, Violation } from "../../azure/engine/rule.ts";
import { microsoftLearn } from "../../azure/engine/sources.ts";
import { hasValueOf } from "../../azure/engine/stack-values.ts";
import { isAzureType, shortName, types } from "../../azure/engine/type-tokens.ts";
import { unknownValue, type Value, valueAt } from "../../azure/engine/value.ts";
import { normalizeRegion } from "../../azure/rules/stack/region.ts";

/** The inputs that name what a resource is in, and the type of that. */
const parents: [property: string, parentType: string][] = [
  ["resourceGroupName", types.resourceGroup],
  ["serviceName", types.apiManagement],
  ["apiId", types.api],
  ["containerName", types.blobContainer],
  ["accountName", types.storageAccount],
];

/** Where Azure keeps what has no region of its own: in the group of the West European resources. */
const regionOfGlobal = "westeurope";

export const resourceParentFromStack: StackRule = {
  id: "resource-parent-from-stack",
  severity: "high",
  description:
    "A resource is in the stack's own resource group of its region, account, container, service and API.",
  reason:
    "What is declared in another group, account or service has other owners, and a group in another region holds its metadata there.",
  remedy: "Use the names of the stack's own resources.",
  sources: [microsoftLearn("Resource groups", "azure/azure-resource-manager/management/overview")],
  checkStack: (resources) => [
    ...parents.flatMap(([property, parentType]) => findForeign(resources, property, parentType)),
    ...findOtherRegions(resources),
    ...findOtherGroups(resources),
  ],
};

const hasProperty = ({ type, properties }: DeclaredResource, property: string, parentType: string) =>
  isAzureType(type) && type !== parentType && valueAt(properties, property) !== undefined;

function findForeign(resources: DeclaredResource[], property: string, parentType: string): Violation[] {
  const candidates = resourcesOfType(resources, parentType);
  return resources
    .filter((resource) => hasProperty(resource, property, parentType))
    .filter(
      (resource) =>
        !hasValueOf(resource, property, candidates, (parent) => valueAt(parent.properties, property)),
    )
    .map((resource) => ({
      resource,
      problem: `${property} does not name a ${shortName(parentType)} of the stack.`,
    }));
}

/** Reports resources whose region is not that of their group. */
function findOtherRegions(resources: DeclaredResource[]): Violation[] {
  const regions = new Map(
    resourcesOfType(resources, types.resourceGroup)
      .map(({ properties }): [Value, string] => [
        valueAt(properties, "resourceGroupName"),
        normalizeRegion(valueAt(properties, "location")),
      ])
      .filter(([name]) => name !== unknownValue),
  );
  return resources
    .filter(({ type }) => isAzureType(type) && type !== types.resourceGroup)
    .flatMap((resource) => {
      const location = valueAt(resource.properties, "location");
      const group = regions.get(valueAt(resource.properties, "resourceGroupName"));
      if (location === undefined || location === unknownValue || group === undefined) return [];
      const region = normalizeRegion(location);
      const wanted = region === "global" ? regionOfGlobal : region;
      return group === wanted
        ? []
        : [{ resource, problem: `its resource group is in ${group}; it must be in ${wanted}.` }];
    });
}

/** Reports resources that name another resource group than the account or the service that they are in. */
function findOtherGroups(resources: DeclaredResource[]): Violation[] {
  const owners = [
    ["accountName", types.storageAccount],
    ["serviceName", types.apiManagement],
  ] as const;
  return owners.flatMap(([property, ownerType]) =>
    resources
      .filter((resource) => hasProperty(resource, property, ownerType))
      .filter((resource) => {
        const owner = resourcesOfType(resources, ownerType).find(
          ({ properties }) => valueAt(properties, property) === valueAt(resource.properties, property),
        );
        const [own, wanted] = [resource, owner].map((each) => valueAt(each?.properties, "resourceGroupName"));
        return typeof own === "string" && typeof wanted === "string" && own !== wanted;
      })
      .map((resource) => ({
        resource,
        problem: `resourceGroupName is not that of its ${shortName(ownerType)}.`,
      })),
  );
}
