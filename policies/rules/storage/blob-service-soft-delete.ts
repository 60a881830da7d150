import { allOf, isBetween, isOff, requireProperty, requireValue } from "../../azure/engine/checks.ts";
import type { Check, StackRule } from "../../azure/engine/rule.ts";
import { checkov, psRule } from "../../azure/engine/sources.ts";
import { checkBlobServices } from "./blob-service-checks.ts";

const hasSoftDelete: Check = allOf(
  requireValue("deleteRetentionPolicy.enabled", true),
  requireProperty("deleteRetentionPolicy.days", "1 to 30", isBetween(1, 30)),
  requireValue("containerDeleteRetentionPolicy.enabled", true),
  requireProperty("containerDeleteRetentionPolicy.days", "1 to 30", isBetween(1, 30)),
  requireProperty("isVersioningEnabled", "false or absent", isOff),
);

export const blobServiceSoftDelete: StackRule = {
  id: "blob-service-soft-delete",
  severity: "medium",
  description: "Deleted files and audit records can be restored for 1 to 30 days, and not afterwards.",
  reason:
    "A file or record that is deleted by mistake can be restored, and deleted personal data does not stay.",
  remedy:
    "Enable both retention policies of BlobServiceProperties for 1 to 30 days, and versioning for neither.",
  sources: [
    psRule("AZR-000197", "Azure.Storage.SoftDelete"),
    psRule("AZR-000289", "Azure.Storage.ContainerSoftDelete"),
    checkov("CKV2_AZURE_38"),
  ],
  checkStack: (resources) =>
    checkBlobServices(resources, ["files", "audit"], "soft delete is off", hasSoftDelete),
};
