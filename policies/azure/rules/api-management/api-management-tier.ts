import { requireProperty } from "../../engine/checks.ts";
import type { ResourceRule } from "../../engine/rule.ts";
import { bySettings, texts } from "../../engine/settings.ts";
import { microsoftLearn, psRule } from "../../engine/sources.ts";
import { types } from "../../engine/type-tokens.ts";

/** Tiers with a service level agreement that accept TLS 1.2 or newer only. */
const modernTiers = ["BasicV2", "StandardV2"];

const settings = { tiers: texts("The tiers that a service may have, as in sku.name.", modernTiers) };

export const apiManagementTier: ResourceRule = {
  id: "api-management-tier",
  severity: "medium",
  description: `The API Management service has the tier ${modernTiers.join(" or ")}.`,
  reason:
    "The Developer tier has no service level agreement, and the classic tiers can accept old TLS versions.",
  remedy: `Set sku.name to ${modernTiers.join(" or ")}.`,
  sources: [
    microsoftLearn("API Management v2 tiers", "azure/api-management/v2-service-tiers-overview"),
    psRule("AZR-000054", "Azure.APIM.Protocols"),
  ],
  settings,
  check: {
    [types.apiManagement]: bySettings(settings, ({ tiers }) =>
      requireProperty("sku.name", tiers.join(" or "), (tier) => tiers.includes(String(tier))),
    ),
  },
};
