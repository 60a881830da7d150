import { findStack } from "../../engine/resource-queries.ts";
import type { DeclaredResource, StackRule } from "../../engine/rule.ts";
import { microsoftLearn } from "../../engine/sources.ts";
import { leafValues, valueAt } from "../../engine/value.ts";

const subscriptionInId = /\/subscriptions\/([0-9a-f-]{36})(?![0-9a-f-])/gi;

export const resourceSubscription: StackRule = {
  id: "resource-subscription",
  severity: "critical",
  description: "Every resource ID and every provider belongs to the stack's own subscription.",
  reason: "Logs, roles and data in another subscription have other owners, and no rule sees them.",
  remedy: "Use the IDs of the stack's own resources, and its own provider.",
  sources: [
    microsoftLearn(
      "Organize your Azure resources",
      "azure/cloud-adoption-framework/ready/azure-setup-guide/organize-resources",
    ),
  ],
  checkStack: (resources) => {
    const own = ownSubscription(resources);
    if (own === undefined) return [];
    return resources.flatMap((resource) => {
      const others = [...new Set(subscriptionsIn(resource))].filter(([, id]) => id !== own);
      return others.map(([path, id]) => ({
        resource,
        problem: `${path} is in the subscription ${id}; it must be ${own}.`,
      }));
    });
  },
};

/** What the stack says it is in; where it does not say so, what its first resource group is in. */
function ownSubscription(resources: DeclaredResource[]): string | undefined {
  const declared = valueAt(findStack(resources)?.properties, "subscriptionId");
  if (typeof declared === "string") return declared.toLowerCase();
  for (const resource of resources) {
    const [first] = subscriptionsIn(resource);
    if (first) return first[1];
  }
  return undefined;
}

function subscriptionsIn({ properties, provider }: DeclaredResource): [path: string, id: string][] {
  const ofProvider = valueAt(provider?.properties, "subscriptionId");
  const inValues = leafValues(properties).flatMap(([path, value]) =>
    typeof value === "string" && value.includes("/subscriptions/")
      ? [...value.matchAll(subscriptionInId)].map(([, id]): [string, string] => [path, id!.toLowerCase()])
      : [],
  );
  return typeof ofProvider === "string"
    ? [["its provider", ofProvider.toLowerCase()], ...inValues]
    : inValues;
}
