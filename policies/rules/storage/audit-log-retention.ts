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
import { formatValue, isEmpty, listItems, unknownValue, valueAt } from "../../azure/engine/value.ts";

/** A month's records are in one blob. Days since its creation would delete the last records too early. */
const allowedCondition = "daysAfterModificationGreaterThan";

export const auditLogRetention: StackRule = {
  id: "audit-log-retention",
  severity: "high",
  description:
    "The stack has an audit container, and one lifecycle rule deletes its records when their time is over, not sooner.",
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
      describeOtherDeletion(resources, account).map((problem) => ({ resource: account, problem })),
    );
  },
};

/** Describes how the lifecycle rules differ from the only one that there may be. */
function describeOtherDeletion(resources: DeclaredResource[], account: DeclaredResource): string[] {
  const periods = resourcesInAccount(resources, account, types.immutabilityPolicy)
    .map(({ properties }) => valueAt(properties, "immutabilityPeriodSinceCreationInDays"))
    .filter((days) => typeof days === "number");
  const keptDays = Math.max(0, ...periods);
  const rules = enabledLifecycleRules(resources, account);
  if (rules.length !== 1) {
    return [
      `${rules.length} enabled lifecycle rules delete records; one must, ${keptDays} days after the last record.`,
    ];
  }
  const [rule] = rules;
  const conditions = valueAt(rule, "definition.actions.baseBlob.delete");
  const days = valueAt(conditions, allowedCondition);
  const filters = valueAt(rule, "definition.filters");
  const blobTypes = listItems(valueAt(filters, "blobTypes"));
  const isForAll =
    blobTypes.length === 1 &&
    blobTypes[0] === "appendBlob" &&
    isEmpty(valueAt(filters, "prefixMatch")) &&
    isEmpty(valueAt(filters, "blobIndexMatch"));
  return [
    ...(conditions === unknownValue || days === unknownValue || days === keptDays
      ? []
      : [
          `${allowedCondition} of the lifecycle rule is ${formatValue(days)}; it must be ${keptDays}, as long as records cannot be changed.`,
        ]),
    ...(isForAll || valueAt(filters, "blobTypes") === unknownValue
      ? []
      : ["the lifecycle rule is for some blobs only; it must be for every append blob."]),
  ];
}
