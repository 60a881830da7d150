import { types } from "../azure/engine/type-tokens.ts";
import { allowedProperties } from "./properties.ts";

/** Regions of the fleet, in the form in which Azure returns them. */
export const westEurope = "westeurope";
export const norwayEast = "norwayeast";
/** Not a region: Azure requires this location for some types, which store no data of their own. */
const global = "global";

export interface AllowedType {
  /** Regions in which the type may be; absent for types without a location. */
  regions?: string[];
  /** Properties that the program may set; absent if it may set any. */
  properties?: string[];
}

const bothRegions = [westEurope, norwayEast];

/**
 * Every type that the program may declare, without its own components. To use a new type, add it here, so that a
 * reviewer sees it and decides on its regions, its access and the rules that it needs.
 */
export const allowedTypes: Record<string, AllowedType> = {
  [types.resourceGroup]: {
    regions: bothRegions,
    properties: allowedProperties.resourceGroup,
  },
  [types.iotHub]: { regions: [westEurope], properties: allowedProperties.iotHub },
  // The region of an account depends on what it holds: rules/storage/storage-account-region.ts.
  [types.storageAccount]: {
    regions: bothRegions,
    properties: allowedProperties.storageAccount,
  },
  [types.blobService]: { properties: allowedProperties.blobService },
  [types.blobContainer]: { properties: allowedProperties.blobContainer },
  [types.immutabilityPolicy]: { properties: allowedProperties.immutabilityPolicy },
  [types.lifecyclePolicy]: { properties: allowedProperties.lifecyclePolicy },
  [types.table]: { properties: allowedProperties.table },
  [types.apiManagement]: {
    regions: [norwayEast],
    properties: allowedProperties.apiManagement,
  },
  [types.api]: { properties: allowedProperties.api },
  [types.apiOperation]: { properties: allowedProperties.apiOperation },
  [types.apiPolicy]: { properties: allowedProperties.apiPolicy },
  [types.apiDiagnostic]: { properties: allowedProperties.apiDiagnostic },
  [types.backend]: { properties: allowedProperties.backend },
  [types.workspace]: { regions: [westEurope], properties: allowedProperties.workspace },
  [types.diagnosticSetting]: { properties: allowedProperties.diagnosticSetting },
  [types.insightsComponent]: { regions: [westEurope], properties: allowedProperties.insightsComponent },
  [types.availabilityTest]: { regions: [westEurope], properties: allowedProperties.availabilityTest },
  [types.metricAlert]: { regions: [global], properties: allowedProperties.metricAlert },
  [types.logAlert]: { regions: [westEurope], properties: allowedProperties.logAlert },
  [types.actionGroup]: { regions: [global], properties: allowedProperties.actionGroup },
  [types.roleAssignment]: { properties: allowedProperties.roleAssignment },
  [types.roleDefinition]: { properties: allowedProperties.roleDefinition },
  [types.group]: { properties: allowedProperties.group },
  [types.groupMember]: { properties: allowedProperties.groupMember },
  [types.application]: { properties: allowedProperties.application },
  [types.servicePrincipal]: { properties: allowedProperties.servicePrincipal },
  [types.federatedCredential]: { properties: allowedProperties.federatedCredential },
  [types.randomString]: { properties: allowedProperties.randomString },
  [types.stack]: {},
  "pulumi:providers:azure-native": {},
  "pulumi:providers:azuread": {},
  "pulumi:providers:random": {},
};
