/*
 * Property aliases of Azure Policy: the names under which rules read properties of a resource.
 * Source: "Azure Policy definition structure alias" (governance/policy/concepts/definition-structure-alias). An alias of
 * a type is the type, a slash and usually the path below `properties`. Only aliases that a definition uses are here.
 */

import { NotSupportedError } from "./language/not-supported.ts";

/** Aliases of a type whose path is the alias below `properties`. */
const plainAliases: Record<string, string[]> = {
  "Microsoft.Storage/storageAccounts": [
    "allowBlobPublicAccess",
    "allowCrossTenantReplication",
    "allowSharedKeyAccess",
    "encryption.keySource",
    "encryption.requireInfrastructureEncryption",
    "encryption.services.queue.keyType",
    "encryption.services.table.keyType",
    "keyCreationTime.key1",
    "keyCreationTime.key2",
    "keyPolicy.keyExpirationPeriodInDays",
    "minimumTlsVersion",
    "networkAcls.bypass",
    "networkAcls.defaultAction",
    "networkAcls.ipRules[*]",
    "networkAcls.resourceAccessRules[*]",
    "networkAcls.virtualNetworkRules[*]",
    "networkAcls.virtualNetworkRules[*].id",
    "publicNetworkAccess",
    "sasPolicy",
    "sasPolicy.expirationAction",
    "sasPolicy.sasExpirationPeriod",
    "supportsHttpsTrafficOnly",
  ],
  "Microsoft.Storage/storageAccounts/blobServices": [
    "containerDeleteRetentionPolicy.enabled",
    "deleteRetentionPolicy.enabled",
    "isVersioningEnabled",
  ],
  "Microsoft.Storage/storageAccounts/encryptionScopes": ["requireInfrastructureEncryption", "source"],
  "Microsoft.Storage/storageAccounts/privateEndpointConnections": [
    "privateLinkServiceConnectionState.status",
  ],
  "Microsoft.Devices/IotHubs": [
    "disableLocalAuth",
    "encryption.keyVaultProperties[*]",
    "encryption.keyVaultProperties[*].keyIdentifier",
    "privateEndpointConnections[*]",
    "privateEndpointConnections[*].privateLinkServiceConnectionState.status",
    "publicNetworkAccess",
  ],
  "Microsoft.ApiManagement/service": ["platformVersion", "virtualNetworkType"],
  "Microsoft.ApiManagement/service/apis": ["protocols[*]"],
  "Microsoft.ApiManagement/service/backends": [
    "credentials.authorization.parameter",
    "credentials.authorization.scheme",
    "credentials.certificate",
    "credentials.certificate[*]",
    "protocol",
    "tls.validateCertificateChain",
    "tls.validateCertificateName",
    "url",
  ],
  "Microsoft.ApiManagement/service/namedValues": [
    "displayName",
    "keyVault",
    "keyVault.secretIdentifier",
    "secret",
  ],
  "Microsoft.ApiManagement/service/portalconfigs": ["enableBasicAuth"],
  "Microsoft.ApiManagement/service/subscriptions": ["scope", "state"],
  "Microsoft.ApiManagement/service/tenant": ["enabled"],
  "Microsoft.ApiManagement/service/apis/policies": ["value"],
  "Microsoft.ApiManagement/service/apis/operations/policies": ["value"],
  "Microsoft.ApiManagement/service/products/policies": ["value"],
  "Microsoft.ApiManagement/service/workspaces/policies": ["value"],
  "Microsoft.ApiManagement/service/workspaces/apis/policies": ["value"],
  "Microsoft.ApiManagement/service/workspaces/apis/operations/policies": ["value"],
  "Microsoft.ApiManagement/service/workspaces/products/policies": ["value"],
  "Microsoft.OperationalInsights/workspaces": [
    "features.disableLocalAuth",
    "forceCmkForQuery",
    "publicNetworkAccessForIngestion",
    "publicNetworkAccessForQuery",
  ],
  "Microsoft.Insights/scheduledQueryRules": ["checkWorkspaceAlertsStorageConfigured"],
  "Microsoft.Insights/diagnosticSettings": [
    "logs[*]",
    "logs[*].categoryGroup",
    "logs[*].enabled",
    "logs[*].retentionPolicy.days",
    "logs[*].retentionPolicy.enabled",
    "workspaceId",
  ],
  "Microsoft.Authorization/roleDefinitions": ["type"],
};

/** Aliases with another path. */
const otherAliases: Record<string, string> = {
  "Microsoft.Storage/storageAccounts/sku.name": "sku.name",
  "Microsoft.ApiManagement/service/sku.name": "sku.name",
  "Microsoft.ApiManagement/service/zones[*]": "zones[*]",
  // Older aliases without [*], which also stand for all members of the array.
  "Microsoft.Insights/diagnosticSettings/logs.enabled": "properties.logs[*].enabled",
  "Microsoft.Insights/diagnosticSettings/metrics.enabled": "properties.metrics[*].enabled",
};

const paths = new Map<string, string[]>(
  [
    ...Object.entries(plainAliases).flatMap(([type, aliases]) =>
      aliases.map((alias): [string, string] => [`${type}/${alias}`, `properties.${alias}`]),
    ),
    ...Object.entries(otherAliases),
  ].map(([alias, path]) => [alias.toLowerCase(), path.replaceAll("[*]", ".[*]").split(".")]),
);

/**
 * The path of an alias in the body of a resource, in parts. Aliases are not case-sensitive.
 * @throws NotSupportedError for an alias that is not in the table, Error for one of another resource type.
 */
export function resolveAlias(alias: string, resourceType: string): string[] {
  const path = paths.get(alias.toLowerCase());
  if (!path)
    throw new NotSupportedError(
      `The evaluator does not know the alias ${alias}. Add it to azure-policy/aliases.ts.`,
    );
  if (!alias.toLowerCase().startsWith(`${resourceType.toLowerCase()}/`)) {
    throw new Error(`The alias ${alias} is not one of the type ${resourceType}.`);
  }
  return path;
}
