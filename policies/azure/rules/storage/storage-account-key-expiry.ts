import { isBetween, requireProperty } from "../../engine/checks.ts";
import type { ResourceRule } from "../../engine/rule.ts";
import { bySettings, days } from "../../engine/settings.ts";
import { azurePolicy } from "../../engine/sources.ts";
import { types } from "../../engine/type-tokens.ts";

const settings = { maximumDays: days("The longest time, in days, until an account key expires.", 90) };

export const storageAccountKeyExpiry: ResourceRule = {
  id: "storage-account-key-expiry",
  severity: "medium",
  description: "The account keys of a storage account expire after 90 days at most.",
  reason: "A copied account key gives access to the whole account until the key is rotated.",
  remedy: "Set keyPolicy.keyExpirationPeriodInDays to 90 or less, and rotate the signing key in that time.",
  sources: [azurePolicy("044985bb-afe1-42cd-8a36-9d5d42424537")],
  settings,
  check: {
    [types.storageAccount]: bySettings(settings, ({ maximumDays }) =>
      requireProperty(
        "keyPolicy.keyExpirationPeriodInDays",
        `1 to ${maximumDays}`,
        isBetween(1, maximumDays),
      ),
    ),
  },
};
