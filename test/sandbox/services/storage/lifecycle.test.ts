import { expect, test } from "vitest";
import { filesAccount, filesProperties, TestStorage } from "./test-storage.ts";

const dayMs = 24 * 3600 * 1000;

test("an enabled rule deletes blobs of its types by creation or change, a disabled rule deletes nothing", async () => {
  await using azure = await TestStorage.open();
  azure.deploy(filesAccount, filesProperties);
  const container = azure.blobs(filesAccount).getContainerClient("files");
  await container.create();
  for (const name of ["changed.txt", "unchanged.txt"]) {
    await container.getBlockBlobClient(name).upload("hello", 5);
  }
  await container.getAppendBlobClient("log.txt").create();
  azure.clock.move(5 * dayMs);
  await container.getBlockBlobClient("changed.txt").setMetadata({ changed: "yes" });

  /** Runs the lifecycle with one rule. @returns The names of the deleted blobs. */
  const run = async (condition: object, { enabled = true, blobTypes = ["blockBlob"] } = {}) => {
    const definition = { actions: { baseBlob: { delete: condition } }, filters: { blobTypes } };
    azure.azure.resources.put({
      id: `${azure.accountId(filesAccount)}/managementPolicies/default`,
      name: "default",
      type: "Microsoft.Storage/storageAccounts/managementPolicies",
      properties: { policy: { rules: [{ name: "example", type: "Lifecycle", enabled, definition }] } },
    });
    return (await azure.storage.runLifecycle()).map(({ blob }) => blob);
  };
  expect(await run({ daysAfterModificationGreaterThan: 1 }, { enabled: false })).toEqual([]);
  expect(await run({ daysAfterModificationGreaterThan: 1 })).toEqual(["unchanged.txt"]);
  expect(await run({ daysAfterCreationGreaterThan: 6 })).toEqual([]);
  expect(await run({ daysAfterCreationGreaterThan: 1 })).toEqual(["changed.txt"]);
  expect(await run({ daysAfterCreationGreaterThan: 1 }, { blobTypes: ["appendBlob"] })).toEqual(["log.txt"]);
});
