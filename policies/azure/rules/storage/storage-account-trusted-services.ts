import { requireProperty } from "../../engine/checks.ts";
import type { ResourceRule } from "../../engine/rule.ts";
import { azurePolicy, checkov } from "../../engine/sources.ts";
import { types } from "../../engine/type-tokens.ts";

export const storageAccountTrustedServices: ResourceRule = {
  id: "storage-account-trusted-services",
  severity: "low",
  description: "The firewall of a storage account lets trusted Azure services through.",
  reason: "Without the exception, a network rule also blocks Azure's own services, such as the IoT Hub.",
  remedy: "Add AzureServices to networkRuleSet.bypass.",
  sources: [checkov("CKV_AZURE_36"), azurePolicy("c9d007d0-c057-4772-b18c-01e546713bcd")],
  check: {
    [types.storageAccount]: requireProperty("networkRuleSet.bypass", "a list with AzureServices", (value) =>
      /AzureServices/.test(String(value)),
    ),
  },
};
