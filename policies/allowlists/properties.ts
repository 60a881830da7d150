/*
 * The properties that the program may set, by resource type. A property is listed if a rule checks it or if it can do
 * no harm. Properties that send data elsewhere, open another access path or name another owner are not listed. To use
 * a new property, add it here, so that a reviewer sees it. "properties.comments" is a nested property; everything
 * inside a listed property is allowed too.
 */

const common = ["resourceGroupName", "location", "sku", "tags"];
const inAccount = ["resourceGroupName", "accountName"];
const inService = ["resourceGroupName", "serviceName"];

/** Properties that are nested in the one at `path`. */
const nested = (path: string, ...names: string[]) => names.map((name) => `${path}.${name}`);

/** Allowed properties of each type that has properties other than names and IDs. */
export const allowedProperties = {
  resourceGroup: ["resourceGroupName", "location", "tags"],
  iotHub: [
    ...common,
    "resourceName",
    ...nested("properties", "minTlsVersion", "disableLocalAuth", "disableDeviceSAS", "disableModuleSAS"),
    ...nested("properties", "publicNetworkAccess", "restrictOutboundNetworkAccess", "allowedFqdnList"),
    ...nested("properties", "authorizationPolicies", "eventHubEndpoints", "cloudToDevice", "comments"),
  ],
  storageAccount: [
    ...common,
    ...["accountName", "kind", "accessTier", "minimumTlsVersion", "enableHttpsTrafficOnly"],
    ...["allowBlobPublicAccess", "allowSharedKeyAccess", "defaultToOAuthAuthentication"],
    ...["allowCrossTenantReplication", "allowedCopyScope", "isLocalUserEnabled", "isSftpEnabled"],
    ...["enableNfsV3", "publicNetworkAccess", "networkRuleSet", "sasPolicy", "keyPolicy"],
    ...nested("encryption", "keySource", "requireInfrastructureEncryption", "services"),
  ],
  blobService: [
    ...inAccount,
    ...["blobServicesName", "isVersioningEnabled", "changeFeed", "restorePolicy", "cors"],
    ...nested("deleteRetentionPolicy", "enabled", "days"),
    ...nested("containerDeleteRetentionPolicy", "enabled", "days"),
  ],
  blobContainer: [...inAccount, "containerName", "publicAccess", "metadata"],
  // Not tierToArchive and tierToCool: archived blobs cannot be read, and other tiers delete by other day counts.
  lifecyclePolicy: [
    ...inAccount,
    "managementPolicyName",
    ...nested("policy.rules", "name", "type", "enabled", "definition.filters"),
    ...nested("policy.rules.definition.actions", "baseBlob.delete", "snapshot.delete", "version.delete"),
  ],
  table: [...inAccount, "tableName", "signedIdentifiers"],
  apiManagement: [
    ...common,
    ...["serviceName", "identity", "publisherName", "publisherEmail", "notificationSenderEmail"],
    ...["apiVersionConstraint", "customProperties", "additionalLocations", "publicNetworkAccess", "zones"],
    ...["developerPortalStatus", "legacyPortalStatus", "natGatewayState", "virtualNetworkType"],
  ],
  // Not format, value and sourceApiId, which import an API with its own operations, and not apiType.
  api: [
    ...inService,
    ...["apiId", "path", "displayName", "description", "contact", "license", "termsOfServiceUrl"],
    ...["protocols", "serviceUrl", "subscriptionRequired", "subscriptionKeyParameterNames"],
  ],
  apiPolicy: [...inService, "apiId", "policyId", "format", "value"],
  // Not proxy and pool, which send calls to other hosts.
  backend: [
    ...inService,
    ...["backendId", "title", "description", "protocol", "url", "tls", "credentials", "circuitBreaker"],
  ],
  // Not a daily cap or a data collection rule, which discard logs, and no export of logs.
  workspace: [
    ...common,
    ...["workspaceName", "retentionInDays", "replication"],
    ...["publicNetworkAccessForIngestion", "publicNetworkAccessForQuery"],
    ...nested("features", "disableLocalAuth", "enableLogAccessUsingOnlyResourcePermissions"),
  ],
  diagnosticSetting: [
    ...["name", "resourceUri", "workspaceId", "logAnalyticsDestinationType", "logs", "metrics"],
    ...["storageAccountId", "eventHubAuthorizationRuleId", "serviceBusRuleId", "marketplacePartnerId"],
  ],
  // Not owners, who may change members and credentials, and not members by a dynamic rule.
  immutabilityPolicy: [
    ...inAccount,
    ...["containerName", "immutabilityPolicyName", "immutabilityPeriodSinceCreationInDays"],
    ...["allowProtectedAppendWrites", "allowProtectedAppendWritesAll"],
  ],
  // Not request and responses, which only describe, and not policies: api-management-policy-base reports these.
  apiOperation: [
    ...inService,
    ...["apiId", "operationId", "displayName", "description", "method", "urlTemplate"],
    ...["templateParameters", "policies"],
  ],
  // Not the bodies of messages and not Application Insights as a destination.
  apiDiagnostic: [
    ...inService,
    ...["apiId", "diagnosticId", "loggerId", "alwaysLog", "sampling", "verbosity", "logClientIp"],
    ...["frontend.request", "frontend.response", "backend.request", "backend.response"],
  ],
  insightsComponent: [
    ...common,
    ...["resourceName", "kind", "applicationType", "flowType", "requestSource"],
    ...["ingestionMode", "workspaceResourceId"],
    ...["publicNetworkAccessForIngestion", "publicNetworkAccessForQuery", "disableLocalAuth"],
  ],
  // Not headers and a body of the request: a test's settings are no place for a secret.
  availabilityTest: [
    ...common,
    ...["webTestName", "syntheticMonitorId", "webTestKind", "kind", "description", "enabled", "frequency"],
    ...["timeout", "retryEnabled", "locations", "validationRules"],
    ...nested("request", "requestUrl", "httpVerb", "followRedirects", "parseDependentRequests"),
  ],
  // Not webHookProperties of an action, which change what an alert sends.
  metricAlert: [
    ...common,
    ...["ruleName", "description", "severity", "enabled", "scopes", "criteria", "autoMitigate"],
    ...["evaluationFrequency", "windowSize"],
    ...nested("actions", "actionGroupId"),
  ],
  // Not identity, with which an alert reads what others may not.
  logAlert: [
    ...common,
    ...["ruleName", "kind", "displayName", "description", "severity", "enabled", "scopes", "criteria"],
    ...["autoMitigate", "evaluationFrequency", "windowSize", "skipQueryValidation"],
    ...nested("actions", "actionGroups"),
  ],
  actionGroup: [...common, "actionGroupName", "groupShortName", "enabled", "emailReceivers"],
  roleAssignment: [
    ...["scope", "principalId", "principalType", "roleDefinitionId", "roleAssignmentName", "description"],
    "condition",
  ],
  roleDefinition: [
    ...[
      "scope",
      "assignableScopes",
      "roleDefinitionId",
      "roleName",
      "roleType",
      "description",
      "permissions",
    ],
  ],
  groupMember: ["groupObjectId", "memberObjectId"],
  federatedCredential: ["applicationId", "displayName", "description", "issuer", "subject", "audiences"],
  // Not keepers, which make new text, and with it new names, when they change.
  randomString: ["length", "lower", "numeric", "special", "upper", "minLower", "minNumeric"],
  group: ["displayName", "description", "securityEnabled", "mailEnabled", "preventDuplicateNames", "members"],
  application: [
    ...["displayName", "description", "notes", "tags", "preventDuplicateNames", "signInAudience", "password"],
    "serviceManagementReference",
  ],
  servicePrincipal: [
    ...["clientId", "accountEnabled", "appRoleAssignmentRequired", "description", "notes", "tags"],
  ],
} satisfies Record<string, string[]>;
