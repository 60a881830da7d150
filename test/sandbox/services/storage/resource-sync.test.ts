import { expect, test } from "vitest";
import { temporaryFolder } from "../../../support/folder.ts";
import { filesAccount, filesProperties, TestStorage } from "./test-storage.ts";

const dayMs = 24 * 3600 * 1000;

async function names(listing: AsyncIterable<{ name?: string }>): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of listing) found.push(name!);
  return found;
}

test("creates and deletes containers and tables with their resources, and deletes all data with an account", async () => {
  await using dir = await temporaryFolder();
  const azure = await TestStorage.open(dir.path);
  azure.deploy(filesAccount, filesProperties);
  const declare = (path: string, type: string) => {
    const id = `${azure.accountId(filesAccount)}/${path}`;
    const name = path.split("/").at(-1)!;
    azure.azure.resources.put({
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
  const blobs = azure.blobs(filesAccount);
  expect(await names(blobs.listContainers())).toEqual(["audit", "jobs"]);
  await azure.table(filesAccount, "terminalkeys").createEntity({ partitionKey: "p", rowKey: "r" });
  azure.azure.resources.delete(table);
  await expect(azure.table(filesAccount, "terminalkeys").getEntity("p", "r")).rejects.toMatchObject({
    statusCode: 404,
  });
  await blobs.deleteContainer("jobs");
  expect(azure.azure.resources.get(jobs)).toBeUndefined();
  await blobs.createContainer("undeclared");
  azure.azure.resources.delete(azure.accountId(filesAccount));
  expect(azure.storage.endpoint.serves(`${filesAccount}.blob.core.windows.net`)).toBe(false);
  azure.deploy(filesAccount, filesProperties);
  expect(await names(azure.blobs(filesAccount).listContainers())).toEqual([]);
  await azure.close();
});

test("lifecycle rules delete the blobs that are old enough at the sandbox's time", async () => {
  await using dir = await temporaryFolder();
  const azure = await TestStorage.open(dir.path);
  azure.deploy(filesAccount, filesProperties);
  const [files, audit] = ["t-1", "audit"].map((name) => azure.blobs(filesAccount).getContainerClient(name));
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
    name: "delete-tagged",
    type: "Lifecycle",
    definition: {
      actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: 0 } } },
      filters: { blobTypes: ["blockBlob"], blobIndexMatch: [{ name: "Archive", op: "==", value: "yes" }] },
    },
  };
  azure.azure.resources.put({
    id: `${azure.accountId(filesAccount)}/managementPolicies/default`,
    name: "default",
    type: "Microsoft.Storage/storageAccounts/managementPolicies",
    properties: { policy: { rules: [tagged, rule] } },
  });
  azure.clock.move(29 * dayMs);
  expect(await azure.storage.runLifecycle()).toEqual([]);
  await files!.getBlockBlobClient("new.txt").upload("hello", 5);
  azure.clock.move(2 * dayMs);
  expect(await azure.storage.runLifecycle()).toEqual([
    { account: filesAccount, container: "t-1", blob: "old/a file.txt", rule: "delete-after-30-days" },
  ]);
  expect(await names(files!.listBlobsFlat())).toEqual(["new.txt"]);
  expect(await names(audit!.listBlobsFlat())).toEqual(["old/a file.txt"]);
  await azure.close();
});
