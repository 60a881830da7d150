import type { Resource } from "../../sandbox/resource-manager/resources.ts";

/*
 * The resources that the sandbox's own tests declare, each with the settings that the program declares where a test
 * depends on them. test/support/example-resources.test.ts compares them with the deployed program.
 */

/** Settings of the storage account for files. */
export const filesAccountProperties = {
  minimumTlsVersion: "TLS1_2",
  supportsHttpsTrafficOnly: true,
  allowBlobPublicAccess: false,
  allowSharedKeyAccess: true,
  sasPolicy: { sasExpirationPeriod: "30.00:00:00", expirationAction: "Block" },
};

/** Settings of the storage account for the key table. */
export const flowKeysAccountProperties = {
  minimumTlsVersion: "TLS1_2",
  supportsHttpsTrafficOnly: true,
  allowBlobPublicAccess: false,
  allowSharedKeyAccess: false,
};

/** Settings of the IoT Hub, which is in tier S1. */
export const iotHubProperties = { disableLocalAuth: true };

/** The resource group of all example resources. */
export const exampleGroup = (subscriptionId: string) =>
  `/subscriptions/${subscriptionId}/resourceGroups/example`;

export function exampleStorageAccount(
  subscriptionId: string,
  name: string,
  properties: Record<string, unknown> = filesAccountProperties,
  location = "westeurope",
): Resource {
  return {
    id: `${exampleGroup(subscriptionId)}/providers/Microsoft.Storage/storageAccounts/${name}`,
    type: "Microsoft.Storage/storageAccounts",
    name,
    location,
    kind: "StorageV2",
    sku: { name: "Standard_ZRS" },
    properties,
  };
}

export function exampleIotHub(
  subscriptionId: string,
  name: string,
  properties: Record<string, unknown> = iotHubProperties,
  sku = { name: "S1", capacity: 1 },
): Resource {
  return {
    id: `${exampleGroup(subscriptionId)}/providers/Microsoft.Devices/IotHubs/${name}`,
    type: "Microsoft.Devices/IotHubs",
    name,
    location: "westeurope",
    sku,
    properties,
  };
}

export function exampleApiManagement(subscriptionId: string, name: string): Resource {
  return {
    id: `${exampleGroup(subscriptionId)}/providers/Microsoft.ApiManagement/service/${name}`,
    type: "Microsoft.ApiManagement/service",
    name,
    location: "norwayeast",
    sku: { name: "BasicV2", capacity: 1 },
    properties: {},
  };
}
