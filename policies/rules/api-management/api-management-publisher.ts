import { isOwnAddress, mailDomains } from "../../allowlists/outsiders.ts";
import { allOf, requireProperty } from "../../azure/engine/checks.ts";
import type { ResourceRule } from "../../azure/engine/rule.ts";
import { microsoftLearn } from "../../azure/engine/sources.ts";
import { types } from "../../azure/engine/type-tokens.ts";

const requirement = `an address of ${mailDomains.join(" or ")} (policies/allowlists/outsiders.ts)`;

export const apiManagementPublisher: ResourceRule = {
  id: "api-management-publisher",
  severity: "medium",
  description: "The API Management service has a publisher, with an address of a listed domain.",
  reason: "Azure writes to the address about certificates, quotas and outages of the gateway.",
  remedy: "Set publisherName and publisherEmail in the stack's settings.",
  sources: [
    microsoftLearn(
      "Notifications in API Management",
      "azure/api-management/api-management-howto-configure-notifications",
    ),
  ],
  check: {
    [types.apiManagement]: allOf(
      requireProperty("publisherEmail", requirement, isOwnAddress),
      requireProperty("publisherName", "set", Boolean),
      requireProperty(
        "notificationSenderEmail",
        `${requirement}, or absent`,
        (value) => value === undefined || isOwnAddress(value),
      ),
    ),
  },
};
