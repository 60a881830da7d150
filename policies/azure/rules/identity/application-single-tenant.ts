import { requireProperty } from "../../engine/checks.ts";
import type { ResourceRule } from "../../engine/rule.ts";
import { microsoftLearn } from "../../engine/sources.ts";
import { types } from "../../engine/type-tokens.ts";

export const applicationSingleTenant: ResourceRule = {
  id: "application-single-tenant",
  severity: "high",
  description: "The pipelines' application accepts sign-ins of its own tenant only.",
  reason: "Accounts of other organisations could sign in to an application with several tenants.",
  remedy: 'Set signInAudience to "AzureADMyOrg", or remove it.',
  sources: [
    microsoftLearn("Supported account types", "entra/identity-platform/supported-accounts-validation"),
  ],
  check: {
    [types.application]: requireProperty(
      "signInAudience",
      '"AzureADMyOrg" or absent',
      (value) => value === undefined || value === "AzureADMyOrg",
    ),
  },
};
