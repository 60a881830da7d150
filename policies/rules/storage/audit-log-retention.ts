import {
  accountsHolding,
  auditContainers,
  enabledLifecycleRules,
  resourcesInAccount,
  resourcesOfType,
} from "../../azure/engine/resource-queries.ts";
import type { DeclaredResource, StackRule } from "../../azure/engine/rule.ts";
import { microsoftLearn } from "../../azure/engine/sources.ts";
import { types } from "../../azure/engine/type-tokens.ts";
import { formatValue, isEmpty, unknownValue, valueAt } from "../../azure/engine/value.ts";

/** A month's records are in one blob. Days since its creation would delete the last records too early. */
const allowedCondition = "daysAfterModificationGreaterThan";

export const auditLogRetention: StackRule = {
  id: "audit-log-retention",
  severity: "high",
  description: "The stack has an audit container, and no lifecycle rule deletes records before their time.",
  reason: "The audit log must show who changed what, and why, for as long as promised.",
  remedy: "Declare the component AuditLog (components/audit-log.ts).",
  sources: [
    microsoftLearn(
      "Container-level WORM policies",
      "azure/storage/blobs/immutable-container-level-worm-policies",
    ),
  ],
  checkStack: (resources) => {
    if (auditContainers(resources).length === 0) {
      const problem = "the stack has no container with an immutability policy, so it has no audit log.";
      return resourcesOfType(resources, types.iotHub).map((resource) => ({ resource, problem }));
    }
    return accountsHolding(resources, "audit").flatMap((account) =>
      describeEarlyDeletion(resources, account).map((problem) => ({ resource: account, problem })),
    );
  },
};

function describeEarlyDeletion(resources: DeclaredResource[], account: DeclaredResource): string[] {
  const periods = resourcesInAccount(resources, account, types.immutabilityPolicy)
    .map(({ properties }) => valueAt(properties, "immutabilityPeriodSinceCreationInDays"))
    .filter((days) => typeof days === "number");
  const keptDays = Math.max(0, ...periods);
  return enabledLifecycleRules(resources, account)
    .map((rule) => valueAt(rule, "definition.actions.baseBlob.delete"))
    .filter((conditions) => !isEmpty(conditions) && conditions !== unknownValue)
    .map((conditions) => valueAt(conditions, allowedCondition))
    .filter((days) => days !== unknownValue && !(typeof days === "number" && days >= keptDays))
    .map(
      (days) =>
        `${allowedCondition} of a lifecycle rule is ${formatValue(days)}; it must be ${keptDays} or more.`,
    );
}
