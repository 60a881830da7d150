import {
  AzureNamedKeyCredential,
  AzureSASCredential,
  generateTableSas,
  TableClient,
} from "@azure/data-tables";
import {
  AccountSASPermissions,
  AnonymousCredential,
  type BlobClient,
  BlobServiceClient,
  ContainerClient,
  ContainerSASPermissions,
  generateAccountSASQueryParameters,
  generateBlobSASQueryParameters,
} from "@azure/storage-blob";
import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "../../../support/folder.ts";
import { call } from "../../proxy/proxy-client.ts";
import { TestStorage } from "./test-storage.ts";

/* Features of the official clients beyond uploads and downloads: they work as in Azure, or are rejected by name. */

const accountName = "exampleclients";
const hostName = `https://${accountName}.blob.core.windows.net`;
const clientOptions = () => ({ retryOptions: { maxTries: 1 }, proxyOptions: azure.proxyOptions });

let dir: Awaited<ReturnType<typeof temporaryFolder>>;
let azure: TestStorage;
let container: ContainerClient;

beforeAll(async () => {
  dir = await temporaryFolder();
  azure = await TestStorage.open(dir.path);
  azure.deploy(accountName, { minimumTlsVersion: "TLS1_2", allowSharedKeyAccess: true });
  container = azure.blobs(accountName).getContainerClient("docs");
  await container.create();
  await container.getBlockBlobClient("hello.txt").upload("hello", 5);
});
afterAll(async () => {
  await azure.close();
  await dir[Symbol.asyncDispose]();
});

const inOneHour = () => ({ expiresOn: new Date(azure.clock.now() + 3_600_000) });
const key = () => azure.sharedKey(accountName);
const serviceSas = (more: object = {}) =>
  generateBlobSASQueryParameters(
    { containerName: "docs", permissions: ContainerSASPermissions.parse("racwdl"), ...inOneHour(), ...more },
    key(),
  ).toString();
const accountSas = () => {
  const permissions = AccountSASPermissions.parse("rwdlac");
  return generateAccountSASQueryParameters(
    { permissions, services: "b", resourceTypes: "sco", ...inOneHour() },
    key(),
  ).toString();
};

/** Returns the error of a call that must fail. */
async function errorOf(work: Promise<unknown>) {
  const error = await work.then(
    () => new Error("The call succeeded."),
    (reason: unknown) => reason,
  );
  const { statusCode, code, message } = error as Error & { statusCode?: number; code?: string };
  return { status: statusCode, code, message };
}

test.each([
  ["an account SAS", accountSas],
  ["a service SAS", serviceSas],
])("%s with the permission write can seal an append blob and resize a page blob", async (name, sas) => {
  const signed = new ContainerClient(`${hostName}/docs?${sas()}`, new AnonymousCredential(), clientOptions());
  const append = signed.getAppendBlobClient(`sealed by ${name}`);
  await append.create();
  await append.seal();
  expect((await append.getProperties()).isSealed).toBe(true);
  const page = signed.getPageBlobClient(`resized by ${name}`);
  await page.create(512);
  await page.resize(1024);
  expect((await page.getProperties()).contentLength).toBe(1024);
});

test("a container accepts five stored access policies, and rejects six", async () => {
  const policies = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ id: `p${i}`, accessPolicy: { permissions: "r" } as never }));
  await container.setAccessPolicy(undefined, policies(5));
  const six = await errorOf(container.setAccessPolicy(undefined, policies(6)));
  expect(six).toMatchObject({ status: 400, code: "InvalidXmlDocument" });
  expect((await container.getAccessPolicy()).signedIdentifiers).toHaveLength(5);
});

const hello = () => container.getBlockBlobClient("hello.txt");
const old = () => hello().withVersion("2026-01-01T00:00:00.0000000Z");

