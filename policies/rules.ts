import { adaptations } from "./adaptations.ts";
import type { Rule } from "./azure/engine/rule.ts";
import { withAzureRules } from "./azure/rules.ts";
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

/** The rules that are about this program alone. */
const ownRules: Rule[] = [
  resourceName,
  resourcePropertyAllowlist,
  resourceTypeAllowlist,

  auditLogRetention,
  blobServiceSoftDelete,
  filesAccountDeletion,
  importAccountNoRecovery,
  storageAccountOnePerPurpose,
  storageAccountRegion,
  storageAccountSharedKeyAccess,

  iotHubOutboundImportAccount,

  apiManagementApiPolicyAllowlist,
  apiManagementApiPolicyRequired,

  operatorsGroupMembers,
  roleAssignmentAllowlist,
  roleAssignmentLeastPrivilege,
  roleAssignmentRequired,
  roleDefinitionLeastPrivilege,
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
