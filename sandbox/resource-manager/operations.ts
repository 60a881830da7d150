import { resourceTypes } from "./resource-type-registry.ts";

const hub = "Microsoft.Devices/IotHubs";
const storage = "Microsoft.Storage/storageAccounts";
const service = "Microsoft.ApiManagement/service";

const under = (prefix: string, names: string[]) => names.map((name) => `${prefix}/${name}`);

/** What the sandbox asks for on resources besides reading, writing and deleting each known type. */
const furtherActions = [
  ...under(storage, ["listkeys/action", "regeneratekey/action"]),
  ...under(`${storage}/blobServices`, ["getInfo/action", "generateUserDelegationKey/action"]),
  ...under(`${storage}/blobServices/containers`, ["getAcl/action", "setAcl/action"]),
  ...under(`${storage}/tableServices/tables`, ["getAcl/action", "setAcl/action"]),
  ...under(`${service}/subscriptions`, [
    "listSecrets/action",
    "regeneratePrimaryKey/action",
    "regenerateSecondaryKey/action",
  ]),
  "Microsoft.ApiManagement/deletedservices/read",
  "Microsoft.ApiManagement/locations/deletedservices/delete",
];

/** What it asks for on the data in resources, with the rights of built-in roles that nothing here asks for. */
const dataActions = [
  ...under(hub, [
    "devices/read",
    "devices/write",
    "devices/delete",
    "twins/read",
    "twins/write",
    "jobs/read",
    "jobs/write",
    "jobs/delete",
    "cloudToDeviceMessages/send/action",
    "cloudToDeviceMessages/feedback/action",
    "cloudToDeviceMessages/queue/purge/action",
    "directMethods/invoke/action",
    "fileUpload/notifications/action",
    "statistics/read",
  ]),
  ...under(`${storage}/blobServices/containers/blobs`, [
    "read",
    "write",
    "delete",
    "add/action",
    "move/action",
    "filter/action",
    "tags/read",
    "tags/write",
  ]),
  ...under(`${storage}/tableServices/tables/entities`, [
    "read",
    "write",
    "delete",
    "add/action",
    "update/action",
  ]),
];

/** The operations that a role can grant here: under `actions`, or under `dataActions`. In lower case. */
export function operations(kind: "action" | "dataAction"): string[] {
  const all =
    kind === "dataAction"
      ? dataActions
      : [...resourceTypes.flatMap(({ type }) => under(type, ["read", "write", "delete"])), ...furtherActions];
  return all.map((name) => name.toLowerCase());
}
