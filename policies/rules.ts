import { adaptations } from "./adaptations.ts";
import type { Rule } from "./azure/engine/rule.ts";
import { withAzureRules } from "./azure/rules.ts";
import { apiManagementApiPolicyAllowlist } from "./rules/api-management/api-management-api-policy-allowlist.ts";
import { apiManagementApiPolicyRequired } from "./rules/api-management/api-management-api-policy-required.ts";
import { apiManagementBackendHost } from "./rules/api-management/api-management-backend-host.ts";
import { apiManagementOperations } from "./rules/api-management/api-management-operations.ts";
import { apiManagementPublisher } from "./rules/api-management/api-management-publisher.ts";
import { federatedCredentialListedPipeline } from "./rules/identity/federated-credential-listed-pipeline.ts";
import { operatorsGroupMembers } from "./rules/identity/operators-group-members.ts";
import { roleAssignmentAllowlist } from "./rules/identity/role-assignment-allowlist.ts";
import { roleAssignmentLeastPrivilege } from "./rules/identity/role-assignment-least-privilege.ts";
import { roleAssignmentRequired } from "./rules/identity/role-assignment-required.ts";
import { roleDefinitionLeastPrivilege } from "./rules/identity/role-definition-least-privilege.ts";
import { roleDefinitionScope } from "./rules/identity/role-definition-scope.ts";
import { iotHubOutboundImportAccount } from "./rules/iot-hub/iot-hub-outbound-import-account.ts";
import { actionGroupReceivers } from "./rules/monitoring/action-group-receivers.ts";
import { alertRequired } from "./rules/monitoring/alert-required.ts";
import { providerSettings } from "./rules/stack/provider-settings.ts";
import { resourceCount } from "./rules/stack/resource-count.ts";
import { resourceName } from "./rules/stack/resource-name.ts";
import { resourceParentFromStack } from "./rules/stack/resource-parent-from-stack.ts";
import { resourcePropertyAllowlist } from "./rules/stack/resource-property-allowlist.ts";
import { resourcePropertyValue } from "./rules/stack/resource-property-value.ts";
import { resourceProtected } from "./rules/stack/resource-protected.ts";
import { resourceTagValues } from "./rules/stack/resource-tag-values.ts";
import { resourceTypeAllowlist } from "./rules/stack/resource-type-allowlist.ts";
import { retentionAsPromised } from "./rules/stack/retention-as-promised.ts";
import { stackOutputHosts } from "./rules/stack/stack-output-hosts.ts";
import { stackWaivedViolations } from "./rules/stack/stack-waived-violations.ts";
import { stackWaiverReview } from "./rules/stack/stack-waiver-review.ts";
import { auditLogRetention } from "./rules/storage/audit-log-retention.ts";
import { blobServiceSoftDelete } from "./rules/storage/blob-service-soft-delete.ts";
import { filesAccountDeletion } from "./rules/storage/files-account-deletion.ts";
import { importAccountNoRecovery } from "./rules/storage/import-account-no-recovery.ts";
import { storageAccountCopyOfFilesOnly } from "./rules/storage/storage-account-copy-of-files-only.ts";
import { storageAccountOnePerPurpose } from "./rules/storage/storage-account-one-per-purpose.ts";
import { storageAccountRegion } from "./rules/storage/storage-account-region.ts";
import { storageAccountSharedKeyAccess } from "./rules/storage/storage-account-shared-key-access.ts";
import { waivers } from "./waivers.ts";

/** The rules that are about this program alone. */
const ownRules: Rule[] = [
  resourceName,
  resourcePropertyAllowlist,
  resourceTypeAllowlist,
  resourceProtected,
  providerSettings,
  resourceParentFromStack,
  resourceCount,
  stackOutputHosts,
  resourcePropertyValue,
  resourceTagValues,
  retentionAsPromised,

  auditLogRetention,
  blobServiceSoftDelete,
  filesAccountDeletion,
  importAccountNoRecovery,
  storageAccountCopyOfFilesOnly,
  storageAccountOnePerPurpose,
  storageAccountRegion,
  storageAccountSharedKeyAccess,

  iotHubOutboundImportAccount,

  apiManagementApiPolicyAllowlist,
  apiManagementApiPolicyRequired,
  apiManagementBackendHost,
  apiManagementOperations,
  apiManagementPublisher,

  operatorsGroupMembers,
  roleAssignmentAllowlist,
  roleAssignmentLeastPrivilege,
  roleAssignmentRequired,
  roleDefinitionLeastPrivilege,
  federatedCredentialListedPipeline,
  roleDefinitionScope,

  alertRequired,
  actionGroupReceivers,
];

/** The rules that judge the program. */
const judgingRules = withAzureRules(ownRules, adaptations);

/**
 * Every rule of the pack: those of policies/azure/, for any program, and the program's own. The folder of a rule is the
 * kind of resource it is about; its file has the name of its id. The last ones report about those before them.
 */
export const rules: Rule[] = [
  ...judgingRules.slice(0, -1),
  stackWaivedViolations,
  stackWaiverReview(
    waivers,
    judgingRules.map(({ id }) => id),
  ),
  ...judgingRules.slice(-1),
];
