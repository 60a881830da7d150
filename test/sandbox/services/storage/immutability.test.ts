import { afterAll, beforeAll, expect, test } from "vitest";
import { ResourceManager } from "../../../../sandbox/resource-manager/resource-manager.ts";
import { grantRole } from "../../../../sandbox/services/authorization/grant-role.ts";
import { temporaryFolder } from "../../proxy/proxy-client.ts";
import { flowProperties, roleNames, StorageCloud } from "./storage-cloud.ts";

const accountName = "exampleaudit";
const days = 40;
const dayMs = 24 * 3600_000;
const immutable = { statusCode: 409, code: "BlobImmutableDueToPolicy" };
const forbidden = { statusCode: 403, code: "AuthorizationPermissionMismatch" };

let dir: Awaited<ReturnType<typeof temporaryFolder>>;
let azure: StorageCloud;
let manager: ResourceManager;
let container: string;

/** Somebody with a custom role at the container: reading and adding, as the program gives the operators. */
function recorder() {
  const blobs = "blobServices/containers/blobs";
  return azure.person({ role: azure.role(`${blobs}/read`, `${blobs}/add/action`), scope: container });
}

beforeAll(async () => {
  dir = await temporaryFolder();
  azure = await StorageCloud.open(dir.path);
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

test("a right to read and add makes new append blobs and adds to them, and changes and deletes nothing", async () => {
  const blobs = azure.blobs(accountName, recorder().credential).getContainerClient("audit");
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

test("with every right to the data, what was written stays as it is for its time, counted from the last addition", async () => {
  const person = azure.person({ role: roleNames.blobOwner, scope: azure.accountId(accountName) });
  const blobs = azure.blobs(accountName, person.credential).getContainerClient("audit");
  const blob = blobs.getAppendBlobClient("kept");
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
    () => blobs.getBlockBlobClient("kept").upload("x", 1),
  ]) {
    await expect(change()).rejects.toMatchObject(immutable);
  }
  await expect(blobs.delete()).rejects.toMatchObject({ statusCode: 409 });
  azure.clock.move((days - 1) * dayMs);
  expect((await azure.storage.runLifecycle()).map(({ blob }) => blob)).not.toContain("kept");
  await expect(blob.delete()).rejects.toMatchObject(immutable);
  azure.clock.move(2 * dayMs);
  await expect(blob.setMetadata({ a: "b" })).rejects.toMatchObject(immutable);
  expect((await azure.storage.runLifecycle()).map(({ blob }) => blob)).toContain("kept");
  await expect(blob.getProperties()).rejects.toMatchObject({ statusCode: 404 });
  azure.clock.move(-azure.clock.offset);
});

test("a container that is immutable cannot be deleted over ARM, nor its policy by azure-native; with the account it can", async () => {
  expect(manager.read(container).properties).toMatchObject({ hasImmutabilityPolicy: true });
  await manager.write(container, { properties: { publicAccess: "None" } });
  expect(manager.read(container).properties).toMatchObject({ hasImmutabilityPolicy: true });
  expect(() => manager.delete(container)).toThrow("immutability policy");
  expect(() => manager.delete(`${container}/immutabilityPolicies/default`)).toThrow("incorrect etag");
  manager.delete(azure.accountId(accountName));
  expect(azure.azure.resources.get(`${container}/immutabilityPolicies/default`)).toBeUndefined();
});

test.each([
  ["another name", "other", { immutabilityPeriodSinceCreationInDays: 30 }],
  ["no period", "default", {}],
  [
    "both kinds of appends",
    "default",
    {
      immutabilityPeriodSinceCreationInDays: 30,
      allowProtectedAppendWrites: true,
      allowProtectedAppendWritesAll: true,
    },
  ],
])("a policy with %s is refused", async (_what, name, properties) => {
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
