import { allOf, requireProperty } from "../../engine/checks.ts";
import type { ResourceRule } from "../../engine/rule.ts";
import { psRule } from "../../engine/sources.ts";
import { types } from "../../engine/type-tokens.ts";

export const apiManagementApiDescriptors: ResourceRule = {
  id: "api-management-api-descriptors",
  severity: "low",
  description: "An API has a display name and a description.",
  reason: "Operators must see in the Azure portal what an API is for.",
  remedy: "Set displayName and description.",
  sources: [psRule("AZR-000043", "Azure.APIM.APIDescriptors")],
  check: {
    [types.api]: allOf(
      requireProperty("displayName", "set", Boolean),
      requireProperty("description", "set", Boolean),
    ),
  },
};
