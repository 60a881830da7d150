import { requireValue } from "../../engine/checks.ts";
import type { ResourceRule } from "../../engine/rule.ts";
import { azurePolicy } from "../../engine/sources.ts";
import { types } from "../../engine/type-tokens.ts";

export const logAnalyticsNoLocalAuth: ResourceRule = {
  id: "log-analytics-no-local-auth",
  severity: "medium",
  description: "The Log Analytics workspace accepts Entra ID only.",
  reason: "A copied workspace key lets anyone write false log entries.",
  remedy: "Set features.disableLocalAuth to true.",
  sources: [azurePolicy("e15effd4-2278-4c65-a0da-4d6f6d1890e2")],
  check: { [types.workspace]: requireValue("features.disableLocalAuth", true) },
};
