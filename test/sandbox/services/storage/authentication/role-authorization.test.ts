import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "../../../../support/folder.ts";
import { call, callPlain } from "../../../proxy/proxy-client.ts";
import {
  filesAccount,
  filesProperties,
  flowAccount,
  flowProperties,
  roleNames,
  TestStorage,
} from "../test-storage.ts";

let dir: Awaited<ReturnType<typeof temporaryFolder>>;
let azure: TestStorage;

const forbidden = { statusCode: 403, code: "AuthorizationPermissionMismatch" };
const forbiddenRow = { statusCode: 403, details: { odataError: { code: forbidden.code } } };

beforeAll(async () => {
  dir = await temporaryFolder();
  azure = await TestStorage.open(dir.path);
  azure.deploy(filesAccount, filesProperties);
  azure.deploy(flowAccount, flowProperties);
});
afterAll(async () => {
  await azure.close();
  await dir[Symbol.asyncDispose]();
});

test("a Storage Blob Data Contributor can read and write blobs, but not stored access policies", async () => {
  const principal = azure.createPrincipal({
    role: roleNames.blobContributor,
    scope: azure.accountId(filesAccount),
  });
  const container = azure.blobs(filesAccount, principal.credential).getContainerClient("by-role");
  await container.create();
  const blob = container.getBlockBlobClient("folder/a file.txt");
  await blob.upload("hello", 5, { metadata: { site: "oslo" } });
  await blob.setMetadata({ site: "bergen" });
  expect((await blob.downloadToBuffer()).toString()).toBe("hello");
  const names: string[] = [];
  for await (const item of container.listBlobsFlat()) names.push(item.name);
  expect(names).toEqual(["folder/a file.txt"]);
  await expect(container.getAccessPolicy()).rejects.toMatchObject(forbidden);
  await expect(container.setAccessPolicy()).rejects.toMatchObject(forbidden);
  await blob.delete();
  await container.delete();
});

test("a Storage Blob Data Owner can set stored access policies", async () => {
  const principal = azure.createPrincipal({
    role: roleNames.blobOwner,
    scope: azure.accountId(filesAccount),
  });
  const container = azure.blobs(filesAccount, principal.credential).getContainerClient("by-owner");
  await container.create();
  const accessPolicy = { permissions: "r", expiresOn: new Date(Date.now() + 1000), startsOn: new Date() };
  await container.setAccessPolicy(undefined, [{ id: "terminal", accessPolicy }]);
  expect((await container.getAccessPolicy()).signedIdentifiers[0]?.id).toBe("terminal");
});

test("a Storage Blob Data Reader can only read", async () => {
  await azure.blobs(filesAccount).getContainerClient("read-only").create();
  await azure.blobs(filesAccount).getContainerClient("read-only").getBlockBlobClient("x").upload("hello", 5);
  const principal = azure.createPrincipal({
    role: roleNames.blobReader,
    scope: azure.accountId(filesAccount),
  });
  const blob = azure
    .blobs(filesAccount, principal.credential)
    .getContainerClient("read-only")
    .getBlockBlobClient("x");
  expect((await blob.downloadToBuffer()).toString()).toBe("hello");
  await expect(blob.upload("x", 1)).rejects.toMatchObject(forbidden);
  await expect(blob.delete()).rejects.toMatchObject(forbidden);
});

test("a role at a container gives no rights to the rest of the account", async () => {
  const scope = `${azure.accountId(filesAccount)}/blobServices/default/containers/mine`;
  const principal = azure.createPrincipal({ role: roleNames.blobContributor, scope });
  const blobs = azure.blobs(filesAccount, principal.credential);
  await blobs.getContainerClient("mine").create();
  await expect(blobs.getContainerClient("theirs").create()).rejects.toMatchObject(forbidden);
  const listing = blobs.listContainers().next();
  await expect(listing).rejects.toMatchObject(forbidden);
});

test("an Owner of the subscription has no access to data", async () => {
  await azure.blobs(filesAccount).getContainerClient("not-for-owners").create();
  const principal = azure.createPrincipal({
    role: roleNames.owner,
    scope: `/subscriptions/${azure.azure.subscriptionId}`,
  });
  const container = azure.blobs(filesAccount, principal.credential).getContainerClient("not-for-owners");
  await expect(container.getBlockBlobClient("x").upload("x", 1)).rejects.toMatchObject(forbidden);
  await expect(
    azure.table(flowAccount, "nothing", principal.credential).getEntity("a", "b"),
  ).rejects.toMatchObject(forbiddenRow);
});

test("deleting a role assignment removes the right at once", async () => {
  const principal = azure.createPrincipal();
  const table = azure.table(flowAccount, "shortlived", principal.credential);
  await expect(table.createTable()).rejects.toMatchObject(forbiddenRow);
  const assignment = azure.assign(
    principal.objectId,
    roleNames.tableContributor,
    azure.accountId(flowAccount),
  );
  await table.createTable();
  await table.upsertEntity({ partitionKey: "a", rowKey: "b" });
  azure.azure.resources.delete(assignment.id);
  await expect(table.upsertEntity({ partitionKey: "a", rowKey: "b" })).rejects.toMatchObject(forbiddenRow);
});

