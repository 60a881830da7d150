import { isBetween, requireProperty } from "../../engine/checks.ts";
import type { ResourceRule } from "../../engine/rule.ts";
import { azurePolicy } from "../../engine/sources.ts";
import { types } from "../../engine/type-tokens.ts";

export const storageAccountKeyExpiry: ResourceRule = {
  id: "storage-account-key-expiry",
  severity: "medium",
  description: "The account keys of a storage account expire after 90 days at most.",
  reason: "A copied account key gives access to the whole account until the key is rotated.",
  remedy: "Set keyPolicy.keyExpirationPeriodInDays to 90 or less, and rotate the signing key in that time.",
  sources: [azurePolicy("044985bb-afe1-42cd-8a36-9d5d42424537")],
  check: {
    [types.storageAccount]: requireProperty(
      "keyPolicy.keyExpirationPeriodInDays",
      "1 to 90",
      isBetween(1, 90),
    ),
  },
};
