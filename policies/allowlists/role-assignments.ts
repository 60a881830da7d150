import { accountsHolding, auditContainers, resourcesOfType } from "../azure/engine/resource-queries.ts";
import type { DeclaredResource } from "../azure/engine/rule.ts";
import { idPaths } from "../azure/engine/stack-values.ts";
import { types } from "../azure/engine/type-tokens.ts";

/*
 * The complete list of roles that onboarding, file exchange and the Flow API need: which role, on what, to whom. The
 * list repeats what components/ declare, so that each change of a role is a change of this file too.
 */

/** GUIDs of the built-in roles in use. Source: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles */
export const builtInRoles = {
  "IoT Hub Registry Contributor": "4ea46cd5-c1b2-4a8e-910b-273211f9ce47",
  "IoT Hub Twin Contributor": "494bdba2-168f-4f31-a0a1-191d2f7c028c",
  Reader: "acdd72a7-3385-48ef-bd42-f606fba81ae7",
  "Storage Account Key Operator Service Role": "81a9662b-bebf-436f-a333-f67b29880f12",
  "Storage Table Data Contributor": "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
  "Storage Table Data Reader": "76199698-9eea-4c19-bc75-cec21354c6b6",
} as const;

const apiManagement = "Microsoft.ApiManagement/service";
const blobs = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs";
const iotHubJobs = "Microsoft.Devices/IotHubs/jobs";

/** All actions of the stack's custom roles. Each built-in role for these tasks has more actions than needed. */
export const customRoles = {
  "custom role for subscription keys": {
    actions: [
      `${apiManagement}/read`,
      `${apiManagement}/apis/read`,
      `${apiManagement}/subscriptions/read`,
      `${apiManagement}/subscriptions/write`,
      `${apiManagement}/subscriptions/delete`,
      `${apiManagement}/subscriptions/listSecrets/action`,
      `${apiManagement}/subscriptions/regeneratePrimaryKey/action`,
      `${apiManagement}/subscriptions/regenerateSecondaryKey/action`,
    ],
    dataActions: [],
  },
  "custom role for the audit log": { actions: [], dataActions: [`${blobs}/read`, `${blobs}/add/action`] },
  "custom role for import jobs": { actions: [], dataActions: [`${iotHubJobs}/read`, `${iotHubJobs}/write`] },
} as const;

/** A kind of resource on which a role is assigned. */
export interface RoleScope {
  /** Finds the resources of this kind in the stack. */
  findIn(resources: DeclaredResource[]): DeclaredResource[];
  /** The resource ID after "providers/", with {property} for a property of the resource. */
  idPath: string;
}

const scopes = {
  iotHub: {
    findIn: (resources) => resourcesOfType(resources, types.iotHub),
    idPath: idPaths.iotHub,
  },
  accountWithSigningKeys: {
    findIn: (resources) => accountsHolding(resources, "files", "device-imports"),
    idPath: idPaths.storageAccount,
  },
  keyTable: {
    findIn: (resources) => resourcesOfType(resources, types.table),
    idPath: idPaths.table,
  },
  auditContainer: {
    findIn: auditContainers,
    idPath: idPaths.container,
  },
  apiManagement: {
    findIn: (resources) => resourcesOfType(resources, types.apiManagement),
    idPath: idPaths.apiManagement,
  },
} satisfies Record<string, RoleScope>;

/**
 * The principals: the operators' group, which the pipelines' application joins, and the gateway itself. Each with its
 * kind, and the output that is its object ID.
 */
export const principals = {
  operators: { type: types.group, principalType: "Group", objectIdOf: "objectId" },
  gateway: {
    type: types.apiManagement,
    principalType: "ServicePrincipal",
    objectIdOf: "identity.principalId",
  },
} as const;

export interface RequiredAssignment {
  role: keyof typeof builtInRoles | keyof typeof customRoles;
  scope: RoleScope;
  principal: keyof typeof principals;
  /** The task that needs the role. */
  purpose: string;
}

export const requiredAssignments: RequiredAssignment[] = [
  {
    role: "IoT Hub Registry Contributor",
    scope: scopes.iotHub,
    principal: "operators",
    purpose: "onboarding and revoking terminals",
  },
  {
    role: "IoT Hub Twin Contributor",
    scope: scopes.iotHub,
    principal: "operators",
    purpose: "writing tags and file offers to device twins",
  },
  {
    role: "Reader",
    scope: scopes.iotHub,
    principal: "operators",
    purpose: "reading the IoT Hub's tier, which sets the pacing",
  },
  {
    role: "custom role for import jobs",
    scope: scopes.iotHub,
    principal: "operators",
    purpose: "importing large batches",
  },
  {
    role: "Storage Account Key Operator Service Role",
    scope: scopes.accountWithSigningKeys,
    principal: "operators",
    purpose: "signing file links and the links of import jobs",
  },
  {
    role: "custom role for the audit log",
    scope: scopes.auditContainer,
    principal: "operators",
    purpose: "recording every change",
  },
  {
    role: "Storage Table Data Contributor",
    scope: scopes.keyTable,
    principal: "operators",
    purpose: "writing Flow key rows",
  },
  {
    role: "custom role for subscription keys",
    scope: scopes.apiManagement,
    principal: "operators",
    purpose: "creating and renewing subscription keys",
  },
  {
    role: "Storage Table Data Reader",
    scope: scopes.keyTable,
    principal: "gateway",
    purpose: "looking up Flow key rows",
  },
];
