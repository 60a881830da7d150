import { requireValue } from "../../engine/checks.ts";
import type { ResourceRule } from "../../engine/rule.ts";
import { azurePolicy, checkov, psRule } from "../../engine/sources.ts";
import { types } from "../../engine/type-tokens.ts";

export const storageAccountNoPublicAccess: ResourceRule = {
  id: "storage-account-no-public-access",
  severity: "critical",
  description: "A storage account allows no anonymous access to blobs.",
  reason: "Files hold employees' data. Anonymous access shows them to everyone.",
  remedy: "Set allowBlobPublicAccess to false.",
  sources: [
    psRule("AZR-000198", "Azure.Storage.BlobPublicAccess"),
    checkov("CKV_AZURE_190"),
    checkov("CKV2_AZURE_47"),
    azurePolicy("4fa4b6c0-31ca-4c0d-b10d-24b96f62a751"),
  ],
  check: { [types.storageAccount]: requireValue("allowBlobPublicAccess", false) },
};
