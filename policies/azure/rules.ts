import { type Adaptation, adaptRule } from "./engine/adapt-rule.ts";
import type { Rule } from "./engine/rule.ts";
import { apiManagementApiDescriptors } from "./rules/api-management/api-management-api-descriptors.ts";
import { apiManagementApiHttpsOnly } from "./rules/api-management/api-management-api-https-only.ts";
import { apiManagementApiSubscription } from "./rules/api-management/api-management-api-subscription.ts";
import { apiManagementBackendCertificate } from "./rules/api-management/api-management-backend-certificate.ts";
import { apiManagementBackendHttpsOnly } from "./rules/api-management/api-management-backend-https-only.ts";
import { apiManagementManagedIdentity } from "./rules/api-management/api-management-managed-identity.ts";
import { apiManagementMinimumApiVersion } from "./rules/api-management/api-management-minimum-api-version.ts";
import { apiManagementNoPortal } from "./rules/api-management/api-management-no-portal.ts";
import { apiManagementNoProducts } from "./rules/api-management/api-management-no-products.ts";
import { apiManagementNoWeakCiphers } from "./rules/api-management/api-management-no-weak-ciphers.ts";
import { apiManagementPolicyBase } from "./rules/api-management/api-management-policy-base.ts";
import { apiManagementPolicyCors } from "./rules/api-management/api-management-policy-cors.ts";
import { apiManagementTier } from "./rules/api-management/api-management-tier.ts";
import { applicationSingleTenant } from "./rules/identity/application-single-tenant.ts";
import { federatedCredentialOnePipeline } from "./rules/identity/federated-credential-one-pipeline.ts";
import { identityFromStack } from "./rules/identity/identity-from-stack.ts";
import { roleAssignmentNoPim } from "./rules/identity/role-assignment-no-pim.ts";
import { roleAssignmentPrincipalType } from "./rules/identity/role-assignment-principal-type.ts";
import { roleAssignmentStableName } from "./rules/identity/role-assignment-stable-name.ts";
import { iotHubMinimumTls } from "./rules/iot-hub/iot-hub-minimum-tls.ts";
import { iotHubNoConnectionStrings } from "./rules/iot-hub/iot-hub-no-connection-strings.ts";
import { iotHubNoLocalAuth } from "./rules/iot-hub/iot-hub-no-local-auth.ts";
import { iotHubOutboundAllowlist } from "./rules/iot-hub/iot-hub-outbound-allowlist.ts";
import { iotHubTerminalAccess } from "./rules/iot-hub/iot-hub-terminal-access.ts";
import { alertActionGroup } from "./rules/monitoring/alert-action-group.ts";
import { diagnosticSettingDestination } from "./rules/monitoring/diagnostic-setting-destination.ts";
import { diagnosticSettingPresent } from "./rules/monitoring/diagnostic-setting-present.ts";
import { logAnalyticsNoLocalAuth } from "./rules/monitoring/log-analytics-no-local-auth.ts";
import { logAnalyticsNoReplication } from "./rules/monitoring/log-analytics-no-replication.ts";
import { logAnalyticsRetention } from "./rules/monitoring/log-analytics-retention.ts";
import { resourceNoAliases } from "./rules/stack/resource-no-aliases.ts";
import { resourceNoIgnoredChanges } from "./rules/stack/resource-no-ignored-changes.ts";
import { resourceRegion } from "./rules/stack/resource-region.ts";
import { resourceRequiredTags } from "./rules/stack/resource-required-tags.ts";
import { resourceSubscription } from "./rules/stack/resource-subscription.ts";
import { resourceUnique } from "./rules/stack/resource-unique.ts";
import { stackCompleteFirstDeployment } from "./rules/stack/stack-complete-first-deployment.ts";
import { stackNoIndirectDeployment } from "./rules/stack/stack-no-indirect-deployment.ts";
import { stackNoSecretInOutputs } from "./rules/stack/stack-no-secret-in-outputs.ts";
import { stackNoSecretInState } from "./rules/stack/stack-no-secret-in-state.ts";
import { stackPreviewUnknownValues } from "./rules/stack/stack-preview-unknown-values.ts";
import { auditContainerAppendOnly } from "./rules/storage/audit-container-append-only.ts";
import { blobContainerNoPublicAccess } from "./rules/storage/blob-container-no-public-access.ts";
import { blobServiceNoCors } from "./rules/storage/blob-service-no-cors.ts";
import { storageAccountCopyScope } from "./rules/storage/storage-account-copy-scope.ts";
import { storageAccountHttpsOnly } from "./rules/storage/storage-account-https-only.ts";
import { storageAccountInfrastructureEncryption } from "./rules/storage/storage-account-infrastructure-encryption.ts";
import { storageAccountKeyExpiry } from "./rules/storage/storage-account-key-expiry.ts";
import { storageAccountMinimumTls } from "./rules/storage/storage-account-minimum-tls.ts";
import { storageAccountNoCrossTenantReplication } from "./rules/storage/storage-account-no-cross-tenant-replication.ts";
import { storageAccountNoDeclaredBlobs } from "./rules/storage/storage-account-no-declared-blobs.ts";
import { storageAccountNoGeoReplication } from "./rules/storage/storage-account-no-geo-replication.ts";
import { storageAccountNoLocalUsers } from "./rules/storage/storage-account-no-local-users.ts";
import { storageAccountNoNfs } from "./rules/storage/storage-account-no-nfs.ts";
import { storageAccountNoObjectReplication } from "./rules/storage/storage-account-no-object-replication.ts";
import { storageAccountNoPublicAccess } from "./rules/storage/storage-account-no-public-access.ts";
import { storageAccountNoStaticWebsite } from "./rules/storage/storage-account-no-static-website.ts";
import { storageAccountSasLifetime } from "./rules/storage/storage-account-sas-lifetime.ts";
import { storageAccountTrustedServices } from "./rules/storage/storage-account-trusted-services.ts";
import { storageAccountZoneRedundant } from "./rules/storage/storage-account-zone-redundant.ts";
import { tableNoStoredAccessPolicy } from "./rules/storage/table-no-stored-access-policy.ts";

