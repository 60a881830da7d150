import { accountsFor, auditContainers, ofType } from "../engine/resource-queries.ts";
import type { Declared } from "../engine/rule.ts";
import { types } from "../engine/type-tokens.ts";

/*
 * Who needs which role on what, for onboarding, files and live lookups to work. It is the whole list: a role that
 * is not here is given to nobody. It says again what components/ say, so that a change there is one here too.
 */

/** GUIDs of the built-in roles that the work takes. Source: role-based-access-control/built-in-roles. */
export const builtIn = {
  "IoT Hub Registry Contributor": "4ea46cd5-c1b2-4a8e-910b-273211f9ce47",
  "IoT Hub Twin Contributor": "494bdba2-168f-4f31-a0a1-191d2f7c028c",
  Reader: "acdd72a7-3385-48ef-bd42-f606fba81ae7",
  "Storage Account Key Operator Service Role": "81a9662b-bebf-436f-a333-f67b29880f12",
  "Storage Table Data Contributor": "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
  "Storage Table Data Reader": "76199698-9eea-4c19-bc75-cec21354c6b6",
} as const;

const service = "Microsoft.ApiManagement/service";
const blobs = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs";
const hubJobs = "Microsoft.Devices/IotHubs/jobs";

/** Every action of the roles that the stack defines itself, where each built-in one has more than the work takes. */
export const custom = {
  "the role for customers' shared keys": {
    actions: [
      `${service}/read`,
      `${service}/apis/read`,
      `${service}/subscriptions/read`,
      `${service}/subscriptions/write`,
      `${service}/subscriptions/delete`,
      `${service}/subscriptions/listSecrets/action`,
      `${service}/subscriptions/regeneratePrimaryKey/action`,
      `${service}/subscriptions/regenerateSecondaryKey/action`,
    ],
    dataActions: [],
  },
  "the role for records of changes": { actions: [], dataActions: [`${blobs}/read`, `${blobs}/add/action`] },
  "the role for import jobs": { actions: [], dataActions: [`${hubJobs}/read`, `${hubJobs}/write`] },
} as const;

/** A kind of place on which a role is given. */
export interface RoleScope {
  /** Which resources of the stack are one. */
  in(resources: Declared[]): Declared[];
  /** How the ID of one goes on after its resource group, with {property} for what it says itself. */
  path: string;
}

const places = {
  hub: { in: (all) => ofType(all, types.hub), path: "Microsoft.Devices/IotHubs/{resourceName}" },
  keyedAccount: {
    in: (all) => accountsFor(all, "files", "device-imports"),
    path: "Microsoft.Storage/storageAccounts/{accountName}",
  },
  keyTable: {
    in: (all) => ofType(all, types.table),
    path: "Microsoft.Storage/storageAccounts/{accountName}/tableServices/default/tables/{tableName}",
  },
  auditContainer: {
    in: auditContainers,
    path: "Microsoft.Storage/storageAccounts/{accountName}/blobServices/default/containers/{containerName}",
  },
  gateway: { in: (all) => ofType(all, types.gateway), path: "Microsoft.ApiManagement/service/{serviceName}" },
} satisfies Record<string, RoleScope>;

/** Who gets roles: the operators' group, with the pipelines' application in it, and the gateway itself. */
export const holders = { operators: types.group, gateway: types.gateway } as const;

/** One role that the work takes. */
export interface Grant {
  role: keyof typeof builtIn | keyof typeof custom;
  on: RoleScope;
  to: keyof typeof holders;
  for: string;
}

export const neededGrants: Grant[] = [
  {
    role: "IoT Hub Registry Contributor",
    on: places.hub,
    to: "operators",
    for: "onboarding and revoking terminals",
  },
  {
    role: "IoT Hub Twin Contributor",
    on: places.hub,
    to: "operators",
    for: "tagging terminals and telling them of files",
  },
  { role: "Reader", on: places.hub, to: "operators", for: "pacing the onboarding" },
  { role: "the role for import jobs", on: places.hub, to: "operators", for: "importing large batches" },
  {
    role: "Storage Account Key Operator Service Role",
    on: places.keyedAccount,
    to: "operators",
    for: "signing keys of single files and of import jobs",
  },
  {
    role: "the role for records of changes",
    on: places.auditContainer,
    to: "operators",
    for: "recording every change",
  },
  {
    role: "Storage Table Data Contributor",
    on: places.keyTable,
    to: "operators",
    for: "writing terminals' Flow keys",
  },
  {
    role: "the role for customers' shared keys",
    on: places.gateway,
    to: "operators",
    for: "handling the shared keys",
  },
  {
    role: "Storage Table Data Reader",
    on: places.keyTable,
    to: "gateway",
    for: "the gateway's lookup of terminals",
  },
];
