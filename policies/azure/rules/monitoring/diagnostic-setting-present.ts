import { resourcesInAccount, resourcesOfType } from "../../engine/resource-queries.ts";
import type { DeclaredResource, StackRule, Violation } from "../../engine/rule.ts";
import { azurePolicy, checkov, microsoftLearn, verifiedModule } from "../../engine/sources.ts";
import { hasIdOf, idPaths } from "../../engine/stack-values.ts";
import { types } from "../../engine/type-tokens.ts";
import { listItems, type Value, valueAt } from "../../engine/value.ts";
import { usesStackWorkspace } from "./stack-workspace.ts";

/** Types with logs and metrics. A storage account has metrics only; its services have the logs. */
const typesWithLogs = [types.iotHub, types.apiManagement, types.workspace];

const idPathByType: Record<string, string> = {
  [types.iotHub]: idPaths.iotHub,
  [types.apiManagement]: idPaths.apiManagement,
  [types.workspace]: idPaths.workspace,
  [types.storageAccount]: idPaths.storageAccount,
};

const isEnabled = (item: Value) => valueAt(item, "enabled") === true;

const hasAll: Record<"logs" | "metrics", (item: Value) => boolean> = {
  logs: (item) => isEnabled(item) && valueAt(item, "categoryGroup") === "allLogs",
  // Each type has one category of metrics: Transaction for storage accounts, AllMetrics for the others.
  metrics: (item) =>
    isEnabled(item) && ["AllMetrics", "Transaction"].includes(String(valueAt(item, "category"))),
};

export const diagnosticSettingPresent: StackRule = {
  id: "diagnostic-setting-present",
  severity: "medium",
  description: "Each resource with logs or metrics sends all of them to the stack's workspace.",
  reason:
    "Without logs, an investigation cannot show who signed in, who was refused and which file link was used.",
  remedy:
    "Add a DiagnosticSetting with the stack's workspace, the category group allLogs and the type's metrics.",
  sources: [
    microsoftLearn(
      "Diagnostic settings in Azure Monitor",
      "azure/azure-monitor/platform/diagnostic-settings",
    ),
    azurePolicy("383856f8-de7f-44a2-81fc-e5135b5c2aa4"),
    checkov("CKV2_AZURE_21"),
    verifiedModule("devices/iot-hub"),
  ],
  checkStack: (resources) => [
    ...typesWithLogs.flatMap((type) =>
      resourcesOfType(resources, type).flatMap((resource) => [
        ...findMissing(resources, resource, "", "logs"),
        ...findMissing(resources, resource, "", "metrics"),
      ]),
    ),
    ...resourcesOfType(resources, types.storageAccount).flatMap((account) => [
      ...findMissing(resources, account, "", "metrics"),
      ...findMissing(resources, account, serviceOf(resources, account), "logs"),
      ...findMissing(resources, account, serviceOf(resources, account), "metrics"),
    ]),
  ],
};

/** The service of an account that has its logs. An account of the stack holds either tables or blobs. */
const serviceOf = (resources: DeclaredResource[], account: DeclaredResource) =>
  resourcesInAccount(resources, account, types.table).length > 0
    ? "/tableServices/default"
    : "/blobServices/default";

/**
 * Reports that no diagnostic setting sends all logs, or all metrics, of a resource.
 * @param service The end of the resource ID of the account's service; empty for the resource itself.
 */
function findMissing(
  resources: DeclaredResource[],
  resource: DeclaredResource,
  service: string,
  kind: "logs" | "metrics",
): Violation[] {
  const isSent = resourcesOfType(resources, types.diagnosticSetting).some((setting) => {
    return (
      // A preview may not know the URI. Then any setting of the resource that sends this kind is accepted.
      hasIdOf(setting, "resourceUri", [resource], `${idPathByType[resource.type]}${service}`) &&
      usesStackWorkspace(resources, setting) &&
      listItems(valueAt(setting.properties, kind)).some(hasAll[kind])
    );
  });
  if (isSent) return [];
  const problem = `no diagnostic setting sends all ${kind} of ${service || "it"} to the stack's workspace.`;
  return [{ resource, problem }];
}
