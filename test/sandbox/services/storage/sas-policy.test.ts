import {
  AccountSASPermissions,
  AccountSASResourceTypes,
  AccountSASServices,
  type BlockBlobClient,
  generateAccountSASQueryParameters,
} from "@azure/storage-blob";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { call } from "../../proxy/proxy-client.ts";
import { filesAccount, roleNames, type StorageCloud } from "./storage-cloud.ts";
import { type StoredFile, storeFile } from "./storage-file.ts";

const dayMs = 24 * 3600 * 1000;
const hostName = `${filesAccount}.blob.core.windows.net`;

let file: StoredFile;
let azure: StorageCloud;
let blob: BlockBlobClient;
const link: StoredFile["link"] = (days, more) => file.link(days, more);

beforeAll(async () => {
  file = await storeFile();
  ({ azure, blob } = file);
});
beforeEach(() => file.redeclare());
afterAll(() => file[Symbol.asyncDispose]());

test("blocks a SAS that is out of the account's expiration policy, or only logs it", async () => {
  expect((await call(azure.proxy, link(30))).status).toBe(200);
  const tooLong = await call(azure.proxy, link(31));
  expect(tooLong).toMatchObject({ status: 403, headers: { "x-ms-error-code": "AuthenticationFailed" } });
  expect(tooLong.body).toContain("30.00:00:00");
  const noStart = await call(azure.proxy, link(1, { startsOn: undefined }));
  expect(noStart.status).toBe(403);
  expect(noStart.body).toContain("signed start");
  azure.deploy(filesAccount, { sasPolicy: { sasExpirationPeriod: "30.00:00:00", expirationAction: "Log" } });
  const logged = link(31);
  expect((await call(azure.proxy, logged)).status).toBe(200);
  expect(azure.log.join("\n")).toContain(filesAccount);
  expect(azure.log.join("\n")).not.toContain(new URL(logged).searchParams.get("sig"));
});

test("blocks an account SAS that is out of the policy too", async () => {
  const listing = (days: number) => {
    const startsOn = new Date(Date.now() - 60_000);
    const values = {
      startsOn,
      expiresOn: new Date(startsOn.getTime() + days * dayMs),
      permissions: AccountSASPermissions.parse("l"),
      services: AccountSASServices.parse("b").toString(),
      resourceTypes: AccountSASResourceTypes.parse("s").toString(),
    };
    const sas = generateAccountSASQueryParameters(values, azure.sharedKey(filesAccount));
    return call(azure.proxy, `https://${hostName}/?comp=list&${sas}`);
  };
  expect((await listing(29)).body).toContain("<Name>t-1</Name>");
  expect((await listing(31)).status).toBe(403);
});

test.each([
  ["a header of a shared key", "", `SharedKey ${filesAccount}:${Buffer.alloc(32).toString("base64")}`],
  ["a header of any shared key", "", "SharedKey x:y"],
  ["a header of a lite shared key", "", "SharedKeyLite x:y"],
  ["a header of something else", "", "Basic eDp5"],
  ["an empty name of a stored access policy", "&si=", undefined],
  [
    "a second, shorter time",
    `&se=${encodeURIComponent(new Date(Date.now() + dayMs).toISOString())}`,
    undefined,
  ],
])("blocks a SAS of 300 days that comes with %s", async (_what, more, authorization) => {
  const headers = authorization ? { authorization } : {};
  const answer = await call(azure.proxy, `${link(300)}${more}`, { headers });
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.body).not.toContain("hello");
});

test("refuses a signature and a token together, whatever either is worth", async () => {
  const person = azure.person({ role: roleNames.blobReader, scope: azure.accountId(filesAccount) });
  const headers = { authorization: await azure.bearer(person), "x-ms-version": "2021-12-02" };
  expect(await call(azure.proxy, blob.url, { headers })).toMatchObject({ status: 200, body: "hello" });
  const both = await call(azure.proxy, link(1), { headers });
  expect(both).toMatchObject({ status: 403, headers: { "x-ms-error-code": "AuthenticationFailed" } });
});

test("blocks an account SAS of 300 days whatever stored access policy it names", async () => {
  const startsOn = new Date(Date.now() - 60_000);
  const values = {
    startsOn,
    expiresOn: new Date(startsOn.getTime() + 300 * dayMs),
    permissions: AccountSASPermissions.parse("r"),
    services: AccountSASServices.parse("b").toString(),
    resourceTypes: AccountSASResourceTypes.parse("o").toString(),
  };
  const sas = generateAccountSASQueryParameters(values, azure.sharedKey(filesAccount));
  for (const more of ["", "&si=terminal"]) {
    expect((await call(azure.proxy, `${blob.url}?${sas}${more}`)).status).toBe(403);
  }
});
