import { requireProperty } from "../../engine/checks.ts";
import type { ResourceRule } from "../../engine/rule.ts";
import { psRule } from "../../engine/sources.ts";
import { types } from "../../engine/type-tokens.ts";

export const apiManagementManagedIdentity: ResourceRule = {
  id: "api-management-managed-identity",
  severity: "high",
  description: "The API Management service has a system-assigned identity.",
  reason:
    "The gateway signs in to the key table and to the Flow API with it. Without it, it would need a secret.",
  remedy: 'Set identity.type to "SystemAssigned".',
  sources: [psRule("AZR-000053", "Azure.APIM.ManagedIdentity")],
  check: {
    [types.apiManagement]: requireProperty(
      "identity.type",
      '"SystemAssigned"',
      (value) => value === "SystemAssigned",
    ),
  },
};
