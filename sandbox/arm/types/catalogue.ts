import { actionGroup } from "./action-group.ts";
import { api, apiOperation } from "./api.ts";
import { backend, namedValue } from "./api-backend.ts";
import { apiManagementService } from "./api-management-service.ts";
import { apiPolicy } from "./api-policy.ts";
import { apiSubscription } from "./api-subscription.ts";
import { diagnosticSetting } from "./diagnostic-setting.ts";
import { immutabilityPolicy } from "./immutability-policy.ts";
import { iotHub } from "./iot-hub.ts";
import { managementPolicy } from "./management-policy.ts";
import { metricAlert } from "./metric-alert.ts";
import { resourceGroup } from "./resource-group.ts";
import type { ResourceType } from "./resource-type.ts";
import { roleAssignment } from "./role-assignment.ts";
import { roleDefinition } from "./role-definition.ts";
import { scheduledQueryRule } from "./scheduled-query-rule.ts";
import { storageAccount } from "./storage-account.ts";
import { blobContainer, table } from "./storage-data.ts";
import { blobService, tableService } from "./storage-services.ts";
import { workspace } from "./workspace.ts";

/** Every resource type that the sandbox knows; all others are refused by name. */
export const resourceTypes: ResourceType[] = [
  resourceGroup,
  iotHub,
  storageAccount,
  blobService,
  blobContainer,
  immutabilityPolicy,
  managementPolicy,
  tableService,
  table,
  apiManagementService,
  backend,
  namedValue,
  api,
  apiOperation,
  apiPolicy,
  apiSubscription,
  workspace,
  diagnosticSetting,
  metricAlert,
  scheduledQueryRule,
  actionGroup,
  roleAssignment,
  roleDefinition,
];
