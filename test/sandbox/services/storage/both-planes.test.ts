import { AzureNamedKeyCredential, TableServiceClient } from "@azure/data-tables";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RestCalls } from "../../resource-manager/rest-calls.ts";
import { filesAccount, TestStorage } from "./test-storage.ts";

/* Resource Manager and the blob and table endpoints have the same containers and tables. */

let storage: TestStorage;
let rest: RestCalls;
let containers: string;
let tables: string;

const blobs = () => storage.blobs(filesAccount);
const tableService = () =>
  new TableServiceClient(
    `https://${filesAccount}.table.core.windows.net`,
    new AzureNamedKeyCredential(filesAccount, storage.key(filesAccount)),
    { retryOptions: { maxRetries: 0 }, proxyOptions: storage.proxyOptions },
  );
const listed = async (path: string) =>
  (await rest.send("GET", path)).body.value.map(({ name }: { name: string }) => name);

beforeAll(async () => {
  storage = await TestStorage.open();
  rest = new RestCalls(storage.sandbox);
  const id = storage.accountId(filesAccount);
  await rest.create(id.split("/providers/")[0] as string, { location: "westeurope" });
  const sku = { name: "Standard_ZRS" };
  const properties = { allowBlobPublicAccess: true, minimumTlsVersion: "TLS1_2" };
  await rest.create(id, { location: "westeurope", kind: "StorageV2", sku, properties });
  containers = `${id}/blobServices/default/containers`;
  tables = `${id}/tableServices/default/tables`;
});
afterAll(() => storage.close());

test("a container that a client creates is shown by Resource Manager, with its access and metadata", async () => {
  const container = blobs().getContainerClient("example-home-01");
  await container.create({ metadata: { site: "hall" }, access: "blob" });
  expect(await listed(containers)).toContain("example-home-01");
  expect((await rest.send("GET", `${containers}/example-home-01`)).body).toMatchObject({
    name: "example-home-01",
    type: "Microsoft.Storage/storageAccounts/blobServices/containers",
    etag: expect.stringMatching(/^".+"$/),
    properties: { publicAccess: "Blob", metadata: { site: "hall" }, hasImmutabilityPolicy: false },
  });
  await container.setMetadata({ site: "school" });
  await container.setAccessPolicy(undefined);
  expect((await rest.send("GET", `${containers}/example-home-01`)).body.properties).toMatchObject({
    publicAccess: "None",
    metadata: { site: "school" },
  });
});

test("a container that Resource Manager deletes is gone at the blob endpoint, and the other way round", async () => {
  const container = blobs().getContainerClient("both-ways");
  await container.create();
  expect(await rest.send("DELETE", `${containers}/both-ways`)).toMatchObject({ status: 200 });
  expect(await container.exists()).toBe(false);
  expect(await rest.send("PUT", `${containers}/both-ways`, { properties: {} })).toMatchObject({
    status: 201,
  });
  expect(await container.exists()).toBe(true);
  await container.delete();
  expect(await rest.send("GET", `${containers}/both-ways`)).toMatchObject({ status: 404 });
  expect(await listed(containers)).not.toContain("both-ways");
});

test("a change of the access over Resource Manager keeps the container's stored access policies", async () => {
  const container = blobs().getContainerClient("policies");
  await container.create();
  const policy = { id: "link", accessPolicy: { permissions: "r", expiresOn: new Date("2030-01-01") } };
  await container.setAccessPolicy(undefined, [policy as never]);
  const change = { properties: { publicAccess: "Container" } };
  expect(await rest.send("PATCH", `${containers}/policies`, change)).toMatchObject({ status: 200 });
  const { blobPublicAccess, signedIdentifiers } = await container.getAccessPolicy();
  expect(blobPublicAccess).toBe("container");
  expect(signedIdentifiers.map(({ id }) => id)).toEqual(["link"]);
});

test("tables are the same in both", async () => {
  const service = tableService();
  await service.createTable("terminalkeys");
  expect(await listed(tables)).toEqual(["terminalkeys"]);
  expect(await rest.send("DELETE", `${tables}/terminalkeys`)).toMatchObject({ status: 204 });
  const found: (string | undefined)[] = [];
  for await (const { name } of service.listTables()) found.push(name);
  expect(found).toEqual([]);
  await service.createTable("second");
  await service.deleteTable("second");
  expect(await rest.send("GET", `${tables}/second`)).toMatchObject({ status: 404 });
});

test.each([
  ["containers of a missing account", () => containers.replace(filesAccount, "nothing"), "ResourceNotFound"],
  ["tables of a missing account", () => tables.replace(filesAccount, "nothing"), "ResourceNotFound"],
  [
    "accounts of a missing group",
    () => `${rest.subscription}/resourceGroups/nothing/providers/Microsoft.Storage/storageAccounts`,
    "ResourceGroupNotFound",
  ],
  [
    "hubs of a missing group",
    () => `${rest.subscription}/resourceGroups/nothing/providers/Microsoft.Devices/IotHubs`,
    "ResourceGroupNotFound",
  ],
])("the list of the %s is a 404", async (_, path, code) => {
  expect(await rest.send("GET", path())).toMatchObject({ status: 404, body: { error: { code } } });
});

test.each([
  ["a NUL", "a\u0000b", "InvalidUri"],
  ["an escape character", "a\u001bb", "InvalidUri"],
  ["the control character U+0081", "a\u0081b", "InvalidUri"],
  ["the private character U+F003", "a\uf003b", "InvalidUri"],
  ["1,025 characters", "a".repeat(1025), "OutOfRangeInput"],
  ["255 segments", Array(255).fill("a").join("/"), "OutOfRangeInput"],
])("a blob name with %s is refused in every operation with 400 %s", async (_, name, code) => {
  const blob = blobs().getContainerClient("example-home-01").getBlockBlobClient(name);
  const url = `/example-home-01/${name.split("/").map(encodeURIComponent).join("/")}`;
  expect(new URL(blob.url).pathname).toBe(url);
  await expect(blob.upload("x", 1)).rejects.toMatchObject({ statusCode: 400, code });
  await expect(blob.delete()).rejects.toMatchObject({ statusCode: 400, code });
});

test("names of 1,024 characters and of 254 segments are accepted", async () => {
  const container = blobs().getContainerClient("long-names");
  await container.create();
  for (const name of ["a".repeat(1024), Array(254).fill("a").join("/")]) {
    expect((await container.getBlockBlobClient(name).upload("x", 1)).errorCode).toBeUndefined();
  }
});

test("a container with names that XML does not have is listed, also page by page", async () => {
  const container = blobs().getContainerClient("odd-names");
  await container.create();
  const names = ["a\ufffe1", "a\uffff2", "a\uffff3", "b"];
  for (const name of names) await container.getBlockBlobClient(name).upload("x", 1);
  const found: string[] = [];
  for await (const { name } of container.listBlobsFlat()) found.push(name);
  expect(found).toEqual(names);
  const paged: string[] = [];
  for await (const page of container.listBlobsFlat().byPage({ maxPageSize: 1 })) {
    paged.push(...page.segment.blobItems.map(({ name }) => name));
  }
  expect(paged).toEqual(names);
  await container.getBlobClient(names[0] as string).delete();
  await container.getBlobClient(names[1] as string).download();
});
