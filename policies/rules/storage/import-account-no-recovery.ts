import { allOf, isOff, requireProperty } from "../../azure/engine/checks.ts";
import { accountsHolding } from "../../azure/engine/resource-queries.ts";
import type { Check, StackRule } from "../../azure/engine/rule.ts";
import { microsoftLearn } from "../../azure/engine/sources.ts";
import { requireSasPeriod } from "../../azure/rules/storage/sas-period.ts";
import { checkBlobServices } from "./blob-service-checks.ts";
import { findLateDeletion } from "./lifecycle.ts";

/** An import job needs its input for minutes. One day is the shortest period that lifecycle rules know. */
const importLifetimeDays = 1;

const keepsNoCopies: Check = allOf(
  requireProperty("deleteRetentionPolicy.enabled", "false or absent", isOff),
  requireProperty("containerDeleteRetentionPolicy.enabled", "false or absent", isOff),
  requireProperty("isVersioningEnabled", "false or absent", isOff),
  requireProperty("changeFeed.enabled", "false or absent", isOff),
  requireProperty("restorePolicy.enabled", "false or absent", isOff),
);

const hasNoReplicaAndShortLinks: Check = allOf(
  requireSasPeriod(importLifetimeDays),
  requireProperty(
    "sku.name",
    "without a replica in another region",
    (sku) => !/(GRS|GZRS)$/.test(String(sku)),
  ),
);

export const importAccountNoRecovery: StackRule = {
  id: "import-account-no-recovery",
  severity: "critical",
  description: "A lifecycle rule of one day deletes the inputs of import jobs, and they cannot be restored.",
  reason: "The IoT Hub's import jobs read device keys in plain text. Deleted keys must not be recoverable.",
  remedy:
    "Turn soft delete, versions, change feed, restore and geo-replication off; set a SAS policy and a lifecycle rule of one day.",
  sources: [
    microsoftLearn("Import and export device identities", "azure/iot-hub/iot-hub-bulk-identity-mgmt"),
  ],
  checkStack: (resources) => [
    ...checkBlobServices(resources, ["device-imports"], "its retention is not known", keepsNoCopies),
    ...findLateDeletion(resources, "device-imports", importLifetimeDays),
    ...accountsHolding(resources, "device-imports").flatMap((resource) =>
      hasNoReplicaAndShortLinks(resource).map((problem) => ({ resource, problem })),
    ),
  ],
};
