import { readFileSync } from "node:fs";
import { ApiManagementClient } from "@azure/arm-apimanagement";
import { IotHubClient } from "@azure/arm-iothub";
import { StorageManagementClient } from "@azure/arm-storage";
import { TableClient } from "@azure/data-tables";
import { DefaultAzureCredential } from "@azure/identity";
import { BlobServiceClient, StorageSharedKeyCredential } from "@azure/storage-blob";
import iothub from "azure-iothub";
import { HttpsProxyAgent } from "https-proxy-agent";

/*
 * The official clients, unmodified and with nothing configured but the environment that `sandbox env` prints, as
 * a process of their own. Prints what each got, as JSON.
 */

const outputs = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as Record<string, string>;
const credential = new DefaultAzureCredential();
const part = (resourceId: string | undefined, kind: string) =>
  new RegExp(`/${kind}/([^/]+)`, "i").exec(resourceId ?? "")?.[1] ?? "";
const subscription = outputs.subscriptionId ?? "";

const token = await credential.getToken("https://management.azure.com/.default");

const account = part(outputs.filesAccountResourceId, "storageAccounts");
const group = part(outputs.filesAccountResourceId, "resourceGroups");
const management = new StorageManagementClient(credential, subscription);
const { keys } = await management.storageAccounts.listKeys(group, account);
const blobs = new BlobServiceClient(
  outputs.filesBlobEndpoint ?? "",
  new StorageSharedKeyCredential(account, keys?.[0]?.value ?? ""),
);
// A name of its own in each run: Azure Storage releases the name of a deleted container after 30 seconds at the earliest.
const container = blobs.getContainerClient(`official-clients-${process.pid}`);
await container.createIfNotExists();
await container.getBlockBlobClient("hello.txt").upload("hello", 5);
const blob = (await container.getBlockBlobClient("hello.txt").downloadToBuffer()).toString();
await container.delete();

const table = new TableClient(
  outputs.flowKeysTableEndpoint ?? "",
  outputs.flowKeysTableName ?? "",
  credential,
);
await table.upsertEntity({ partitionKey: "example", rowKey: "official-clients", status: "revoked" });
const { status } = await table.getEntity("example", "official-clients");
await table.deleteEntity("example", "official-clients");

// The registry takes a rest client, and that an agent: it has no proxy setting of its own (see cli/azure/iot-hub).
const registry = iothub.Registry.fromTokenCredential(outputs.hubHostName ?? "", credential);
const proxied = registry as unknown as { _restApiClient: { setOptions(options: object): void } };
proxied._restApiClient.setOptions({ http: { agent: new HttpsProxyAgent(process.env.HTTPS_PROXY ?? "") } });
await registry.create({ deviceId: "official-clients" });
const device = (await registry.get("official-clients")).responseBody;
await registry.delete("official-clients");

const hub = await new IotHubClient(credential, subscription).iotHubResource.get(
  group,
  part(outputs.hubResourceId, "IotHubs"),
);

const service = part(outputs.flowApiResourceId, "service");
const flowGroup = part(outputs.flowApiResourceId, "resourceGroups");
const gateway = new ApiManagementClient(credential, subscription);
const made = await gateway.subscription.createOrUpdate(flowGroup, service, "official-clients", {
  scope: outputs.flowApiResourceId ?? "",
  displayName: "Official clients",
  state: "active",
});
const secrets = await gateway.subscription.listSecrets(flowGroup, service, "official-clients");
await gateway.subscription.delete(flowGroup, service, "official-clients", "*");

console.log(
  JSON.stringify({
    "@azure/identity": token.expiresOnTimestamp > Date.now(),
    "@azure/arm-storage": keys?.length,
    "@azure/storage-blob": blob,
    "@azure/data-tables": status,
    "azure-iothub": Buffer.from(device.authentication?.symmetricKey?.primaryKey ?? "", "base64").length,
    "@azure/arm-iothub": [hub.location, hub.sku.name],
    "@azure/arm-apimanagement": [made.state, Object.keys(secrets).includes("primaryKey")],
  }),
);
