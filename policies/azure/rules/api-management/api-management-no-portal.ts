import { allOf, requireValue } from "../../engine/checks.ts";
import type { ResourceRule } from "../../engine/rule.ts";
import { microsoftLearn } from "../../engine/sources.ts";
import { types } from "../../engine/type-tokens.ts";

export const apiManagementNoPortal: ResourceRule = {
  id: "api-management-no-portal",
  severity: "medium",
  description: "The API Management service has no developer portal.",
  reason: "Visitors of a portal can sign up, read API definitions and ask for subscription keys.",
  remedy: 'Set developerPortalStatus and legacyPortalStatus to "Disabled".',
  sources: [microsoftLearn("Developer portal", "azure/api-management/api-management-howto-developer-portal")],
  check: {
    [types.apiManagement]: allOf(
      requireValue("developerPortalStatus", "Disabled"),
      requireValue("legacyPortalStatus", "Disabled"),
    ),
  },
};
