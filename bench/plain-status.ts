import { readFileSync } from "node:fs";
import { StorageManagementClient } from "@azure/arm-storage";
import { TableClient } from "@azure/data-tables";
import { DefaultAzureCredential } from "@azure/identity";
import { BlobServiceClient, StorageSharedKeyCredential } from "@azure/storage-blob";
import iothub from "azure-iothub";
import { HttpsProxyAgent } from "https-proxy-agent";

/*
 * What `status` is measured against: the same looks as a plain script with the official SDKs, one terminal and one call
 * at a time. plain-status.ts OUTPUTS CUSTOMER PREFIX COUNT
 */
const [outputsFile = "", customer = "", prefix = "", count = ""] = process.argv.slice(2);
const outputs = JSON.parse(readFileSync(outputsFile, "utf8")) as Record<string, string>;
const named = (id: string | undefined, kind: string) =>
  new RegExp(`/${kind}/([^/]+)`, "i").exec(id ?? "")?.[1] ?? "";
const credential = new DefaultAzureCredential();

const account = named(outputs.filesAccountResourceId, "storageAccounts");
const { keys } = await new StorageManagementClient(
  credential,
  outputs.subscriptionId ?? "",
).storageAccounts.listKeys(named(outputs.filesAccountResourceId, "resourceGroups"), account);
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
const proxied = registry as unknown as { _restApiClient: { setOptions(options: object): void } };
proxied._restApiClient.setOptions({
  http: { agent: new HttpsProxyAgent(process.env.HTTPS_PROXY ?? "", { keepAlive: true }) },
});

for (let number = 0; number < Number(count); number++) {
  const id = `${prefix}-${number}`;
  const { responseBody: twin } = await registry.getTwin(id);
  const row = await table.getEntity(customer, id);
  const hasContainer = await blobs.getContainerClient(id).exists();
  const { connectionState, status } = twin as unknown as Record<string, string>;
  process.stdout.write(
    `${JSON.stringify({ id, status, connectionState, flow: row.status, hasContainer })}\n`,
  );
}
