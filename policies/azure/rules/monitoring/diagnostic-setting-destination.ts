import { resourcesOfType } from "../../engine/resource-queries.ts";
import type { StackRule } from "../../engine/rule.ts";
import { microsoftLearn } from "../../engine/sources.ts";
import { types } from "../../engine/type-tokens.ts";
import { isEmpty, valueAt } from "../../engine/value.ts";
import { usesStackWorkspace } from "./stack-workspace.ts";

const otherDestinations = [
  "storageAccountId",
  "eventHubAuthorizationRuleId",
  "serviceBusRuleId",
  "marketplacePartnerId",
];

export const diagnosticSettingDestination: StackRule = {
  id: "diagnostic-setting-destination",
  severity: "high",
  description: "A diagnostic setting sends to the stack's own workspace, and to no other destination.",
  reason: "Logs name terminals, addresses and operators, and stay in West Europe.",
  remedy: "Set workspaceId to the stack's own workspace, and remove the other destinations.",
  sources: [
    microsoftLearn(
      "Diagnostic settings in Azure Monitor",
      "azure/azure-monitor/platform/diagnostic-settings",
    ),
  ],
  checkStack: (resources) =>
    resourcesOfType(resources, types.diagnosticSetting).flatMap((resource) => [
      ...(usesStackWorkspace(resources, resource)
        ? []
        : [{ resource, problem: "workspaceId is not that of the stack's own workspace." }]),
      ...otherDestinations
        .filter((property) => !isEmpty(valueAt(resource.properties, property)))
        .map((property) => ({ resource, problem: `${property} is set; it must be absent.` })),
    ]),
};
