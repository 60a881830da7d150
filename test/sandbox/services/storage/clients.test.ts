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
import { call, temporaryFolder } from "../../proxy/proxy-client.ts";
import { StorageCloud } from "./storage-cloud.ts";

/* What real clients ask for beyond plain uploads and downloads: it works as in Azure, or is refused by name. */

const accountName = "exampleclients";
const hostName = `https://${accountName}.blob.core.windows.net`;
const singleTry = { retryOptions: { maxTries: 1 } };

let dir: Awaited<ReturnType<typeof temporaryFolder>>;
let azure: StorageCloud;
let container: ContainerClient;

beforeAll(async () => {
  dir = await temporaryFolder();
  azure = await StorageCloud.open(dir.path);
  azure.deploy(accountName, { minimumTlsVersion: "TLS1_2", allowSharedKeyAccess: true });
  container = azure.blobs(accountName).getContainerClient("docs");
  await container.create();
  await container.getBlockBlobClient("hello.txt").upload("hello", 5);
});
afterAll(async () => {
  await azure.close();
  await dir[Symbol.asyncDispose]();
});

const soon = () => ({ expiresOn: new Date(azure.clock.now() + 3_600_000) });
const key = () => azure.sharedKey(accountName);
const serviceSas = (more: object = {}) =>
  generateBlobSASQueryParameters(
    { containerName: "docs", permissions: ContainerSASPermissions.parse("racwdl"), ...soon(), ...more },
    key(),
  ).toString();
const accountSas = () => {
  const permissions = AccountSASPermissions.parse("rwdlac");
  return generateAccountSASQueryParameters(
    { permissions, services: "b", resourceTypes: "sco", ...soon() },
    key(),
  ).toString();
};

/** What a call is refused with. */
async function refused(work: Promise<unknown>) {
  const error = await work.then(
    () => new Error("It was not refused."),
    (reason: unknown) => reason,
  );
  const { statusCode, code, message } = error as Error & { statusCode?: number; code?: string };
  return { status: statusCode, code, message };
}

test.each([
  ["an account SAS", accountSas],
  ["a service SAS", serviceSas],
])("%s that may write seals append blobs and resizes page blobs", async (name, sas) => {
  const signed = new ContainerClient(`${hostName}/docs?${sas()}`, new AnonymousCredential(), singleTry);
  const append = signed.getAppendBlobClient(`sealed by ${name}`);
  await append.create();
  await append.seal();
  expect((await append.getProperties()).isSealed).toBe(true);
  const page = signed.getPageBlobClient(`resized by ${name}`);
  await page.create(512);
  await page.resize(1024);
  expect((await page.getProperties()).contentLength).toBe(1024);
});

test("a container takes five stored access policies, not six, from clients too", async () => {
  const policies = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ id: `p${i}`, accessPolicy: { permissions: "r" } as never }));
  await container.setAccessPolicy(undefined, policies(5));
  const six = await refused(container.setAccessPolicy(undefined, policies(6)));
  expect(six).toMatchObject({ status: 400, code: "InvalidXmlDocument" });
  expect((await container.getAccessPolicy()).signedIdentifiers).toHaveLength(5);
});

const hello = () => container.getBlockBlobClient("hello.txt");
const old = () => hello().withVersion("2026-01-01T00:00:00.0000000Z");

test.each<[string, () => Promise<unknown>, string]>([
  ["reading a version", () => old().download(), "versions of blobs"],
  ["deleting a version", () => old().delete(), "versions of blobs"],
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
    "immutability policies of single blobs",
  ],
  [
    "a list from the middle",
    () => container.listBlobsFlat({ startFrom: "h" }).next(),
    "lists that start in the middle",
  ],
  [
    "a key of the customer's",
    () =>
      hello().upload("x", 1, {
        customerProvidedKey: { encryptionKey: "a".repeat(44), encryptionKeySha256: "b" },
      }),
    "x-ms-encryption-key",
  ],
  ["a CRC64", () => hello().download(0, 1, { rangeGetContentCrc64: true }), "x-ms-range-get-content-crc64"],
])("%s is refused by name, and is not tried again", async (_, work, name) => {
  const before = (await hello().getProperties()).etag;
  expect(await refused(work())).toMatchObject({
    status: 501,
    code: "NotImplemented",
    message: expect.stringContaining(`does not support ${name}`),
  });
  expect((await hello().getProperties()).etag).toBe(before);
});

test("a table SAS for a range of rows is refused by name: Azurite would show all of them", async () => {
  const credential = new AzureNamedKeyCredential(accountName, azure.key(accountName));
  const url = `https://${accountName}.table.core.windows.net`;
  await azure.table(accountName, "rows").createTable();
  const sas = generateTableSas("rows", credential, {
    permissions: { query: true },
    startPartitionKey: "a",
    endPartitionKey: "b",
    ...soon(),
  });
  const table = new TableClient(url, "rows", new AzureSASCredential(sas), {
    retryOptions: { maxRetries: 0 },
  });
  const { status, message } = await refused(table.listEntities().next());
  expect([status, message]).toEqual([501, expect.stringContaining("signatures for a range of rows")]);
});

const read = (blob: BlobClient, offset: number, count?: number) =>
  blob.download(offset, count).then(({ contentRange }) => contentRange);

