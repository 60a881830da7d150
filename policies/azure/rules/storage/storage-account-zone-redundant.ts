import { requireProperty } from "../../engine/checks.ts";
import type { ResourceRule } from "../../engine/rule.ts";
import { azurePolicy } from "../../engine/sources.ts";
import { types } from "../../engine/type-tokens.ts";

export const storageAccountZoneRedundant: ResourceRule = {
  id: "storage-account-zone-redundant",
  severity: "medium",
  description: "A storage account is zone-redundant.",
  reason: "Terminals keep working when one data centre fails.",
  remedy: "Use a SKU with ZRS in its name, such as Standard_ZRS.",
  sources: [azurePolicy("85b005b2-95fc-4953-b9cb-f9ee6427c754")],
  check: {
    [types.storageAccount]: requireProperty("sku.name", "zone-redundant (ZRS, GZRS or RAGZRS)", (sku) =>
      /_(GZRS|RAGZRS|ZRS)$/.test(String(sku)),
    ),
  },
};
