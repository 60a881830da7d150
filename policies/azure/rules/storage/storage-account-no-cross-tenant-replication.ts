import { requireValue } from "../../engine/checks.ts";
import type { ResourceRule } from "../../engine/rule.ts";
import { azurePolicy, verifiedModule } from "../../engine/sources.ts";
import { types } from "../../engine/type-tokens.ts";

export const storageAccountNoCrossTenantReplication: ResourceRule = {
  id: "storage-account-no-cross-tenant-replication",
  severity: "high",
  description: "A storage account does not replicate to other Entra ID tenants.",
  reason: "Cross-tenant replication copies personal data to an account of another organisation.",
  remedy: "Set allowCrossTenantReplication to false.",
  sources: [azurePolicy("92a89a79-6c52-4a7e-a03f-61306fc49312"), verifiedModule("storage/storage-account")],
  check: { [types.storageAccount]: requireValue("allowCrossTenantReplication", false) },
};
