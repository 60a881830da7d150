import { types } from "../engine/type-tokens.ts";
import { properties } from "./properties.ts";

/** Regions in which the fleet is, as Azure writes them without blanks. */
export const westEurope = "westeurope";
export const norwayEast = "norwayeast";
/** No place on a map: Azure offers some types, which hold no data of their own, in this one alone. */
const everywhere = "global";

/** What is known of a type. */
export interface KnownType {
  /** Regions in which one may be; undefined for what has no location of its own. */
  regions?: string[];
  /** Whether it takes tags, and must have them. */
  tagged?: boolean;
  /** Properties that a rule judges or that do no harm, with all that is in them; undefined where any is taken. */
  properties?: string[];
}

const either = [westEurope, norwayEast];

/**
 * Every type that the program may declare. A new one is a line here, so that somebody looks at where it may be,
 * who may get in, and which rules it needs, before it is used. The program's own components are not listed.
 */
export const knownTypes: Record<string, KnownType> = {
  [types.resourceGroup]: { regions: either, tagged: true, properties: properties.resourceGroup },
  [types.hub]: { regions: [westEurope], tagged: true, properties: properties.hub },
  // Which account may be where follows from what it holds: rules/accounts.ts.
  [types.storageAccount]: { regions: either, tagged: true, properties: properties.storageAccount },
  [types.blobService]: { properties: properties.blobService },
  [types.container]: { properties: properties.container },
  [types.immutability]: {},
  [types.lifecycle]: { properties: properties.lifecycle },
  [types.table]: { properties: properties.table },
  [types.gateway]: { regions: [norwayEast], tagged: true, properties: properties.gateway },
  [types.api]: { properties: properties.api },
  [types.apiOperation]: {},
  [types.apiPolicy]: { properties: properties.apiPolicy },
  [types.backend]: { properties: properties.backend },
  [types.workspace]: { regions: [westEurope], tagged: true, properties: properties.workspace },
  [types.diagnostics]: { properties: properties.diagnostics },
  [types.metricAlert]: { regions: [everywhere], tagged: true },
  [types.logAlert]: { regions: [westEurope], tagged: true },
  [types.actionGroup]: { regions: [everywhere], tagged: true },
  [types.roleAssignment]: {},
  [types.roleDefinition]: {},
  [types.group]: { properties: properties.group },
  [types.groupMember]: {},
  [types.application]: { properties: properties.application },
  [types.servicePrincipal]: { properties: properties.servicePrincipal },
  [types.federation]: {},
  [types.randomString]: {},
  [types.stack]: {},
  "pulumi:providers:azure-native": {},
  "pulumi:providers:azuread": {},
  "pulumi:providers:random": {},
};