test.each<[string, () => Promise<unknown>, string]>([
  ["reading a version", () => old().download(), "blob versions"],
  ["deleting a version", () => old().delete(), "blob versions"],
  ["an encryption scope", () => hello().upload("x", 1, { encryptionScope: "a" }), "encryption scopes"],
  [
    "a container's encryption scope",
    () =>
      azure
        .blobs(accountName)
        .getContainerClient("other")
        .create({
          containerEncryptionScope: { defaultEncryptionScope: "a", preventEncryptionScopeOverride: true },
        }),
    "encryption scopes",
  ],
  ["a legal hold", () => hello().upload("x", 1, { legalHold: true }), "legal holds"],
  [
    "an immutability policy",
    () =>
      hello().upload("x", 1, {
        immutabilityPolicy: { expiriesOn: new Date(Date.now() + 1e8), policyMode: "Unlocked" },
      }),
    "version-level immutability policies",
  ],
  [
    "a listing from a start position",
    () => container.listBlobsFlat({ startFrom: "h" }).next(),
    "listings from a start position",
  ],
  [
    "a customer-provided key",
    () =>
      hello().upload("x", 1, {
        customerProvidedKey: { encryptionKey: "a".repeat(44), encryptionKeySha256: "b" },
      }),
    "x-ms-encryption-key",
  ],
  ["a CRC64", () => hello().download(0, 1, { rangeGetContentCrc64: true }), "x-ms-range-get-content-crc64"],
])("rejects %s with the name of the feature, and changes nothing", async (_, work, name) => {
  const before = (await hello().getProperties()).etag;
  expect(await errorOf(work())).toMatchObject({
    status: 501,
    code: "NotImplemented",
    message: expect.stringContaining(`does not support ${name}`),
  });
  expect((await hello().getProperties()).etag).toBe(before);
});

test("rejects a table SAS for a range of rows, because Azurite would return all rows", async () => {
  const credential = new AzureNamedKeyCredential(accountName, azure.key(accountName));
  const url = `https://${accountName}.table.core.windows.net`;
  await azure.table(accountName, "rows").createTable();
  const sas = generateTableSas("rows", credential, {
    permissions: { query: true },
    startPartitionKey: "a",
    endPartitionKey: "b",
    ...inOneHour(),
  });
  const table = new TableClient(url, "rows", new AzureSASCredential(sas), {
    retryOptions: { maxRetries: 0 },
    proxyOptions: azure.proxyOptions,
  });
  const { status, message } = await errorOf(table.listEntities().next());
  expect([status, message]).toEqual([
    501,
    expect.stringContaining("shared access signatures for a range of rows"),
  ]);
});

const read = (blob: BlobClient, offset: number, count?: number) =>
  blob.download(offset, count).then(({ contentRange }) => contentRange);

test("responds with 416 to a range at or after the end of a blob, and to any range of an empty blob", async () => {
  const empty = container.getBlockBlobClient("empty");
  await empty.upload("", 0);
  expect(await read(hello(), 4)).toBe("bytes 4-4/5");
  for (const [blob, offset] of [
    [hello(), 5],
    [hello(), 6],
    [empty, 1],
  ] as const) {
    expect(await errorOf(read(blob, offset))).toMatchObject({ status: 416, code: "InvalidRange" });
  }
  const raw = await call(azure.proxy, `${hostName}/docs/hello.txt?${serviceSas()}`, {
    headers: { range: "bytes=5-" },
  });
  expect([raw.status, raw.headers["content-range"]]).toEqual([416, "bytes */5"]);
});

test.each(["bytes=-1", "bytes=3-1", "bytes=a-b", "bytes=", "items=0-1", "bytes=0-1,3-4"])(
  "rejects the range %s as an invalid header",
  async (range) => {
    for (const name of ["range", "x-ms-range"]) {
      const url = `${hostName}/docs/hello.txt?${serviceSas()}`;
      const { status, headers } = await call(azure.proxy, url, { headers: { [name]: range } });
      expect([status, headers["x-ms-error-code"]]).toEqual([400, "InvalidHeaderValue"]);
    }
  },
);

test("rejects text that a header cannot contain when it is written, and not when it is read", async () => {
  for (const contentDisposition of ["attachment; filename=日.txt", "a\r\nx-other: 1", "filename=ü"]) {
    const url = `${hostName}/docs/hello.txt?${serviceSas({ contentDisposition })}`;
    const { status, headers } = await call(azure.proxy, url);
    expect([status, headers["x-ms-error-code"]]).toEqual([400, "InvalidQueryParameterValue"]);
  }
  const unencoded = { blobContentDisposition: "filename=ü" };
  expect(await errorOf(hello().setHTTPHeaders(unencoded))).toMatchObject({ code: "InvalidHeaderValue" });
  expect(await errorOf(hello().setMetadata({ a: "ü" }))).toMatchObject({ code: "InvalidHeaderValue" });
  const encoded = "attachment; filename*=UTF-8''%C3%BC.txt";
  const url = `${hostName}/docs/hello.txt?${serviceSas({ contentDisposition: encoded })}`;
  expect((await call(azure.proxy, url)).headers["content-disposition"]).toBe(encoded);
});

