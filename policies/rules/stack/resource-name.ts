import { requireProperty } from "../../azure/engine/checks.ts";
import type { Check, ResourceRule } from "../../azure/engine/rule.ts";
import { checkov, microsoftLearn, psRule, psRuleByName } from "../../azure/engine/sources.ts";
import { types } from "../../azure/engine/type-tokens.ts";

const requireName = (property: string, pattern: RegExp): Check =>
  requireProperty(property, `of the form ${pattern.source}`, (value) => pattern.test(String(value)));

export const resourceName: ResourceRule = {
  id: "resource-name",
  severity: "low",
  description: "A resource name has the prefix of its type, and a length and characters that Azure accepts.",
  reason: "Azure refuses other names in the middle of a deployment, and the prefix shows what a resource is.",
  remedy: "Use a name of components/names.ts.",
  sources: [
    microsoftLearn(
      "Naming rules for Azure resources",
      "azure/azure-resource-manager/management/resource-name-rules",
    ),
    microsoftLearn(
      "Cloud Adoption Framework: resource naming",
      "azure/cloud-adoption-framework/ready/azure-best-practices/resource-naming",
    ),
    psRule("AZR-000201", "Azure.Storage.Name"),
    psRuleByName("Azure.Storage.Naming"),
    psRule("AZR-000486", "Azure.Log.Name"),
    checkov("CKV_AZURE_43"),
  ],
  check: {
    [types.resourceGroup]: requireName("resourceGroupName", /^rg-[a-z0-9-]{1,87}$/),
    [types.iotHub]: requireName("resourceName", /^iot-[a-z0-9-]{0,45}[a-z0-9]$/),
    [types.storageAccount]: requireName("accountName", /^st[a-z0-9]{1,22}$/),
    [types.apiManagement]: requireName("serviceName", /^apim-[a-z0-9-]{0,44}[a-z0-9]$/),
    [types.workspace]: requireName("workspaceName", /^log-[a-z0-9-]{0,58}[a-z0-9]$/),
    [types.insightsComponent]: requireName("resourceName", /^appi-[a-z0-9-]{1,255}$/),
    [types.availabilityTest]: requireName("webTestName", /^webtest-[a-z0-9-]{1,252}$/),
    [types.actionGroup]: requireName("actionGroupName", /^ag-[a-z0-9-]{1,257}$/),
    [types.metricAlert]: requireName("ruleName", /^alert-[a-z0-9-]{1,254}$/),
    [types.logAlert]: requireName("ruleName", /^alert-[a-z0-9-]{1,254}$/),
  },
};
