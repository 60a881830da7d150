import { requireProperty } from "../../engine/checks.ts";
import type { ResourceRule } from "../../engine/rule.ts";
import { psRule } from "../../engine/sources.ts";
import { types } from "../../engine/type-tokens.ts";

const minimumVersion = "2021-08-01";

export const apiManagementMinimumApiVersion: ResourceRule = {
  id: "api-management-minimum-api-version",
  severity: "low",
  description: `The API Management service refuses management API versions before ${minimumVersion}.`,
  reason: "Azure retires older versions, and the oldest ones return secrets to users with read permission.",
  remedy: `Set apiVersionConstraint.minApiVersion to ${minimumVersion} or newer.`,
  sources: [psRule("AZR-000321", "Azure.APIM.MinAPIVersion")],
  check: {
    [types.apiManagement]: requireProperty(
      "apiVersionConstraint.minApiVersion",
      `${minimumVersion} or newer`,
      (value) => /^20\d\d-\d\d-\d\d/.test(String(value)) && String(value) >= minimumVersion,
    ),
  },
};
