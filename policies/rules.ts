import type { Rule } from "./azure/engine/rule.ts";
import { apiManagementApiDescriptors } from "./azure/rules/api-management/api-management-api-descriptors.ts";
import { apiManagementApiHttpsOnly } from "./azure/rules/api-management/api-management-api-https-only.ts";
import { apiManagementApiSubscription } from "./azure/rules/api-management/api-management-api-subscription.ts";
import { apiManagementBackendCertificate } from "./azure/rules/api-management/api-management-backend-certificate.ts";
import { apiManagementBackendHttpsOnly } from "./azure/rules/api-management/api-management-backend-https-only.ts";
import { apiManagementManagedIdentity } from "./azure/rules/api-management/api-management-managed-identity.ts";
import { apiManagementMinimumApiVersion } from "./azure/rules/api-management/api-management-minimum-api-version.ts";
import { apiManagementNoPortal } from "./azure/rules/api-management/api-management-no-portal.ts";
import { apiManagementNoProducts } from "./azure/rules/api-management/api-management-no-products.ts";
import { apiManagementNoWeakCiphers } from "./azure/rules/api-management/api-management-no-weak-ciphers.ts";
import { apiManagementPolicyBase } from "./azure/rules/api-management/api-management-policy-base.ts";
import { apiManagementPolicyCors } from "./azure/rules/api-management/api-management-policy-cors.ts";
import { apiManagementTier } from "./azure/rules/api-management/api-management-tier.ts";
import { applicationSingleTenant } from "./azure/rules/identity/application-single-tenant.ts";
import { federatedCredentialOnePipeline } from "./azure/rules/identity/federated-credential-one-pipeline.ts";
import { identityFromStack } from "./azure/rules/identity/identity-from-stack.ts";
import { roleAssignmentNoPim } from "./azure/rules/identity/role-assignment-no-pim.ts";
import { roleAssignmentPrincipalType } from "./azure/rules/identity/role-assignment-principal-type.ts";
import { roleAssignmentStableName } from "./azure/rules/identity/role-assignment-stable-name.ts";
import { iotHubMinimumTls } from "./azure/rules/iot-hub/iot-hub-minimum-tls.ts";
import { iotHubNoConnectionStrings } from "./azure/rules/iot-hub/iot-hub-no-connection-strings.ts";
import { iotHubNoLocalAuth } from "./azure/rules/iot-hub/iot-hub-no-local-auth.ts";
import { iotHubOutboundAllowlist } from "./azure/rules/iot-hub/iot-hub-outbound-allowlist.ts";
import { iotHubTerminalAccess } from "./azure/rules/iot-hub/iot-hub-terminal-access.ts";
import { diagnosticSettingDestination } from "./azure/rules/monitoring/diagnostic-setting-destination.ts";
import { diagnosticSettingPresent } from "./azure/rules/monitoring/diagnostic-setting-present.ts";
import { logAnalyticsNoLocalAuth } from "./azure/rules/monitoring/log-analytics-no-local-auth.ts";
import { logAnalyticsNoReplication } from "./azure/rules/monitoring/log-analytics-no-replication.ts";
import { logAnalyticsRetention } from "./azure/rules/monitoring/log-analytics-retention.ts";
import { resourceRegion } from "./azure/rules/stack/resource-region.ts";
import { resourceRequiredTags } from "./azure/rules/stack/resource-required-tags.ts";
import { stackCompleteFirstDeployment } from "./azure/rules/stack/stack-complete-first-deployment.ts";
import { stackNoIndirectDeployment } from "./azure/rules/stack/stack-no-indirect-deployment.ts";
import { stackNoSecretInOutputs } from "./azure/rules/stack/stack-no-secret-in-outputs.ts";
import { stackNoSecretInState } from "./azure/rules/stack/stack-no-secret-in-state.ts";
import { stackPreviewUnknownValues } from "./azure/rules/stack/stack-preview-unknown-values.ts";
import { auditContainerAppendOnly } from "./azure/rules/storage/audit-container-append-only.ts";
import { blobContainerNoPublicAccess } from "./azure/rules/storage/blob-container-no-public-access.ts";
import { blobServiceNoCors } from "./azure/rules/storage/blob-service-no-cors.ts";
import { storageAccountCopyScope } from "./azure/rules/storage/storage-account-copy-scope.ts";
import { storageAccountHttpsOnly } from "./azure/rules/storage/storage-account-https-only.ts";
import { storageAccountInfrastructureEncryption } from "./azure/rules/storage/storage-account-infrastructure-encryption.ts";
import { storageAccountKeyExpiry } from "./azure/rules/storage/storage-account-key-expiry.ts";
import { storageAccountMinimumTls } from "./azure/rules/storage/storage-account-minimum-tls.ts";
import { storageAccountNoCrossTenantReplication } from "./azure/rules/storage/storage-account-no-cross-tenant-replication.ts";
import { storageAccountNoDeclaredBlobs } from "./azure/rules/storage/storage-account-no-declared-blobs.ts";
import { storageAccountNoGeoReplication } from "./azure/rules/storage/storage-account-no-geo-replication.ts";
import { storageAccountNoLocalUsers } from "./azure/rules/storage/storage-account-no-local-users.ts";
import { storageAccountNoNfs } from "./azure/rules/storage/storage-account-no-nfs.ts";
import { storageAccountNoObjectReplication } from "./azure/rules/storage/storage-account-no-object-replication.ts";
import { storageAccountNoPublicAccess } from "./azure/rules/storage/storage-account-no-public-access.ts";
import { storageAccountNoStaticWebsite } from "./azure/rules/storage/storage-account-no-static-website.ts";
import { storageAccountSasLifetime } from "./azure/rules/storage/storage-account-sas-lifetime.ts";
import { storageAccountTrustedServices } from "./azure/rules/storage/storage-account-trusted-services.ts";
import { storageAccountZoneRedundant } from "./azure/rules/storage/storage-account-zone-redundant.ts";
import { tableNoStoredAccessPolicy } from "./azure/rules/storage/table-no-stored-access-policy.ts";
import { apiManagementApiPolicyAllowlist } from "./rules/api-management/api-management-api-policy-allowlist.ts";
import { apiManagementApiPolicyRequired } from "./rules/api-management/api-management-api-policy-required.ts";
import { operatorsGroupMembers } from "./rules/identity/operators-group-members.ts";
import { roleAssignmentAllowlist } from "./rules/identity/role-assignment-allowlist.ts";
import { roleAssignmentLeastPrivilege } from "./rules/identity/role-assignment-least-privilege.ts";
import { roleAssignmentRequired } from "./rules/identity/role-assignment-required.ts";
import { roleDefinitionLeastPrivilege } from "./rules/identity/role-definition-least-privilege.ts";
import { iotHubOutboundImportAccount } from "./rules/iot-hub/iot-hub-outbound-import-account.ts";
import { resourceName } from "./rules/stack/resource-name.ts";
import { resourcePropertyAllowlist } from "./rules/stack/resource-property-allowlist.ts";
import { resourceTypeAllowlist } from "./rules/stack/resource-type-allowlist.ts";
import { stackWaivedViolations } from "./rules/stack/stack-waived-violations.ts";
import { stackWaiverReview } from "./rules/stack/stack-waiver-review.ts";
import { auditLogRetention } from "./rules/storage/audit-log-retention.ts";
import { blobServiceSoftDelete } from "./rules/storage/blob-service-soft-delete.ts";
import { filesAccountDeletion } from "./rules/storage/files-account-deletion.ts";
import { importAccountNoRecovery } from "./rules/storage/import-account-no-recovery.ts";
import { storageAccountOnePerPurpose } from "./rules/storage/storage-account-one-per-purpose.ts";
import { storageAccountRegion } from "./rules/storage/storage-account-region.ts";
import { storageAccountSharedKeyAccess } from "./rules/storage/storage-account-shared-key-access.ts";
import { waivers } from "./waivers.ts";

