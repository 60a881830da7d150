import {
  AccountSASPermissions,
  AnonymousCredential,
  BlobServiceClient,
  ContainerClient,
  ContainerSASPermissions,
  generateAccountSASQueryParameters,
  generateBlobSASQueryParameters,
} from "@azure/storage-blob";
import { afterAll, beforeAll, expect, test } from "vitest";
import { call, temporaryFolder } from "./front-client.ts";
import { StorageCloud } from "./storage-cloud.ts";

/* What real clients ask for beyond plain uploads and downloads: it works as in Azure, or is refused by name. */

const ACCOUNT = "exampleclients";
const HOST = `https://${ACCOUNT}.blob.core.windows.net`;
const ONCE = { retryOptions: { maxTries: 1 } };

let dir: Awaited<ReturnType<typeof temporaryFolder>>;
let azure: StorageCloud;
let container: ContainerClient;

beforeAll(async () => {
  dir = await temporaryFolder();
  azure = await StorageCloud.open(dir.path);
  azure.deploy(ACCOUNT, { minimumTlsVersion: "TLS1_2", allowSharedKeyAccess: true });
  container = azure.blobs(ACCOUNT).getContainerClient("docs");
  await container.create();
  await container.getBlockBlobClient("hello.txt").upload("hello", 5);
});
afterAll(async () => {
  await azure.close();
  await dir[Symbol.asyncDispose]();
});

const soon = () => ({ expiresOn: new Date(azure.clock.now() + 3_600_000) });
const key = () => azure.sharedKey(ACCOUNT);
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
  const signed = new ContainerClient(`${HOST}/docs?${sas()}`, new AnonymousCredential(), ONCE);
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
  const url = `${HOST}/docs/hello.txt?${serviceSas()}${query}`;
  const headers = { "content-length": body.length, ...given };
  const answer = await call(azure.front, url, { method, headers, body });
  expect([answer.status, answer.headers["x-ms-error-code"]]).toEqual([status, code]);
  expect(answer.body).toContain(`<Code>${code}</Code>`);
  // What Azurite did not expect is in the log.
  if (status === 500) expect(azure.log.join("\n")).toContain("did not expect a request: TypeError");
});

test("a client that may try again gets its refusal at once", async () => {
  const patient = new BlobServiceClient(HOST, key(), {
    retryOptions: { maxTries: 3, retryDelayInMs: 60_000 },
  });
  const blob = patient.getContainerClient("docs").getBlockBlobClient("hello.txt");
  expect((await refused(blob.download(0, 1, { rangeGetContentCrc64: true }))).status).toBe(501);
});
