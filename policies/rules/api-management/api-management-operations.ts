import { flowOperations as operations } from "../../allowlists/flow-operations.ts";
import { findStack, resourcesOfType } from "../../azure/engine/resource-queries.ts";
import type { DeclaredResource, StackRule, Violation } from "../../azure/engine/rule.ts";
import { microsoftLearn } from "../../azure/engine/sources.ts";
import { types } from "../../azure/engine/type-tokens.ts";
import { formatValue, valueAt } from "../../azure/engine/value.ts";

export const apiManagementOperations: StackRule = {
  id: "api-management-operations",
  severity: "high",
  description:
    "The API has the operations of policies/allowlists/flow-operations.ts, each once, and no other.",
  reason:
    "Another operation opens another part of the Flow API, and a missing one refuses terminals' lookups.",
  remedy:
    "Declare the component FlowIngress as it is; to change the operations, change policies/allowlists/flow-operations.ts too.",
  sources: [microsoftLearn("Add an API manually", "azure/api-management/add-api-manually")],
  checkStack: (resources) => {
    const declared = resourcesOfType(resources, types.apiOperation);
    return [
      ...findUnlisted(declared),
      ...findMissing(resources, declared),
      ...declared.filter(hasOtherParameters).map((resource) => ({
        resource,
        problem: "templateParameters are not those of urlTemplate, each a required string.",
      })),
    ];
  },
};

const isOperation = (
  { properties }: DeclaredResource,
  { method, urlTemplate }: (typeof operations)[number],
) => valueAt(properties, "method") === method && valueAt(properties, "urlTemplate") === urlTemplate;

/** Whether an operation declares other parameters than its path has in braces. */
function hasOtherParameters({ properties }: DeclaredResource): boolean {
  const names = [...String(valueAt(properties, "urlTemplate")).matchAll(/\{(\w+)\}/g)].map(
    ([, name]) => name,
  );
  const declared = valueAt(properties, "templateParameters") ?? [];
  return (
    !Array.isArray(declared) ||
    declared.length !== names.length ||
    declared.some((each, index) => {
      const { name, type, required } = (each ?? {}) as Record<string, unknown>;
      return name !== names[index] || type !== "string" || required !== true;
    })
  );
}

function findUnlisted(declared: DeclaredResource[]): Violation[] {
  const first = operations.map((operation) => declared.find((each) => isOperation(each, operation)));
  return declared
    .filter((operation) => !first.includes(operation))
    .map((resource) => {
      const [method, path] = ["method", "urlTemplate"].map((name) =>
        formatValue(valueAt(resource.properties, name)),
      );
      return {
        resource,
        problem: `the operation ${method} ${path} is not one of the API, or is there twice.`,
      };
    });
}

const findMissing = (resources: DeclaredResource[], declared: DeclaredResource[]): Violation[] =>
  operations
    .filter((operation) => !declared.some((each) => isOperation(each, operation)))
    .map(({ method, urlTemplate }) => ({
      resource: resourcesOfType(resources, types.api)[0] ?? findStack(resources),
      problem: `the API has no operation ${method} ${urlTemplate}.`,
    }));
