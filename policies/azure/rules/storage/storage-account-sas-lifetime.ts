import { allOf, requireValue } from "../../engine/checks.ts";
import type { ResourceRule } from "../../engine/rule.ts";
import { azurePolicy, checkov, microsoftLearn } from "../../engine/sources.ts";
import { types } from "../../engine/type-tokens.ts";
import { requireSasPeriod } from "./sas-period.ts";

export const storageAccountSasLifetime: ResourceRule = {
  id: "storage-account-sas-lifetime",
  severity: "high",
  description: "A storage account blocks shared access signatures that are valid for more than 30 days.",
  reason: "Customers are promised that a file link is valid for 30 days at most.",
  remedy: 'Set sasPolicy to {sasExpirationPeriod: "30.00:00:00" or less, expirationAction: "Block"}.',
  sources: [
    microsoftLearn("SAS expiration policy", "azure/storage/common/sas-expiration-policy"),
    checkov("CKV2_AZURE_41"),
    azurePolicy("bc1b984e-ddae-40cc-801a-050a030e4fbe"),
  ],
  check: {
    [types.storageAccount]: allOf(requireSasPeriod(30), requireValue("sasPolicy.expirationAction", "Block")),
  },
};
