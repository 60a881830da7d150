import { allOf, requireValue } from "../../engine/checks.ts";
import type { ResourceRule } from "../../engine/rule.ts";
import { bySettings, days } from "../../engine/settings.ts";
import { azurePolicy, checkov, microsoftLearn } from "../../engine/sources.ts";
import { types } from "../../engine/type-tokens.ts";
import { requireSasPeriod } from "./sas-period.ts";

const settings = {
  maximumDays: days("The longest time, in days, for which a shared access signature is valid.", 30),
};

export const storageAccountSasLifetime: ResourceRule = {
  id: "storage-account-sas-lifetime",
  severity: "high",
  description: "A storage account blocks shared access signatures that are valid for too long.",
  reason: "A copied link gives access until it expires.",
  remedy:
    'Set sasPolicy.sasExpirationPeriod to an allowed period, and sasPolicy.expirationAction to "Block".',
  sources: [
    microsoftLearn("SAS expiration policy", "azure/storage/common/sas-expiration-policy"),
    checkov("CKV2_AZURE_41"),
    azurePolicy("bc1b984e-ddae-40cc-801a-050a030e4fbe"),
  ],
  settings,
  check: {
    [types.storageAccount]: bySettings(settings, ({ maximumDays }) =>
      allOf(requireSasPeriod(maximumDays), requireValue("sasPolicy.expirationAction", "Block")),
    ),
  },
};
