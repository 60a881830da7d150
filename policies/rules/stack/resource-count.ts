import { countsByType, onePerAccount } from "../../allowlists/resource-counts.ts";
import { findStack, resourcesInAccount, resourcesOfType } from "../../azure/engine/resource-queries.ts";
import type { DeclaredResource, StackRule, Violation } from "../../azure/engine/rule.ts";
import { pulumiDocs } from "../../azure/engine/sources.ts";
import { shortName, types } from "../../azure/engine/type-tokens.ts";

export const resourceCount: StackRule = {
  id: "resource-count",
  severity: "high",
  description: "The stack has as many resources of a type as policies/allowlists/resource-counts.ts says.",
  reason:
    "A second hub, group or lifecycle rule is outside the other rules' view or overwrites the first, and a missing one is lost.",
  remedy:
    "Declare what is missing, remove what is too much, or change policies/allowlists/resource-counts.ts.",
  sources: [pulumiDocs("Policy as code", "insights/policy")],
  checkStack: (resources) => [...findWrongCounts(resources), ...findSecondInAccount(resources)],
};

function findWrongCounts(resources: DeclaredResource[]): Violation[] {
  return Object.entries(countsByType).flatMap(([type, wanted]) => {
    const found = resourcesOfType(resources, type);
    if (found.length === wanted) return [];
    const names = found.length > 0 ? ` (${found.map(({ name }) => name).join(", ")})` : "";
    const problem = `the stack has ${found.length} ${shortName(type)}${names}; it must have ${wanted}.`;
    return [{ resource: found.length > wanted ? found.at(-1) : findStack(resources), problem }];
  });
}

function findSecondInAccount(resources: DeclaredResource[]): Violation[] {
  return resourcesOfType(resources, types.storageAccount).flatMap((account) =>
    onePerAccount.flatMap((type) =>
      resourcesInAccount(resources, account, type)
        .slice(1)
        .map((resource) => ({
          resource,
          problem: `it is a second ${shortName(type)} of ${account.name}, which overwrites the first.`,
        })),
    ),
  );
}
