/*
 * What may be said of a resource, by its type: properties that a rule of the pack judges, and those that can do no
 * harm. One that leads elsewhere, opens another door or names another owner is not here. A new one is a word here,
 * so that somebody looks at it. "properties.comments" is one within another; whatever is within one here is taken.
 */

const placed = ["resourceGroupName", "location", "sku", "tags"];
const inAccount = ["resourceGroupName", "accountName"];
const inService = ["resourceGroupName", "serviceName"];

/** Within another property, by its path. */
const within = (path: string, ...names: string[]) => names.map((name) => `${path}.${name}`);

/** Properties that are taken of each type that can be told more than its place and its name. */
export const properties = {
  resourceGroup: ["resourceGroupName", "location", "tags"],
  hub: [
    ...placed,
    "resourceName",
    ...within("properties", "minTlsVersion", "disableLocalAuth", "disableDeviceSAS", "disableModuleSAS"),
    ...within("properties", "publicNetworkAccess", "restrictOutboundNetworkAccess", "allowedFqdnList"),
    ...within("properties", "authorizationPolicies", "eventHubEndpoints", "cloudToDevice", "comments"),
  ],
  storageAccount: [
    ...placed,
    ...["accountName", "kind", "accessTier", "minimumTlsVersion", "enableHttpsTrafficOnly"],
    ...["allowBlobPublicAccess", "allowSharedKeyAccess", "defaultToOAuthAuthentication"],
    ...["allowCrossTenantReplication", "allowedCopyScope", "isLocalUserEnabled", "isSftpEnabled"],
    ...["enableNfsV3", "publicNetworkAccess", "networkRuleSet", "sasPolicy", "keyPolicy"],
    ...within("encryption", "keySource", "requireInfrastructureEncryption", "services"),
  ],
  blobService: [
    ...inAccount,
    ...["blobServicesName", "isVersioningEnabled", "changeFeed", "restorePolicy", "cors"],
    ...within("deleteRetentionPolicy", "enabled", "days"),
    ...within("containerDeleteRetentionPolicy", "enabled", "days"),
  ],
  container: [...inAccount, "containerName", "publicAccess", "metadata"],
  lifecycle: [
    ...inAccount,
    "managementPolicyName",
    ...within("policy.rules", "name", "type", "enabled", "definition.filters"),
    // Archived blobs cannot be read, and those of another tier are deleted by other counts.
    ...within("policy.rules.definition.actions", "baseBlob.delete", "snapshot.delete", "version.delete"),
  ],
  table: [...inAccount, "tableName", "signedIdentifiers"],
  gateway: [
    ...placed,
    ...["serviceName", "identity", "publisherName", "publisherEmail", "notificationSenderEmail"],
    ...["apiVersionConstraint", "customProperties", "additionalLocations", "publicNetworkAccess", "zones"],
    ...["developerPortalStatus", "legacyPortalStatus", "natGatewayState", "virtualNetworkType"],
  ],
  // Not those that bring an API with operations of its own (format and value, sourceApiId), or of another kind.
  api: [
    ...inService,
    ...["apiId", "path", "displayName", "description", "contact", "license", "termsOfServiceUrl"],
    ...["protocols", "serviceUrl", "subscriptionRequired", "subscriptionKeyParameterNames"],
  ],
  apiPolicy: [...inService, "apiId", "policyId", "format", "value"],
  // Not a proxy, nor a pool of others.
  backend: [
    ...inService,
    ...["backendId", "title", "description", "protocol", "url", "tls", "credentials", "circuitBreaker"],
  ],
  // Neither a cap nor a rule of its own, with which logs end early or are thrown away, nor an export of them.
  workspace: [
    ...placed,
    ...["workspaceName", "retentionInDays", "replication"],
    ...["publicNetworkAccessForIngestion", "publicNetworkAccessForQuery"],
    ...within("features", "disableLocalAuth", "enableLogAccessUsingOnlyResourcePermissions"),
  ],
  diagnostics: [
    ...["name", "resourceUri", "workspaceId", "logAnalyticsDestinationType", "logs", "metrics"],
    ...["storageAccountId", "eventHubAuthorizationRuleId", "serviceBusRuleId", "marketplacePartnerId"],
  ],
  // Not owners, who decide on members and credentials, nor members by a rule.
  group: ["displayName", "description", "securityEnabled", "mailEnabled", "preventDuplicateNames", "members"],
  application: [
    ...["displayName", "description", "notes", "tags", "preventDuplicateNames", "signInAudience", "password"],
    "serviceManagementReference",
  ],
  servicePrincipal: [
    ...["clientId", "accountEnabled", "appRoleAssignmentRequired", "description", "notes", "tags"],
  ],
} satisfies Record<string, string[]>;
