import { expect, test } from "vitest";
import { temporaryFolder } from "../../proxy/proxy-client.ts";
import { FILES, FILES_PROPERTIES, StorageCloud } from "./storage-cloud.ts";

const DAY = 24 * 3600 * 1000;

async function names(listing: AsyncIterable<{ name?: string }>): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of listing) found.push(name!);
  return found;
}

test("makes and deletes containers and tables with their resources, and all data with an account", async () => {
  await using dir = await temporaryFolder();
  const azure = await StorageCloud.open(dir.path);
  azure.deploy(FILES, FILES_PROPERTIES);
  const declare = (path: string, type: string) => {
    const id = `${azure.accountId(FILES)}/${path}`;
    const name = path.split("/").at(-1)!;
    azure.cloud.resources.put({
      id,
      name,
      type: `Microsoft.Storage/storageAccounts/${type}`,
      properties: {},
    });
    return id;
  };
  const jobs = declare("blobServices/default/containers/jobs", "blobServices/containers");
  declare("blobServices/default/containers/audit", "blobServices/containers");
  const table = declare("tableServices/default/tables/terminalkeys", "tableServices/tables");
  const blobs = azure.blobs(FILES);
  expect(await names(blobs.listContainers())).toEqual(["audit", "jobs"]);
  await azure.table(FILES, "terminalkeys").createEntity({ partitionKey: "p", rowKey: "r" });
  azure.cloud.resources.delete(table);
  await expect(azure.table(FILES, "terminalkeys").getEntity("p", "r")).rejects.toMatchObject({
    statusCode: 404,
  });
  await blobs.deleteContainer("jobs");
  expect(azure.cloud.resources.get(jobs)).toBeUndefined();
  await blobs.createContainer("undeclared");
  azure.cloud.resources.delete(azure.accountId(FILES));
  expect(azure.storage.site.serves(`${FILES}.blob.core.windows.net`)).toBe(false);
  azure.deploy(FILES, FILES_PROPERTIES);
  expect(await names(azure.blobs(FILES).listContainers())).toEqual([]);
  await azure.close();
});

test("deletes by lifecycle rule what is old enough at the sandbox's time", async () => {
  await using dir = await temporaryFolder();
  const azure = await StorageCloud.open(dir.path);
  azure.deploy(FILES, FILES_PROPERTIES);
  const [files, audit] = ["t-1", "audit"].map((name) => azure.blobs(FILES).getContainerClient(name));
  for (const container of [files!, audit!]) {
    await container.create();
    await container.getBlockBlobClient("old/a file.txt").upload("hello", 5);
  }
  const rule = {
    name: "delete-after-30-days",
    enabled: true,
    type: "Lifecycle",
    definition: {
      actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: 30 } } },
      filters: { blobTypes: ["blockBlob"], prefixMatch: ["t-"] },
    },
  };
  const tagged = {
    name: "delete-what-is-tagged",
    type: "Lifecycle",
    definition: {
      actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: 0 } } },
      filters: { blobTypes: ["blockBlob"], blobIndexMatch: [{ name: "Archive", op: "==", value: "yes" }] },
    },
  };
  azure.cloud.resources.put({
    id: `${azure.accountId(FILES)}/managementPolicies/default`,
    name: "default",
    type: "Microsoft.Storage/storageAccounts/managementPolicies",
    properties: { policy: { rules: [tagged, rule] } },
  });
  azure.clock.move(29 * DAY);
  expect(await azure.storage.runLifecycle()).toEqual([]);
  await files!.getBlockBlobClient("new.txt").upload("hello", 5);
  azure.clock.move(2 * DAY);
  expect(await azure.storage.runLifecycle()).toEqual([
    { account: FILES, container: "t-1", blob: "old/a file.txt", rule: "delete-after-30-days" },
  ]);
  expect(await names(files!.listBlobsFlat())).toEqual(["new.txt"]);
  expect(await names(audit!.listBlobsFlat())).toEqual(["old/a file.txt"]);
  await azure.close();
});