test("a range that begins at a blob's end or behind it is 416, as is any of an empty blob", async () => {
  const empty = container.getBlockBlobClient("empty");
  await empty.upload("", 0);
  expect(await read(hello(), 4)).toBe("bytes 4-4/5");
  for (const [blob, offset] of [
    [hello(), 5],
    [hello(), 6],
    [empty, 1],
  ] as const) {
    expect(await refused(read(blob, offset))).toMatchObject({ status: 416, code: "InvalidRange" });
  }
  const raw = await call(azure.proxy, `${hostName}/docs/hello.txt?${serviceSas()}`, {
    headers: { range: "bytes=5-" },
  });
  expect([raw.status, raw.headers["content-range"]]).toEqual([416, "bytes */5"]);
});

test.each(["bytes=-1", "bytes=3-1", "bytes=a-b", "bytes=", "items=0-1", "bytes=0-1,3-4"])(
  "the range %s is told to be none",
  async (range) => {
    for (const name of ["range", "x-ms-range"]) {
      const url = `${hostName}/docs/hello.txt?${serviceSas()}`;
      const { status, headers } = await call(azure.proxy, url, { headers: { [name]: range } });
      expect([status, headers["x-ms-error-code"]]).toEqual([400, "InvalidHeaderValue"]);
    }
  },
);

test("what no header can hold is refused when it comes, not when it is to be sent back", async () => {
  for (const contentDisposition of ["attachment; filename=日.txt", "a\r\nx-other: 1", "filename=ü"]) {
    const url = `${hostName}/docs/hello.txt?${serviceSas({ contentDisposition })}`;
    const { status, headers } = await call(azure.proxy, url);
    expect([status, headers["x-ms-error-code"]]).toEqual([400, "InvalidQueryParameterValue"]);
  }
  const given = { blobContentDisposition: "filename=ü" };
  expect(await refused(hello().setHTTPHeaders(given))).toMatchObject({ code: "InvalidHeaderValue" });
  expect(await refused(hello().setMetadata({ a: "ü" }))).toMatchObject({ code: "InvalidHeaderValue" });
  const encoded = "attachment; filename*=UTF-8''%C3%BC.txt";
  const url = `${hostName}/docs/hello.txt?${serviceSas({ contentDisposition: encoded })}`;
  expect((await call(azure.proxy, url)).headers["content-disposition"]).toBe(encoded);
});

test.each<[string, string, string, Record<string, string>, string, number, string]>([
  ["a time-out that is no number", "GET", "&timeout=soon", {}, "", 400, "InvalidInput"],
  ["a list of blocks that is no XML", "PUT", "&comp=blocklist", {}, "<x", 400, "InvalidInput"],
  ["no list of blocks", "PUT", "&comp=blocklist", {}, "", 500, "InternalError"],
  [
    "another's MD5",
    "PUT",
    "",
    { "x-ms-blob-type": "BlockBlob", "content-md5": "1B2M2Y8AsgTpgAmY7PhCfg==" },
    "x",
    400,
    "Md5Mismatch",
  ],
])("%s has an answer with a code and words", async (_, method, query, given, body, status, code) => {
  const url = `${hostName}/docs/hello.txt?${serviceSas()}${query}`;
  const headers = { "content-length": body.length, ...given };
  const answer = await call(azure.proxy, url, { method, headers, body });
  expect([answer.status, answer.headers["x-ms-error-code"]]).toEqual([status, code]);
  expect(answer.body).toContain(`<Code>${code}</Code>`);
  // What Azurite did not expect is in the log.
  if (status === 500) expect(azure.log.join("\n")).toContain("did not expect a request: TypeError");
});

test("a row that is no JSON, nor anything that XML can hold, is told so", async () => {
  const table = `${accountName}.table.core.windows.net`;
  await azure.table(accountName, "unreadable").createTable();
  const sas = generateTableSas(
    "unreadable",
    new AzureNamedKeyCredential(accountName, azure.key(accountName)),
    {
      permissions: { add: true },
      ...soon(),
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
    "an ID that is no GUID",
    { "x-ms-lease-duration": "15", "x-ms-proposed-lease-id": "mine" },
    "InvalidHeaderValue",
  ],
])("a lease with %s is refused, and what it was for stays usable", async (_, more, code) => {
  const headers = {
    "x-ms-version": "2021-12-02",
    "x-ms-lease-action": "acquire",
    "content-length": 0,
    ...more,
  };
  for (const place of ["/docs/hello.txt?", "/docs?restype=container&"]) {
    const url = `${hostName}${place}comp=lease&${accountSas()}`;
    const answer = await call(azure.proxy, url, { method: "PUT", headers });
    expect([answer.status, answer.headers["x-ms-error-code"]]).toEqual([400, code]);
  }
  expect((await hello().getProperties()).leaseState).toBe("available");
  expect((await container.getProperties()).leaseState).toBe("available");
});

test("a client that may try again gets its refusal at once", async () => {
  const patient = new BlobServiceClient(hostName, key(), {
    retryOptions: { maxTries: 3, retryDelayInMs: 60_000 },
  });
  const blob = patient.getContainerClient("docs").getBlockBlobClient("hello.txt");
  expect((await refused(blob.download(0, 1, { rangeGetContentCrc64: true }))).status).toBe(501);
});

test("an account tells the kind and SKU that it was declared with", async () => {
  const account = azure.azure.resources.get(azure.accountId(accountName))!;
  azure.azure.resources.put({ ...account, kind: "BlockBlobStorage", sku: { name: "Premium_ZRS" } });
  expect(await azure.blobs(accountName).getAccountInfo()).toMatchObject({
    accountKind: "BlockBlobStorage",
    skuName: "Premium_ZRS",
  });
  azure.azure.resources.put(account);
});