/** The rules that judge the program. */
const programRules: Rule[] = [
  resourceName,
  resourcePropertyAllowlist,
  resourceRegion,
  resourceRequiredTags,
  resourceTypeAllowlist,
  stackCompleteFirstDeployment,
  stackNoIndirectDeployment,
  stackNoSecretInOutputs,
  stackNoSecretInState,

  auditContainerAppendOnly,
  auditLogRetention,
  blobContainerNoPublicAccess,
  blobServiceNoCors,
  blobServiceSoftDelete,
  filesAccountDeletion,
  importAccountNoRecovery,
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
  storageAccountOnePerPurpose,
  storageAccountRegion,
  storageAccountSasLifetime,
  storageAccountSharedKeyAccess,
  storageAccountTrustedServices,
  storageAccountZoneRedundant,
  tableNoStoredAccessPolicy,

  iotHubMinimumTls,
  iotHubNoConnectionStrings,
  iotHubNoLocalAuth,
  iotHubOutboundAllowlist,
  iotHubOutboundImportAccount,
  iotHubTerminalAccess,

  apiManagementApiDescriptors,
  apiManagementApiHttpsOnly,
  apiManagementApiPolicyAllowlist,
  apiManagementApiPolicyRequired,
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
  operatorsGroupMembers,
  roleAssignmentAllowlist,
  roleAssignmentLeastPrivilege,
  roleAssignmentNoPim,
  roleAssignmentPrincipalType,
  roleAssignmentRequired,
  roleAssignmentStableName,
  roleDefinitionLeastPrivilege,

  diagnosticSettingDestination,
  diagnosticSettingPresent,
  logAnalyticsNoLocalAuth,
  logAnalyticsNoReplication,
  logAnalyticsRetention,
];

/**
 * Every rule of the pack. The folder of a rule is the kind of resource it is about; its file has the name of its id. The
 * last ones report about those before them.
 */
export const rules: Rule[] = [
  ...programRules,
  stackWaivedViolations,
  stackWaiverReview(
    waivers,
    programRules.map(({ id }) => id),
  ),
  stackPreviewUnknownValues,
];
