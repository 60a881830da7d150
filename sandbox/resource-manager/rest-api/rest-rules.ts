/**
 * How the REST API of a resource type answers, where types differ. Sources: the operations of the REST reference, by
 * the status codes that its SDKs accept (azure-mgmt-storage 25, -iothub 5, -apimanagement 4, -authorization 5,
 * -monitor 7, -loganalytics 13, -resource 24).
 */
export interface RestRules {
  /** Status of a PUT that creates the resource; default 201. */
  created?: 200 | 201 | 202;
  /** Status of a PUT that changes the resource; default 200. */
  changed?: 200 | 201;
  /** What a PATCH changes: any member (default), tags only, or nothing because the type has no PATCH. */
  patch?: "any" | "tags" | "none";
  /** Status of a DELETE, and of one that finds nothing; default 200 and 204. */
  deleted?: 200 | 202 | 204;
  missing?: 204 | 404;
  /** Whether a DELETE answers with the deleted resource; default false. */
  deletedBody?: true;
  /** The form of the asynchronous operation that a creation and a deletion start; default: both are synchronous. */
  operation?: "hub" | "storage" | "group" | "apim";
  /** Whether answers have an ETag header; default false. */
  etagHeader?: true;
  /**
   * Whether a PUT with If-Match: * creates a missing resource, default false. The Azure CLI sends this header when it
   * creates something in API Management.
   */
  anyMatchCreates?: true;
  /** Methods that need an If-Match header. */
  ifMatchRequired?: readonly ("PATCH" | "DELETE")[];
  /**
   * Members that a client may send back and Azure passes over, besides the type's `computed` members. A * is any name.
   */
  readOnly?: readonly string[];
}

const apiManagementChild: RestRules = {
  etagHeader: true,
  anyMatchCreates: true,
  ifMatchRequired: ["PATCH", "DELETE"],
};

const rules: Record<string, RestRules> = {
  "Microsoft.Resources/resourceGroups": {
    deleted: 202,
    missing: 404,
    operation: "group",
    readOnly: ["managedBy"],
  },
  "Microsoft.Devices/IotHubs": {
    patch: "tags",
    deleted: 202,
    operation: "hub",
    readOnly: [
      "resourcegroup",
      "subscriptionid",
      "properties.eventHubEndpoints.*.path",
      "properties.eventHubEndpoints.*.endpoint",
      "properties.eventHubEndpoints.*.partitionIds",
      "properties.privateEndpointConnections",
    ],
  },
  "Microsoft.Devices/IotHubs/eventHubEndpoints/ConsumerGroups": { created: 200, patch: "none" },
  "Microsoft.Storage/storageAccounts": {
    created: 202,
    operation: "storage",
    readOnly: [
      "properties.encryption.services.*.lastEnabledTime",
      "properties.privateEndpointConnections",
      "properties.lastGeoFailoverTime",
    ],
  },
  "Microsoft.Storage/storageAccounts/blobServices": { created: 200, patch: "none", readOnly: ["sku"] },
  "Microsoft.Storage/storageAccounts/tableServices": { created: 200, patch: "none" },
  "Microsoft.Storage/storageAccounts/blobServices/containers": {
    readOnly: ["properties.version", "properties.remainingRetentionDays", "properties.deletedTime"],
  },
  "Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies": {
    created: 200,
    patch: "none",
    etagHeader: true,
    deletedBody: true,
  },
  "Microsoft.Storage/storageAccounts/managementPolicies": { created: 200, patch: "none" },
  "Microsoft.Storage/storageAccounts/tableServices/tables": {
    created: 200,
    deleted: 204,
    readOnly: ["properties.tableName"],
  },
  "Microsoft.ApiManagement/service": { deleted: 202, operation: "apim" },
  "Microsoft.ApiManagement/service/apis": apiManagementChild,
  "Microsoft.ApiManagement/service/apis/operations": apiManagementChild,
  "Microsoft.ApiManagement/service/apis/policies": { ...apiManagementChild, patch: "none" },
  "Microsoft.ApiManagement/service/backends": apiManagementChild,
  "Microsoft.ApiManagement/service/namedValues": apiManagementChild,
  "Microsoft.ApiManagement/service/subscriptions": apiManagementChild,
  "Microsoft.Insights/diagnosticSettings": { created: 200, patch: "none" },
  "Microsoft.Insights/metricAlerts": { created: 200 },
  "Microsoft.Authorization/roleAssignments": {
    patch: "none",
    deletedBody: true,
    readOnly: ["properties.scope"],
  },
  "Microsoft.Authorization/roleDefinitions": { changed: 201, patch: "none", deletedBody: true },
};

/** The rules of a resource type. */
export function restRulesOf(type: string): RestRules {
  return rules[type] ?? {};
}
