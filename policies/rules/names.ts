import { type Check, property, type ResourceRule } from "../engine/rule.ts";
import { types } from "../engine/type-tokens.ts";

const called = (path: string, pattern: RegExp): Check =>
  property(path, `of the form ${pattern.source}`, (value) => pattern.test(String(value)));

/** Names say what a thing is, and Azure takes them. */
export const nameRules: ResourceRule[] = [
  {
    name: "names-say-what-it-is",
    reason:
      "A name that Azure refuses stops a deployment half-way; one without its prefix tells nobody what it is.",
    remedy: "Take the name from the table in components/names.ts.",
    sources: ["AZR-000201", "CKV_AZURE_43", "Azure.Storage.Naming", "AZR-000486", "Cloud Adoption Framework"],
    check: {
      [types.resourceGroup]: called("resourceGroupName", /^rg-[a-z0-9-]{1,87}$/),
      [types.hub]: called("resourceName", /^iot-[a-z0-9-]{0,45}[a-z0-9]$/),
      [types.storageAccount]: called("accountName", /^st[a-z0-9]{1,22}$/),
      [types.gateway]: called("serviceName", /^apim-[a-z0-9-]{0,44}[a-z0-9]$/),
      [types.workspace]: called("workspaceName", /^log-[a-z0-9-]{0,58}[a-z0-9]$/),
      [types.actionGroup]: called("actionGroupName", /^ag-[a-z0-9-]{1,257}$/),
      [types.metricAlert]: called("ruleName", /^alert-[a-z0-9-]{1,254}$/),
      [types.logAlert]: called("ruleName", /^alert-[a-z0-9-]{1,254}$/),
    },
  },
];
