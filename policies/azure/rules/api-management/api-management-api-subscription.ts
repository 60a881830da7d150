import { allOf, requireProperty, requireValue } from "../../engine/checks.ts";
import type { Check, ResourceRule } from "../../engine/rule.ts";
import { microsoftLearn } from "../../engine/sources.ts";
import { types } from "../../engine/type-tokens.ts";

/** Checks that a name is the one that API Management uses by default. */
const requireDefaultName = (path: string, defaultName: string): Check =>
  requireProperty(
    path,
    `"${defaultName}" or absent`,
    (value) => value === undefined || value === defaultName,
  );

export const apiManagementApiSubscription: ResourceRule = {
  id: "api-management-api-subscription",
  severity: "critical",
  description: "An API requires a subscription key, in the default header and query parameter.",
  reason:
    "The subscription key is the first key that the Flow API checks. The API policy removes it by its default names.",
  remedy: "Set subscriptionRequired to true, and remove subscriptionKeyParameterNames.",
  sources: [
    microsoftLearn("Subscriptions in API Management", "azure/api-management/api-management-subscriptions"),
  ],
  check: {
    [types.api]: allOf(
      requireValue("subscriptionRequired", true),
      requireDefaultName("subscriptionKeyParameterNames.header", "Ocp-Apim-Subscription-Key"),
      requireDefaultName("subscriptionKeyParameterNames.query", "subscription-key"),
    ),
  },
};
