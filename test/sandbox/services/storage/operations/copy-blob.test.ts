import { afterAll, beforeAll, expect, test } from "vitest";
import { call } from "../../../proxy/proxy-client.ts";
import { filesAccount, filesProperties, roleNames, TestStorage } from "../test-storage.ts";

/* Copy Blob within a storage account. Source: REST reference of Azure Storage, "Copy Blob" and "Get Blob Properties". */

const other = "otherfiles";
const origin = `https://${filesAccount}.blob.core.windows.net`;

let azure: TestStorage;

beforeAll(async () => {
  azure = await TestStorage.open();
  azure.deploy(filesAccount, filesProperties);
  azure.deploy(other, filesProperties);
  for (const name of ["here", "there"]) await blobs(name).create();
  await source().upload("content", 7, { metadata: { sha256: "abc" } });
});
afterAll(() => azure.close());

const blobs = (container: string) => azure.blobs(filesAccount).getContainerClient(container);
const source = () => blobs("here").getBlockBlobClient("a/one.txt");

async function readText(blob: ReturnType<typeof source>): Promise<string> {
  return (await blob.downloadToBuffer()).toString();
}

async function statusOf(work: Promise<unknown>): Promise<number> {
  return work.then(
    () => 200,
    (error: { statusCode: number }) => error.statusCode,
  );
}

test("a blob is copied with its content and metadata by the account key, and the copy is its own", async () => {
  const target = blobs("there").getBlockBlobClient("b/two.txt");
  const copied = await (await target.beginCopyFromURL(source().url)).pollUntilDone();
  expect(copied.copyStatus).toBe("success");
  expect(await readText(target)).toBe("content");
  expect((await target.getProperties()).metadata).toEqual({ sha256: "abc" });
  await target.delete();
  expect(await readText(source())).toBe("content");
});

test("a copy names its source until Set Blob Properties changes it", async () => {
  const target = blobs("there").getBlockBlobClient("named.txt");
  await (await target.beginCopyFromURL(source().url)).pollUntilDone();
  expect((await target.getProperties()).copySource).toBe(source().url);
  await target.setHTTPHeaders({ blobContentType: "text/plain" });
  const { copySource, copyId, copyStatus } = await target.getProperties();
  expect([copySource, copyId, copyStatus]).toEqual([undefined, undefined, undefined]);
});

test("a copy of a missing blob fails with 404, and one to an existing name with If-None-Match with 409", async () => {
  const target = blobs("there").getBlockBlobClient("three.txt");
  const missing = blobs("here").getBlockBlobClient("missing").url;
  expect(await statusOf(target.beginCopyFromURL(missing))).toBe(404);
  await target.upload("kept", 4);
  const conditions = { ifNoneMatch: "*" };
  expect(await statusOf(target.beginCopyFromURL(source().url, { conditions }))).toBe(409);
  expect(await readText(target)).toBe("kept");
});

test("a copy from another account, server or address with parameters is refused by name", async () => {
  const target = blobs("there").getBlockBlobClient("four.txt");
  const refused = [
    `https://${other}.blob.core.windows.net/here/a/one.txt`,
    "https://example.com/here/a/one.txt",
    `http://${filesAccount}.blob.core.windows.net/here/a/one.txt`,
    `${origin}/here/a/one.txt?snapshot=2026-01-01T00:00:00.0000000Z`,
    `${origin}/here/a/one.txt?sv=2021-12-02&sr=b&sig=x`,
    "not a URL",
  ];
  for (const url of refused) expect(await statusOf(target.beginCopyFromURL(url)), url).toBe(501);
  expect(await statusOf(target.syncCopyFromURL(source().url))).toBe(501);
  expect(await statusOf(target.syncUploadFromURL(source().url))).toBe(501);
  expect(await statusOf(target.stageBlockFromURL("AAAA", source().url))).toBe(501);
  expect(await target.exists()).toBe(false);
});

test("a copy with a token or without a credential is refused, whatever its roles", async () => {
  const owner = azure.createPrincipal({ role: roleNames.blobOwner, scope: azure.accountId(filesAccount) });
  const headers = {
    "x-ms-version": "2021-12-02",
    "x-ms-copy-source": `${origin}/here/a/one.txt`,
    "content-length": "0",
  };
  const put = (authorization?: string) =>
    call(azure.proxy, `${origin}/there/five.txt`, {
      method: "PUT",
      headers: { ...headers, ...(authorization ? { authorization } : {}) },
    });
  expect((await put(await azure.bearer(owner))).status).toBe(501);
  expect((await put()).status).toBe(501);
  expect(await blobs("there").getBlobClient("five.txt").exists()).toBe(false);
});
