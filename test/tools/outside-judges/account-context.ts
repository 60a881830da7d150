import type { Context } from "../../../tools/outside-judges/azure-policy/language/evaluate-expression.ts";
import type { PolicyResource } from "../../../tools/outside-judges/azure-policy/language/fields.ts";

/** A context for the evaluator in which the resource is a storage account. */
export function accountContext(changes: object = {}, parameters: Record<string, unknown> = {}): Context {
  const resource: PolicyResource = {
    id: "/subscriptions/1/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/stfiles",
    type: "Microsoft.Storage/storageAccounts",
    name: "stfiles",
    fullName: "stfiles",
    location: "westeurope",
    kind: "StorageV2",
    tags: { owner: "team", "cost.centre": "1000" },
    identity: { type: "SystemAssigned" },
    sku: { name: "Standard_ZRS" },
    properties: { minimumTlsVersion: "TLS1_2", sasPolicy: { sasExpirationPeriod: "30.00:00:00" } },
    ...changes,
  };
  return {
    resource,
    subject: resource,
    parameters,
    resourceGroup: { name: "rg", location: "westeurope" },
    apiVersion: "2024-01-01",
    nowMs: Date.UTC(2026, 0, 31),
    current: [],
  };
}
