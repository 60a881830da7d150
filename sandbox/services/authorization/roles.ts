/** A role definition: its operations on resources (actions) and on the data in resources (dataActions). */
export interface RoleDefinition {
  /** The GUID at the end of its resource ID. */
  guid: string;
  name: string;
  actions: string[];
  notActions?: string[];
  dataActions?: string[];
  notDataActions?: string[];
  /** A custom role can be assigned at these resource IDs and below them; undefined: anywhere. */
  assignableScopes?: string[];
}

const role = (
  guid: string,
  name: string,
  actions: string[],
  dataActions: string[] = [],
  notActions: string[] = [],
): RoleDefinition => ({ guid, name, actions, dataActions, notActions });

const hub = "Microsoft.Devices/IotHubs";
const storage = "Microsoft.Storage/storageAccounts";
const blobs = `${storage}/blobServices`;
const tables = `${storage}/tableServices`;

/**
 * The built-in roles that the sandbox knows. Their GUIDs are the same in every tenant. Owner and Contributor have no data
 * actions. Source: Azure documentation, "Azure built-in roles".
 */
export const builtInRoles: RoleDefinition[] = [
  role("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "Owner", ["*"]),
  role(
    "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "Contributor",
    ["*"],
    [],
    [
      "Microsoft.Authorization/*/Delete",
      "Microsoft.Authorization/*/Write",
      "Microsoft.Authorization/elevateAccess/Action",
    ],
  ),
  role("acdd72a7-3385-48ef-bd42-f606fba81ae7", "Reader", ["*/read"]),
  role("18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", "User Access Administrator", [
    "*/read",
    "Microsoft.Authorization/*",
  ]),
  role("4fc6c259-987e-4a07-842e-c321cc9d413f", "IoT Hub Data Contributor", [], [`${hub}/*`]),
  role(
    "b447c946-2db7-41ec-983d-d8bf3b1c77e3",
    "IoT Hub Data Reader",
    [],
    [`${hub}/*/read`, `${hub}/fileUpload/notifications/action`],
  ),
  role("4ea46cd5-c1b2-4a8e-910b-273211f9ce47", "IoT Hub Registry Contributor", [], [`${hub}/devices/*`]),
  role("494bdba2-168f-4f31-a0a1-191d2f7c028c", "IoT Hub Twin Contributor", [], [`${hub}/twins/*`]),
  role(
    "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    "Storage Blob Data Contributor",
    [
      `${blobs}/containers/delete`,
      `${blobs}/containers/read`,
      `${blobs}/containers/write`,
      `${blobs}/generateUserDelegationKey/action`,
    ],
    [
      `${blobs}/containers/blobs/delete`,
      `${blobs}/containers/blobs/read`,
      `${blobs}/containers/blobs/write`,
      `${blobs}/containers/blobs/move/action`,
      `${blobs}/containers/blobs/add/action`,
    ],
  ),
  role(
    "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
    "Storage Blob Data Owner",
    [`${blobs}/containers/*`, `${blobs}/generateUserDelegationKey/action`],
    [`${blobs}/containers/blobs/*`],
  ),
  role(
    "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
    "Storage Blob Data Reader",
    [`${blobs}/containers/read`, `${blobs}/generateUserDelegationKey/action`],
    [`${blobs}/containers/blobs/read`],
  ),
  role("db58b8e5-c6ad-4a2a-8342-4190687cbf4a", "Storage Blob Delegator", [
    `${blobs}/generateUserDelegationKey/action`,
  ]),
  role(
    "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
    "Storage Table Data Contributor",
    [`${tables}/tables/read`, `${tables}/tables/write`, `${tables}/tables/delete`],
    [
      `${tables}/tables/entities/read`,
      `${tables}/tables/entities/write`,
      `${tables}/tables/entities/delete`,
      `${tables}/tables/entities/add/action`,
      `${tables}/tables/entities/update/action`,
    ],
  ),
  role(
    "76199698-9eea-4c19-bc75-cec21354c6b6",
    "Storage Table Data Reader",
    [`${tables}/tables/read`],
    [`${tables}/tables/entities/read`],
  ),
  role("81a9662b-bebf-436f-a333-f67b29880f12", "Storage Account Key Operator Service Role", [
    `${storage}/listkeys/action`,
    `${storage}/regeneratekey/action`,
  ]),
  role("17d1049b-9a84-46fb-8f53-869881c3d3ab", "Storage Account Contributor", [
    "Microsoft.Authorization/*/read",
    `${storage}/*`,
  ]),
  role("312a565d-c81f-4fd8-895a-4e21e48d571c", "API Management Service Contributor", [
    "Microsoft.ApiManagement/service/*",
    "Microsoft.Authorization/*/read",
  ]),
  role("71522526-b88f-4d52-b57f-d31fc3546d0d", "API Management Service Reader Role", [
    "Microsoft.ApiManagement/service/*/read",
    "Microsoft.ApiManagement/service/read",
  ]),
  role("43d0d8ad-25c7-4714-9337-8ba259a9fe05", "Monitoring Reader", ["*/read"]),
];
