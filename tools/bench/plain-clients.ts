import { readFileSync } from "node:fs";
import { StorageManagementClient } from "@azure/arm-storage";
import { TableClient } from "@azure/data-tables";
import { DefaultAzureCredential } from "@azure/identity";
import { BlobServiceClient, StorageSharedKeyCredential } from "@azure/storage-blob";
import iothub from "azure-iothub";
import { HttpsProxyAgent } from "https-proxy-agent";

/** Clients of the official SDKs for a deployment, as a plain script creates them from the stack's outputs. */
export async function plainClients(outputsFile: string) {
  const outputs = JSON.parse(readFileSync(outputsFile, "utf8")) as Record<string, string>;
  const named = (kind: string) =>
    new RegExp(`/${kind}/([^/]+)`, "i").exec(outputs.filesAccountResourceId ?? "")?.[1] ?? "";
  const credential = new DefaultAzureCredential();

  const account = named("storageAccounts");
  const management = new StorageManagementClient(credential, outputs.subscriptionId ?? "");
  const { keys } = await management.storageAccounts.listKeys(named("resourceGroups"), account);
  const blobs = new BlobServiceClient(
    outputs.filesBlobEndpoint ?? "",
    new StorageSharedKeyCredential(account, keys?.[0]?.value ?? ""),
  );
  const table = new TableClient(
    outputs.flowKeysTableEndpoint ?? "",
    outputs.flowKeysTableName ?? "",
    credential,
  );
  const registry = iothub.Registry.fromTokenCredential(outputs.hubHostName ?? "", credential);
  // The SDK takes no proxy from the environment.
  const proxied = registry as unknown as { _restApiClient: { setOptions(options: object): void } };
  proxied._restApiClient.setOptions({
    http: { agent: new HttpsProxyAgent(process.env.HTTPS_PROXY ?? "", { keepAlive: true }) },
  });
  return { blobs, table, registry };
}
