import { flowApis } from "../../allowlists/outsiders.ts";
import { belongsToAccount, dependsOn, resourcesOfType } from "../../azure/engine/resource-queries.ts";
import type { DeclaredResource, StackRule } from "../../azure/engine/rule.ts";
import { microsoftLearn } from "../../azure/engine/sources.ts";
import { stackOf } from "../../azure/engine/stack-name.ts";
import { hasValueOf } from "../../azure/engine/stack-values.ts";
import { shortName, types } from "../../azure/engine/type-tokens.ts";
import { unknownValue, valueAt } from "../../azure/engine/value.ts";
import { compareFlowPolicy } from "./flow-policy-comparison.ts";

export const apiManagementApiPolicyRequired: StackRule = {
  id: "api-management-api-policy-required",
  severity: "critical",
  description:
    "Each API has one policy, which uses the stack's own key table and backend, and the listed audience.",
  reason: "An API without its policy does not check Flow keys, and another table would accept other keys.",
  remedy: "Declare one ApiPolicy for each API, with the stack's own table and backend.",
  sources: [
    microsoftLearn("Policies in API Management", "azure/api-management/api-management-howto-policies"),
  ],
  checkStack: (resources) =>
    resourcesOfType(resources, types.api).flatMap((api) => {
      const policies = resourcesOfType(resources, types.apiPolicy).filter((policy) =>
        hasValueOf(policy, "apiId", [api], ({ properties }) => valueAt(properties, "apiId")),
      );
      const [policy] = policies;
      if (!policy || policies.length > 1) {
        return [{ resource: api, problem: `the API has ${policies.length} policies; it must have one.` }];
      }
      return describeOtherTargets(resources, policy).map((problem) => ({ resource: policy, problem }));
    }),
};

/** Describes the table and the backend of a policy that do not belong to the stack. */
function describeOtherTargets(resources: DeclaredResource[], policy: DeclaredResource): string[] {
  const value = valueAt(policy.properties, "value");
  if (value === unknownValue) {
    // A preview knows on which resources the policy depends.
    return [types.table, types.backend]
      .filter((type) => !dependsOn(policy, "value", resourcesOfType(resources, type)))
      .map((type) => `value does not use the stack's ${shortName(type)}.`);
  }
  const { difference, values } = compareFlowPolicy(value);
  // api-management-api-policy-allowlist reports the difference.
  if (difference) return [];
  const backends = resourcesOfType(resources, types.backend).map(({ properties }) =>
    valueAt(properties, "backendId"),
  );
  const audience = flowApis[stackOf(policy.urn)]?.audience;
  return [
    ...(audience === values.audience
      ? []
      : [
          `value gets tokens for ${values.audience}; it must be ${audience ?? "one that is listed for the stack"} (policies/allowlists/outsiders.ts).`,
        ]),
    ...(tableUrls(resources).includes(values.table!)
      ? []
      : [`value looks up terminals in ${values.table}, which is not a table of the stack.`]),
    ...(backends.includes(values.backend)
      ? []
      : [`value calls the backend ${values.backend}, which is not a backend of the stack.`]),
  ];
}

function tableUrls(resources: DeclaredResource[]): string[] {
  return resourcesOfType(resources, types.table).flatMap((table) =>
    resourcesOfType(resources, types.storageAccount)
      .filter((account) => belongsToAccount(table, account))
      .map((account) => {
        const accountName = String(valueAt(account.properties, "accountName"));
        const tableName = String(valueAt(table.properties, "tableName"));
        return `https://${accountName}.table.core.windows.net/${tableName}`;
      }),
  );
}
