import { afterAll, beforeAll, expect, test } from "vitest";
import { ResourceManager } from "../../../../sandbox/resource-manager/resource-manager.ts";
import { grantRole } from "../../../../sandbox/services/authorization/grant-role.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { flowProperties, roleNames, TestStorage } from "./test-storage.ts";

const accountName = "exampleaudit";
const days = 40;
const dayMs = 24 * 3600_000;
const immutable = { statusCode: 409, code: "BlobImmutableDueToPolicy" };
const forbidden = { statusCode: 403, code: "AuthorizationPermissionMismatch" };

let dir: Awaited<ReturnType<typeof temporaryFolder>>;
let azure: TestStorage;
let manager: ResourceManager;
let container: string;

/** Creates a principal with a custom role at the container: read and add, as the program's operators have. */
function createRecorder() {
  const blobs = "blobServices/containers/blobs";
  return azure.createPrincipal({
    role: azure.createRole(`${blobs}/read`, `${blobs}/add/action`),
    scope: container,
  });
}

beforeAll(async () => {
  dir = await temporaryFolder();
  azure = await TestStorage.open(dir.path);
  const group = `/subscriptions/${azure.azure.subscriptionId}/resourceGroups/example`;
  azure.azure.resources.put({
    id: group,
    type: "Microsoft.Resources/resourceGroups",
    name: "example",
    location: "westeurope",
    properties: {},
  });
  const account = azure.deploy(accountName, flowProperties);
  const owner = azure.azure.directory.addServicePrincipal("owner").objectId;
  grantRole(azure.azure, owner, "Owner");
  manager = new ResourceManager(azure.azure, owner);
  container = `${account.id}/blobServices/default/containers/audit`;
  azure.azure.resources.put({
    id: `${account.id}/blobServices/default`,
    type: "Microsoft.Storage/storageAccounts/blobServices",
    name: "default",
    properties: {},
  });
  await manager.write(container, { properties: {} });
  await manager.write(`${container}/immutabilityPolicies/default`, {
    properties: { immutabilityPeriodSinceCreationInDays: days, allowProtectedAppendWrites: true },
  });
  await manager.write(`${account.id}/managementPolicies/default`, {
    properties: {
      policy: {
        rules: [
          {
            name: "delete-early",
            type: "Lifecycle",
            definition: {
              filters: { blobTypes: ["appendBlob", "blockBlob"] },
              actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: 10 } } },
            },
          },
        ],
      },
    },
  });
});
afterAll(async () => {
  await azure.close();
  await dir[Symbol.asyncDispose]();
});

test("the rights read and add allow to create append blobs and append to them, and nothing else", async () => {
  const blobs = azure.blobs(accountName, createRecorder().credential).getContainerClient("audit");
  const blob = blobs.getAppendBlobClient("by-role");
  await blob.createIfNotExists();
  await blob.appendBlock("one\n", 4, { conditions: { appendPosition: 0 } });
  await expect(blob.appendBlock("late\n", 5, { conditions: { appendPosition: 0 } })).rejects.toMatchObject({
    statusCode: 412,
    code: "AppendPositionConditionNotMet",
  });
  await expect(blob.createIfNotExists()).rejects.toMatchObject(immutable);
  expect((await blob.downloadToBuffer()).toString()).toBe("one\n");
  const { blobCommittedBlockCount } = await blob.getProperties();
  expect(blobCommittedBlockCount).toBe(1);
  await expect(blob.create()).rejects.toMatchObject(forbidden);
  await expect(blob.delete()).rejects.toMatchObject(forbidden);
  await expect(blob.setMetadata({ a: "b" })).rejects.toMatchObject(forbidden);
  await expect(blobs.getBlockBlobClient("by-role").upload("x", 1)).rejects.toMatchObject(forbidden);
  await expect(blobs.delete()).rejects.toMatchObject(forbidden);
});

test("a Storage Blob Data Owner can change or delete no blob within the retention period after its last append", async () => {
  const principal = azure.createPrincipal({ role: roleNames.blobOwner, scope: azure.accountId(accountName) });
  const blobs = azure.blobs(accountName, principal.credential).getContainerClient("audit");
  const blob = blobs.getAppendBlobClient("retained");
  await blob.create();
  await blob.appendBlock("one\n", 4);
  azure.clock.move(20 * dayMs);
  await blob.appendBlock("two\n", 4);
  for (const change of [
    () => blob.delete(),
    () => blob.create(),
    () => blob.setMetadata({ a: "b" }),
    () => blob.setHTTPHeaders({ blobContentType: "text/plain" }),
    () => blob.createSnapshot(),
    () => blobs.getBlockBlobClient("retained").upload("x", 1),
  ]) {
    await expect(change()).rejects.toMatchObject(immutable);
  }
  await expect(blobs.delete()).rejects.toMatchObject({ statusCode: 409 });
  azure.clock.move((days - 1) * dayMs);
  expect((await azure.storage.runLifecycle()).map(({ blob }) => blob)).not.toContain("retained");
  await expect(blob.delete()).rejects.toMatchObject(immutable);
  azure.clock.move(2 * dayMs);
  await expect(blob.setMetadata({ a: "b" })).rejects.toMatchObject(immutable);
  expect((await azure.storage.runLifecycle()).map(({ blob }) => blob)).toContain("retained");
  await expect(blob.getProperties()).rejects.toMatchObject({ statusCode: 404 });
  azure.clock.move(-azure.clock.offset);
});

test("Azure Resource Manager deletes an immutable container and its policy only together with the account", async () => {
  expect(manager.read(container).properties).toMatchObject({ hasImmutabilityPolicy: true });
  await manager.write(container, { properties: { publicAccess: "None" } });
  expect(manager.read(container).properties).toMatchObject({ hasImmutabilityPolicy: true });
  await expect(manager.delete(container)).rejects.toThrow("immutability policy");
  await expect(manager.delete(`${container}/immutabilityPolicies/default`)).rejects.toThrow("incorrect etag");
  await manager.delete(azure.accountId(accountName));
  expect(azure.azure.resources.get(`${container}/immutabilityPolicies/default`)).toBeUndefined();
});

test.each([
  ["another name", "other", { immutabilityPeriodSinceCreationInDays: 30 }],
  ["no period", "default", {}],
  [
    "both kinds of protected appends",
    "default",
    {
      immutabilityPeriodSinceCreationInDays: 30,
      allowProtectedAppendWrites: true,
      allowProtectedAppendWritesAll: true,
    },
  ],
])("rejects an immutability policy with %s", async (_what, name, properties) => {
  const account = azure.deploy(accountName, flowProperties);
  const other = `${account.id}/blobServices/default/containers/other`;
  azure.azure.resources.put({
    id: `${account.id}/blobServices/default`,
    type: "Microsoft.Storage/storageAccounts/blobServices",
    name: "default",
    properties: {},
  });
  await manager.write(other, { properties: {} });
  await expect(manager.write(`${other}/immutabilityPolicies/${name}`, { properties })).rejects.toMatchObject({
    status: 400,
  });
});
