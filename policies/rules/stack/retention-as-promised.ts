import { type Retention, retentionOf } from "../../allowlists/retention.ts";
import { isBetween, requireProperty } from "../../azure/engine/checks.ts";
import type { Check, ResourceRule } from "../../azure/engine/rule.ts";
import { microsoftLearn } from "../../azure/engine/sources.ts";
import { stackOf } from "../../azure/engine/stack-name.ts";
import { types } from "../../azure/engine/type-tokens.ts";
import { valueAt } from "../../azure/engine/value.ts";

/** Checks that a period is as long as promised to the customers of the stack. */
const requirePeriod =
  (path: string, promise: keyof Retention): Check =>
  (resource) => {
    const days = retentionOf(stackOf(resource.urn))[promise];
    return requireProperty(path, `${days} or more`, isBetween(days, Number.POSITIVE_INFINITY))(resource);
  };

/** The account of the import jobs recovers nothing: import-account-no-recovery. */
const requireRecovery =
  (policy: string): Check =>
  (resource) =>
    valueAt(resource.properties, `${policy}.enabled`) === true
      ? requirePeriod(`${policy}.days`, "recovery")(resource)
      : [];

const recoversAsPromised: Check = (resource) => [
  ...requireRecovery("deleteRetentionPolicy")(resource),
  ...requireRecovery("containerDeleteRetentionPolicy")(resource),
];

export const retentionAsPromised: ResourceRule = {
  id: "retention-as-promised",
  severity: "high",
  description:
    "Audit records, logs and deleted files are kept for as long as policies/allowlists/retention.ts promises.",
  reason: "Azure deletes what is older, and nobody can restore it.",
  remedy: "Set auditRetentionDays, logRetentionDays and fileRecoveryDays to the promised days or more.",
  sources: [
    microsoftLearn(
      "Container-level WORM policies",
      "azure/storage/blobs/immutable-container-level-worm-policies",
    ),
    microsoftLearn(
      "Data retention in Azure Monitor Logs",
      "azure/azure-monitor/logs/data-retention-configure",
    ),
  ],
  check: {
    [types.immutabilityPolicy]: requirePeriod("immutabilityPeriodSinceCreationInDays", "audit"),
    [types.workspace]: requirePeriod("retentionInDays", "logs"),
    [types.blobService]: recoversAsPromised,
  },
};
