import { api, apiOperation } from "../services/api-management/resource-types/api.ts";
import { backend, namedValue } from "../services/api-management/resource-types/api-backend.ts";
import { apiDiagnostic } from "../services/api-management/resource-types/api-diagnostic.ts";
import { apiManagementService } from "../services/api-management/resource-types/api-management-service.ts";
import { apiPolicy } from "../services/api-management/resource-types/api-policy.ts";
import { apiSubscription } from "../services/api-management/resource-types/api-subscription.ts";
import { roleAssignment } from "../services/authorization/resource-types/role-assignment.ts";
import { roleDefinition } from "../services/authorization/resource-types/role-definition.ts";
import { consumerGroup } from "../services/iot-hub/resource-types/consumer-group.ts";
import { iotHub } from "../services/iot-hub/resource-types/iot-hub.ts";
import { actionGroup } from "../services/monitor/resource-types/action-group.ts";
import { availabilityTest, insightsComponent } from "../services/monitor/resource-types/availability-test.ts";
import { diagnosticSetting } from "../services/monitor/resource-types/diagnostic-setting.ts";
import { metricAlert } from "../services/monitor/resource-types/metric-alert.ts";
import { scheduledQueryRule } from "../services/monitor/resource-types/scheduled-query-rule.ts";
import { workspace } from "../services/monitor/resource-types/workspace.ts";
import { immutabilityPolicy } from "../services/storage/resource-types/immutability-policy.ts";
import { managementPolicy } from "../services/storage/resource-types/management-policy.ts";
import { storageAccount } from "../services/storage/resource-types/storage-account.ts";
import { blobContainer, table } from "../services/storage/resource-types/storage-data.ts";
import { blobService, tableService } from "../services/storage/resource-types/storage-services.ts";
import { resourceGroup } from "./resource-group.ts";
import type { ResourceType } from "./resource-type.ts";

/**
 * The resource types that the sandbox knows. Any other type is refused by name.
 *
 * To add a type, write one file in services/<service>/resource-types/ and add its line here. The type's definition
 * contains all that the resource manager, the Pulumi provider and the roles need: see services/monitor/resource-types/
 * workspace.ts for a small one.
 */
export const resourceTypes: readonly ResourceType[] = [
  resourceGroup,
  iotHub,
  consumerGroup,
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
  apiDiagnostic,
  apiSubscription,
  workspace,
  diagnosticSetting,
  insightsComponent,
  availabilityTest,
  metricAlert,
  scheduledQueryRule,
  actionGroup,
  roleAssignment,
  roleDefinition(() => resourceTypes),
];
