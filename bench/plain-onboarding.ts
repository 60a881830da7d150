import { createHash, randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StorageManagementClient } from "@azure/arm-storage";
import { TableClient } from "@azure/data-tables";
import { DefaultAzureCredential } from "@azure/identity";
import { BlobServiceClient, StorageSharedKeyCredential } from "@azure/storage-blob";
import { Encrypter } from "age-encryption";
import iothub from "azure-iothub";
import { HttpsProxyAgent } from "https-proxy-agent";

/*
 * What onboarding is measured against: the same work, written as a plain script with the official SDKs, one terminal
 * and one call at a time. plain-onboarding.ts OUTPUTS FOLDER RECIPIENT PREFIX COUNT
 */
const [outputsFile = "", folder = "", recipient = "", prefix = "", count = ""] = process.argv.slice(2);
const outputs = JSON.parse(readFileSync(outputsFile, "utf8")) as Record<string, string>;
const named = (id: string | undefined, kind: string) =>
  new RegExp(`/${kind}/([^/]+)`, "i").exec(id ?? "")?.[1] ?? "";
const credential = new DefaultAzureCredential();
const customer = "plain-customer";
const site = "Site 1";

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
const sealing = new Encrypter();
sealing.addRecipient(recipient);
const mint = () => randomBytes(32).toString("base64");

for (let number = 0; number < Number(count); number++) {
  const id = `${prefix}-${number}`;
  const [primaryKey, secondaryKey, flowKey] = [mint(), mint(), mint()];
  await registry.create({
    deviceId: id,
    status: "enabled",
    authentication: { type: "sas", symmetricKey: { primaryKey, secondaryKey } },
  });
  await registry.updateTwin(id, { tags: { customer, site } }, "*");
  const container = blobs.getContainerClient(id);
  await container.create();
  await container.setAccessPolicy(undefined, [{ id: "terminal", accessPolicy: {} }]);
  await table.createEntity({
    partitionKey: customer,
    rowKey: id,
    currentKeySha256: createHash("sha256").update(flowKey).digest("base64"),
    previousKeySha256: "",
    status: "active",
    site,
    keyCreatedAt: new Date().toISOString(),
  });
  const handover = { terminalId: id, customer, site, primaryKey, flowKey };
  writeFileSync(join(folder, `${id}.age`), await sealing.encrypt(JSON.stringify(handover)), { mode: 0o600 });
}
