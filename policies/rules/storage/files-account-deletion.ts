import { accountsHolding, enabledLifecycleRules } from "../../azure/engine/resource-queries.ts";
import type { DeclaredResource, StackRule, Violation } from "../../azure/engine/rule.ts";
import { microsoftLearn } from "../../azure/engine/sources.ts";
import { daysUntilDeleted, findLateDeletion } from "./lifecycle.ts";

/** Days after which a file is deleted. File links are valid for the same time. */
const fileLifetimeDays = 30;

export const filesAccountDeletion: StackRule = {
  id: "files-account-deletion",
  severity: "high",
  description:
    "Files of every kind, with their snapshots, are due for deletion after 30 days, and none is sooner.",
  reason:
    "Files are personal data. Customers are promised that they are kept for 30 days, and deleted by the next run of the rule.",
  remedy:
    "Add a ManagementPolicy with enabled rules that delete every blob 30 days after its modification, on no other condition.",
  sources: [
    microsoftLearn(
      "Lifecycle management policy structure",
      "azure/storage/blobs/lifecycle-management-policy-structure",
    ),
  ],
  checkStack: (resources) => [
    ...findLateDeletion(resources, "files", fileLifetimeDays),
    ...findEarlyDeletion(resources),
  ],
};

function findEarlyDeletion(resources: DeclaredResource[]): Violation[] {
  return accountsHolding(resources, "files").flatMap((resource) =>
    enabledLifecycleRules(resources, resource)
      .map((rule) => daysUntilDeleted(rule, "baseBlob"))
      .filter((days) => days < fileLifetimeDays)
      .map((days) => ({
        resource,
        problem: `a lifecycle rule deletes files after ${days} days; their links are valid for ${fileLifetimeDays} days.`,
      })),
  );
}