test("table roles control access to the rows of an account without shared key access", async () => {
  const scope = `${azure.accountId(flowAccount)}/tableServices/default/tables/terminalkeys`;
  const account = azure.createPrincipal({
    role: roleNames.tableContributor,
    scope: azure.accountId(flowAccount),
  });
  await azure.tables(flowAccount, account.credential).createTable("terminalkeys");
  const operator = azure.createPrincipal({ role: roleNames.tableContributor, scope });
  const rows = azure.table(flowAccount, "terminalkeys", operator.credential);
  await rows.createEntity({ partitionKey: "example", rowKey: "t-1", status: "active" });
  await rows.updateEntity({ partitionKey: "example", rowKey: "t-1", status: "revoked" }, "Merge");
  await rows.submitTransaction([
    ["upsert", { partitionKey: "example", rowKey: "t-2", status: "active" }, "Replace"],
    ["upsert", { partitionKey: "example", rowKey: "t-3", status: "active" }, "Merge"],
    ["delete", { partitionKey: "example", rowKey: "t-1" }],
  ]);
  const found: string[] = [];
  for await (const row of rows.listEntities({ queryOptions: { filter: "PartitionKey eq 'example'" } })) {
    found.push(row.rowKey!);
  }
  expect(found).toEqual(["t-2", "t-3"]);
  await rows.deleteEntity("example", "t-3");
  await expect(azure.tables(flowAccount, operator.credential).createTable("another")).rejects.toMatchObject(
    forbiddenRow,
  );
  const reader = azure.createPrincipal({ role: roleNames.tableReader, scope });
  const readOnly = azure.table(flowAccount, "terminalkeys", reader.credential);
  expect(await readOnly.getEntity("example", "t-2")).toMatchObject({ status: "active" });
  await expect(
    readOnly.submitTransaction([["delete", { partitionKey: "example", rowKey: "t-2" }]]),
  ).rejects.toMatchObject({ statusCode: 403 });
  expect(await readOnly.getEntity("example", "t-2")).toMatchObject({ status: "active" });
});

test("accepts many concurrent transactions", async () => {
  const principal = azure.createPrincipal({
    role: roleNames.tableContributor,
    scope: azure.accountId(flowAccount),
  });
  const rows = azure.table(flowAccount, "manyrows", principal.credential);
  await rows.createTable();
  await Promise.all(
    Array.from({ length: 20 }, (_, batch) =>
      rows.submitTransaction(
        Array.from({ length: 50 }, (_, row) => ["create", { partitionKey: "p", rowKey: `${batch}-${row}` }]),
      ),
    ),
  );
  let count = 0;
  for await (const _ of rows.listEntities()) count++;
  expect(count).toBe(1000);
});

test("rejects a token for another service, an expired token, and a token over plain HTTP", async () => {
  azure.deploy(filesAccount, { supportsHttpsTrafficOnly: false });
  const principal = azure.createPrincipal({
    role: roleNames.blobOwner,
    scope: azure.accountId(filesAccount),
  });
  const url = `https://${filesAccount}.blob.core.windows.net/?comp=list`;
  const headers = async (audience: string) => {
    const { token } = await azure.azure.tokens.issue(principal, audience);
    return { authorization: `Bearer ${token}`, "x-ms-version": "2021-12-02" };
  };
  const good = await headers("https://storage.azure.com");
  expect((await call(azure.proxy, url, { headers: good })).status).toBe(200);
  const own = await headers(`https://${filesAccount}.blob.core.windows.net`);
  expect((await call(azure.proxy, url, { headers: own })).status).toBe(200);
  const other = await call(azure.proxy, url, { headers: await headers("https://management.azure.com") });
  expect(other).toMatchObject({ status: 401, headers: { "x-ms-error-code": "InvalidAuthenticationInfo" } });
  expect(other.headers["www-authenticate"]).toContain("https://storage.azure.com");
  const plain = await callPlain(azure.proxy, url.replace("https", "http"), good);
  expect(plain).toMatchObject({ status: 403, headers: { "x-ms-error-code": "AuthenticationFailed" } });
  azure.clock.move(2 * 3600_000);
  expect((await call(azure.proxy, url, { headers: good })).status).toBe(401);
  azure.clock.move(-azure.clock.offset);
});

test("rejects an x-sandbox-pass header of a client", async () => {
  const answer = await call(azure.proxy, `https://${filesAccount}.blob.core.windows.net/?comp=list`, {
    headers: {
      "x-sandbox-pass": "guess",
      authorization: `SharedKey ${filesAccount}:AAAA`,
      "x-ms-version": "2021-12-02",
    },
  });
  expect(answer.headers["x-ms-error-code"]).toBe("AuthenticationFailed");
});