/** The rules of this package. They judge the resources of any program. */
const azureRules: Rule[] = [
  resourceRegion,
  resourceRequiredTags,
  resourceNoIgnoredChanges,
  resourceNoAliases,
  resourceSubscription,
  resourceUnique,
  stackCompleteFirstDeployment,
  stackNoIndirectDeployment,
  stackNoSecretInOutputs,
  stackNoSecretInState,

  auditContainerAppendOnly,
  blobContainerNoPublicAccess,
  blobServiceNoCors,
  storageAccountCopyScope,
  storageAccountHttpsOnly,
  storageAccountInfrastructureEncryption,
  storageAccountKeyExpiry,
  storageAccountMinimumTls,
  storageAccountNoCrossTenantReplication,
  storageAccountNoDeclaredBlobs,
  storageAccountNoGeoReplication,
  storageAccountNoLocalUsers,
  storageAccountNoNfs,
  storageAccountNoObjectReplication,
  storageAccountNoPublicAccess,
  storageAccountNoStaticWebsite,
  storageAccountSasLifetime,
  storageAccountTrustedServices,
  storageAccountZoneRedundant,
  tableNoStoredAccessPolicy,

  iotHubMinimumTls,
  iotHubNoConnectionStrings,
  iotHubNoLocalAuth,
  iotHubOutboundAllowlist,
  iotHubTerminalAccess,

  apiManagementApiDescriptors,
  apiManagementApiHttpsOnly,
  apiManagementApiSubscription,
  apiManagementBackendCertificate,
  apiManagementBackendHttpsOnly,
  apiManagementManagedIdentity,
  apiManagementMinimumApiVersion,
  apiManagementNoPortal,
  apiManagementNoProducts,
  apiManagementNoWeakCiphers,
  apiManagementPolicyBase,
  apiManagementPolicyCors,
  apiManagementTier,

  applicationSingleTenant,
  federatedCredentialOnePipeline,
  identityFromStack,
  roleAssignmentNoPim,
  roleAssignmentPrincipalType,
  roleAssignmentStableName,

  diagnosticSettingDestination,
  alertActionGroup,
  diagnosticSettingPresent,
  logAnalyticsNoLocalAuth,
  logAnalyticsNoReplication,
  logAnalyticsRetention,
];

/** Settings and words for rules of this package, by rule id. */
export type Adaptations = Record<string, Adaptation>;

/**
 * The rules of this package with the rules of a pack of one program.
 * @param ownRules Rules that are about the program alone.
 * @param adaptations What the pack changes of this package's rules. It fixes their settings: Pulumi's
 * --policy-pack-config cannot change them. Default: every rule as it is, with its settings.
 * @throws Error if an adaptation names a rule or a setting that does not exist.
 */
export function withAzureRules(ownRules: Rule[] = [], adaptations?: Adaptations): Rule[] {
  // The last rule reports what the rules before it could not read.
  const ids = [...azureRules, stackPreviewUnknownValues].map(({ id }) => id);
  const unknown = Object.keys(adaptations ?? {}).filter((id) => !ids.includes(id));
  if (unknown.length > 0) throw new Error(`No rule has the id ${unknown.join(", ")}`);
  const adapt = (rule: Rule) => (adaptations ? adaptRule(rule, adaptations[rule.id]) : rule);
  return [...azureRules.map(adapt), ...ownRules, adapt(stackPreviewUnknownValues)];
}