test.each<[string, string, string, Record<string, string>, string, number, string]>([
  ["a timeout that is not a number", "GET", "&timeout=soon", {}, "", 400, "InvalidInput"],
  ["a block list that is not XML", "PUT", "&comp=blocklist", {}, "<x", 400, "InvalidInput"],
  ["a missing block list", "PUT", "&comp=blocklist", {}, "", 500, "InternalError"],
  [
    "a wrong MD5",
    "PUT",
    "",
    { "x-ms-blob-type": "BlockBlob", "content-md5": "1B2M2Y8AsgTpgAmY7PhCfg==" },
    "x",
    400,
    "Md5Mismatch",
  ],
])("responds to %s with an error code and a message", async (_, method, query, more, body, status, code) => {
  const url = `${hostName}/docs/hello.txt?${serviceSas()}${query}`;
  const headers = { "content-length": body.length, ...more };
  const answer = await call(azure.proxy, url, { method, headers, body });
  expect([answer.status, answer.headers["x-ms-error-code"]]).toEqual([status, code]);
  expect(answer.body).toContain(`<Code>${code}</Code>`);
  // An error that Azurite did not expect is in the log.
  if (status === 500) expect(azure.log.join("\n")).toContain("unexpected error: TypeError");
});

test("responds with InvalidInput to a row that is not JSON and contains characters that XML cannot represent", async () => {
  const table = `${accountName}.table.core.windows.net`;
  await azure.table(accountName, "unreadable").createTable();
  const sas = generateTableSas(
    "unreadable",
    new AzureNamedKeyCredential(accountName, azure.key(accountName)),
    {
      permissions: { add: true },
      ...inOneHour(),
    },
  );
  for (const accept of ["application/json", "application/atom+xml", "*/*"]) {
    const headers = { accept, "content-type": "application/json", "content-length": 1 };
    const url = `https://${table}/unreadable?${sas}`;
    const answer = await call(azure.proxy, url, { method: "POST", headers, body: "\u0000" });
    expect([answer.status, answer.headers["x-ms-error-code"]]).toEqual([400, "InvalidInput"]);
  }
});

test.each<[string, Record<string, string>, string]>([
  ["no duration", {}, "MissingRequiredHeader"],
  ["a duration of 5", { "x-ms-lease-duration": "5" }, "InvalidHeaderValue"],
  [
    "an ID that is not a GUID",
    { "x-ms-lease-duration": "15", "x-ms-proposed-lease-id": "mine" },
    "InvalidHeaderValue",
  ],
])("rejects a lease with %s, and the blob and container stay usable", async (_, more, code) => {
  const headers = {
    "x-ms-version": "2021-12-02",
    "x-ms-lease-action": "acquire",
    "content-length": 0,
    ...more,
  };
  for (const path of ["/docs/hello.txt?", "/docs?restype=container&"]) {
    const url = `${hostName}${path}comp=lease&${accountSas()}`;
    const answer = await call(azure.proxy, url, { method: "PUT", headers });
    expect([answer.status, answer.headers["x-ms-error-code"]]).toEqual([400, code]);
  }
  expect((await hello().getProperties()).leaseState).toBe("available");
  expect((await container.getProperties()).leaseState).toBe("available");
});

test("a client with retries receives the rejection of an unsupported feature at once", async () => {
  const retrying = new BlobServiceClient(hostName, key(), {
    retryOptions: { maxTries: 3, retryDelayInMs: 60_000 },
    proxyOptions: azure.proxyOptions,
  });
  const blob = retrying.getContainerClient("docs").getBlockBlobClient("hello.txt");
  expect((await errorOf(blob.download(0, 1, { rangeGetContentCrc64: true }))).status).toBe(501);
});

test("Get Account Information returns the declared kind and SKU", async () => {
  const account = azure.azure.resources.get(azure.accountId(accountName))!;
  azure.azure.resources.put({ ...account, kind: "BlockBlobStorage", sku: { name: "Premium_ZRS" } });
  expect(await azure.blobs(accountName).getAccountInfo()).toMatchObject({
    accountKind: "BlockBlobStorage",
    skuName: "Premium_ZRS",
  });
  azure.azure.resources.put(account);
});
