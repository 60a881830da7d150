import { requireValue } from "../../engine/checks.ts";
import type { ResourceRule } from "../../engine/rule.ts";
import { azurePolicy, checkov, psRule } from "../../engine/sources.ts";
import { types } from "../../engine/type-tokens.ts";

export const storageAccountMinimumTls: ResourceRule = {
  id: "storage-account-minimum-tls",
  severity: "high",
  description: "A storage account accepts TLS 1.2 or newer only.",
  reason: "Customers are promised TLS 1.2 or newer, and older versions are broken.",
  remedy: 'Set minimumTlsVersion to "TLS1_2".',
  sources: [
    psRule("AZR-000200", "Azure.Storage.MinTLS"),
    checkov("CKV_AZURE_44"),
    azurePolicy("fe83a0eb-a853-422d-aac2-1bffd182c5d0"),
  ],
  check: { [types.storageAccount]: requireValue("minimumTlsVersion", "TLS1_2") },
};
