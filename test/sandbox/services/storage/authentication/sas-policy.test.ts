import {
  AccountSASPermissions,
  AccountSASResourceTypes,
  AccountSASServices,
  type BlockBlobClient,
  generateAccountSASQueryParameters,
} from "@azure/storage-blob";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { call } from "../../../proxy/proxy-client.ts";
import { type StoredFile, storeFile } from "../stored-file.ts";
import { filesAccount, roleNames, type TestStorage } from "../test-storage.ts";

const dayMs = 24 * 3600 * 1000;
const hostName = `${filesAccount}.blob.core.windows.net`;

let file: StoredFile;
let azure: TestStorage;
let blob: BlockBlobClient;
const link: StoredFile["link"] = (days, more) => file.link(days, more);

beforeAll(async () => {
  file = await storeFile();
  ({ azure, blob } = file);
});
beforeEach(() => file.redeclare());
afterAll(() => file[Symbol.asyncDispose]());

test("the action Block of the sasPolicy rejects a SAS that is too long or has no start, and Log only logs it", async () => {
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

test("the sasPolicy also applies to an account SAS", async () => {
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
  ["a shared key header", "", `SharedKey ${filesAccount}:${Buffer.alloc(32).toString("base64")}`],
  ["a malformed shared key header", "", "SharedKey x:y"],
  ["a shared key lite header", "", "SharedKeyLite x:y"],
  ["a basic authorization header", "", "Basic eDp5"],
  ["an empty name of a stored access policy", "&si=", undefined],
  [
    "a second, earlier expiry",
    `&se=${encodeURIComponent(new Date(Date.now() + dayMs).toISOString())}`,
    undefined,
  ],
])("rejects a SAS of 300 days with %s", async (_what, more, authorization) => {
  const headers = authorization ? { authorization } : {};
  const answer = await call(azure.proxy, `${link(300)}${more}`, { headers });
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.body).not.toContain("hello");
});

test("rejects a request with both a SAS and a token, even when each is valid", async () => {
  const principal = azure.createPrincipal({
    role: roleNames.blobReader,
    scope: azure.accountId(filesAccount),
  });
  const headers = { authorization: await azure.bearer(principal), "x-ms-version": "2021-12-02" };
  expect(await call(azure.proxy, blob.url, { headers })).toMatchObject({ status: 200, body: "hello" });
  const both = await call(azure.proxy, link(1), { headers });
  expect(both).toMatchObject({ status: 403, headers: { "x-ms-error-code": "AuthenticationFailed" } });
});

test("rejects an account SAS of 300 days that names a stored access policy", async () => {
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
