import { types } from "../azure/engine/type-tokens.ts";

/** How many resources of a type a stack has: one of each, where nothing else is said. */
export const countsByType: Record<string, number> = {
  // One in West Europe, and one in Norway East.
  [types.resourceGroup]: 2,
  // One for each custom role of allowlists/role-assignments.ts.
  [types.roleDefinition]: 3,
  [types.randomString]: 1,
  [types.iotHub]: 1,
  [types.apiManagement]: 1,
  [types.api]: 1,
  [types.backend]: 1,
  [types.apiDiagnostic]: 1,
  [types.insightsComponent]: 1,
  [types.availabilityTest]: 1,
  [types.workspace]: 1,
  [types.actionGroup]: 1,
  [types.table]: 1,
  [types.blobContainer]: 1,
  [types.immutabilityPolicy]: 1,
  [types.group]: 1,
  [types.groupMember]: 1,
  [types.application]: 1,
  [types.servicePrincipal]: 1,
};

/** Types of which Azure keeps one in each storage account: a second declaration overwrites the first. */
export const onePerAccount = [types.blobService, types.lifecyclePolicy, types.immutabilityPolicy];
