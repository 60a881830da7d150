import { requireValue } from "../../engine/checks.ts";
import type { ResourceRule } from "../../engine/rule.ts";
import { azurePolicy, checkov, psRule } from "../../engine/sources.ts";
import { types } from "../../engine/type-tokens.ts";

export const storageAccountHttpsOnly: ResourceRule = {
  id: "storage-account-https-only",
  severity: "critical",
  description: "A storage account refuses plain HTTP.",
  reason: "File links and personal data are readable on the way over plain HTTP.",
  remedy: "Set enableHttpsTrafficOnly to true.",
  sources: [
    psRule("AZR-000196", "Azure.Storage.SecureTransfer"),
    checkov("CKV_AZURE_3"),
    azurePolicy("404c3081-a854-4457-ae30-26a93ef643f9"),
  ],
  check: { [types.storageAccount]: requireValue("enableHttpsTrafficOnly", true) },
};
