import { requireValue } from "../../engine/checks.ts";
import type { ResourceRule } from "../../engine/rule.ts";
import { azurePolicy, verifiedModule } from "../../engine/sources.ts";
import { types } from "../../engine/type-tokens.ts";

export const storageAccountInfrastructureEncryption: ResourceRule = {
  id: "storage-account-infrastructure-encryption",
  severity: "medium",
  description: "A storage account has infrastructure encryption, the second layer of encryption.",
  reason: "Azure offers this layer only when an account is created. It cannot be added later.",
  remedy: "Set encryption.requireInfrastructureEncryption to true.",
  sources: [azurePolicy("4733ea7b-a883-42fe-8cac-97454c2a9e4a"), verifiedModule("storage/storage-account")],
  check: { [types.storageAccount]: requireValue("encryption.requireInfrastructureEncryption", true) },
};
