import { createHmac } from "node:crypto";
import { AzureSASCredential } from "@azure/core-auth";
import { AzureNamedKeyCredential, generateTableSas, TableClient } from "@azure/data-tables";
import {
  BlobSASPermissions,
  type BlobSASSignatureValues,
  type ContainerClient,
  generateBlobSASQueryParameters,
  SASProtocol,
  type SignedIdentifier,
} from "@azure/storage-blob";
import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "../../../../support/folder.ts";
import { call, secure, tunnel } from "../../../proxy/proxy-client.ts";
import { filesAccount, filesProperties, roleNames, TestStorage } from "../test-storage.ts";

const dayMs = 24 * 3600 * 1000;

let dir: Awaited<ReturnType<typeof temporaryFolder>>;
let azure: TestStorage;

beforeAll(async () => {
  dir = await temporaryFolder();
  azure = await TestStorage.open(dir.path);
  azure.deploy(filesAccount, filesProperties);
});
afterAll(async () => {
  await azure.close();
  await dir[Symbol.asyncDispose]();
});

/** Creates the container of a terminal with one file and one stored access policy with the given fields. */
async function createContainer(name: string, fields: Partial<SignedIdentifier["accessPolicy"]> = {}) {
  const container = azure.blobs(filesAccount).getContainerClient(name);
  await container.create();
  await container.getBlockBlobClient("menu.txt").upload("hello", 5);
  await setPolicy(container, fields);
  return container;
}

function setPolicy(container: ContainerClient, fields: Partial<SignedIdentifier["accessPolicy"]>) {
  const accessPolicy = fields as SignedIdentifier["accessPolicy"];
  return container.setAccessPolicy(undefined, [{ id: "terminal", accessPolicy }]);
}

/** A link with the stored access policy, and by default with permissions, start and expiry of its own. */
function link(
  container: ContainerClient,
  more: Partial<BlobSASSignatureValues> = {},
  keyName = "key1",
): string {
  const startsOn = new Date(Math.floor(azure.clock.now() / 1000) * 1000);
  const values: BlobSASSignatureValues = {
    containerName: container.containerName,
    blobName: "menu.txt",
    identifier: "terminal",
    permissions: BlobSASPermissions.parse("r"),
    protocol: SASProtocol.Https,
    startsOn,
    expiresOn: new Date(startsOn.getTime() + 30 * dayMs),
    ...more,
  };
  const sas = generateBlobSASQueryParameters(values, azure.sharedKey(filesAccount, keyName));
  return `${container.getBlobClient("menu.txt").url}?${sas}`;
}

const get = (url: string) => call(azure.proxy, url);

test("applies the fields of the SAS when the stored access policy has none", async () => {
  const container = await createContainer("t-own");
  const url = link(container);
  expect(await get(url)).toMatchObject({ status: 200, body: "hello" });
  const write = await call(azure.proxy, url, {
    method: "PUT",
    headers: { "x-ms-blob-type": "BlockBlob", "content-length": 0 },
  });
  expect(write.headers["x-ms-error-code"]).toBe("AuthorizationPermissionMismatch");
  azure.clock.move(30 * dayMs + 1000);
  expect((await get(url)).status).toBe(403);
  azure.clock.move(-azure.clock.offset);
});

test("applies the fields of the stored access policy that the SAS omits", async () => {
  const container = await createContainer("t-policy", {
    permissions: "r",
    expiresOn: new Date(azure.clock.now() + 2 * dayMs),
  });
  const url = link(container, { permissions: undefined, expiresOn: undefined });
  expect((await get(url)).status).toBe(200);
  azure.clock.move(2 * dayMs + 1000);
  expect((await get(url)).status).toBe(403);
  azure.clock.move(-azure.clock.offset);
});

test("rejects a field that both SAS and policy contain, and a required field that neither contains", async () => {
  const both = await createContainer("t-both", { permissions: "r" });
  const duplicated = await get(link(both));
  expect(duplicated).toMatchObject({ status: 403, headers: { "x-ms-error-code": "AuthenticationFailed" } });
  expect(duplicated.body).toContain("but not both");
  const neither = await createContainer("t-neither");
  const noExpiry = await get(link(neither, { expiresOn: undefined }));
  expect(noExpiry.body).toContain("Signed expiry must be specified");
  const noPermission = await get(link(neither, { permissions: undefined }));
  expect(noPermission.body).toContain("Signed permission must be specified");
});

test("does not apply the account's sasPolicy to a SAS with a stored access policy, as Azure does", async () => {
  const container = await createContainer("t-long");
  const expiresOn = new Date(azure.clock.now() + 90 * dayMs);
  expect((await get(link(container, { expiresOn }))).status).toBe(200);
  expect((await get(link(container, { expiresOn, identifier: undefined }))).status).toBe(403);
});

test("deleting a stored access policy invalidates its links at once, and no others", async () => {
  const [one, two] = [await createContainer("t-one"), await createContainer("t-two")];
  const links = [link(one), link(two)];
  expect((await Promise.all(links.map(get))).map((answer) => answer.status)).toEqual([200, 200]);
  await one.setAccessPolicy();
  const [invalid, valid] = await Promise.all(links.map(get));
  expect(invalid).toMatchObject({ status: 403, headers: { "x-ms-error-code": "AuthenticationFailed" } });
  expect(valid!.status).toBe(200);
  await setPolicy(one, {});
  expect((await get(links[0]!)).status).toBe(200);
});

test("regenerating an account key invalidates its signatures at once, and no others", async () => {
  const container = await createContainer("t-keys");
  const client = azure.blobs(filesAccount);
  for (let round = 0; round < 5; round++) {
    const links = [link(container, {}, "key1"), link(container, {}, "key2")];
    expect((await Promise.all(links.map(get))).map((answer) => answer.status)).toEqual([200, 200]);
    azure.storage.accountKeys.regenerate(azure.accountId(filesAccount), round % 2 ? "key2" : "key1");
    const expected = round % 2 ? [200, 403] : [403, 200];
    expect((await Promise.all(links.map(get))).map((answer) => answer.status)).toEqual(expected);
  }
  await expect(client.getContainerClient("t-keys").getAccessPolicy()).rejects.toMatchObject({
    statusCode: 403,
    code: "AuthenticationFailed",
  });
  expect(
    (await azure.blobs(filesAccount).getContainerClient("t-keys").getAccessPolicy()).signedIdentifiers,
  ).toHaveLength(1);
});

test("rejects an unknown account key, and lists two keys of 64 bytes", () => {
  const { accountKeys } = azure.storage;
  expect(() => accountKeys.regenerate(azure.accountId(filesAccount), "key3")).toThrow(RangeError);
  expect(accountKeys.list(azure.accountId("unknownaccount"))).toEqual([]);
  const keys = accountKeys.list(azure.accountId(filesAccount));
  expect(keys.map((key) => key.keyName)).toEqual(["key1", "key2"]);
  expect(keys.every((key) => Buffer.from(key.value, "base64").length === 64)).toBe(true);
});

test("applies the same rules to the SAS of a table", async () => {
  const key = new AzureNamedKeyCredential(filesAccount, azure.key(filesAccount));
  await azure.table(filesAccount, "examplerows").createTable();
  await azure
    .table(filesAccount, "examplerows")
    .createEntity({ partitionKey: "p", rowKey: "r", site: "Oslo" });
  const client = (days: number) => {
    const startsOn = new Date(Date.now() - 1000);
    const sas = generateTableSas("examplerows", key, {
      permissions: { query: true },
      startsOn,
      expiresOn: new Date(startsOn.getTime() + days * dayMs),
    });
    return new TableClient(
      `https://${filesAccount}.table.core.windows.net`,
      "examplerows",
      new AzureSASCredential(sas),
      { retryOptions: { maxRetries: 0 }, proxyOptions: azure.proxyOptions },
    );
  };
  expect(await client(30).getEntity("p", "r")).toMatchObject({ site: "Oslo" });
  await expect(client(31).getEntity("p", "r")).rejects.toMatchObject({ statusCode: 403 });
  await expect(client(1).deleteEntity("p", "r")).rejects.toMatchObject({ statusCode: 403 });
});

test("applies the declared stored access policies of a table, with the fields that each has", async () => {
  const name = "declaredrows";
  const day = () => new Date(azure.clock.now() + dayMs);
  const declare = (...signedIdentifiers: object[]) =>
    azure.azure.resources.put({
      id: `${azure.accountId(filesAccount)}/tableServices/default/tables/${name}`,
      name,
      type: "Microsoft.Storage/storageAccounts/tableServices/tables",
      properties: { signedIdentifiers },
    });
  const readers = { id: "readers", accessPolicy: { permission: "r", expiryTime: day().toISOString() } };
  const anything = { id: "anything" };
  const key = new AzureNamedKeyCredential(filesAccount, azure.key(filesAccount));
  const client = (values: Parameters<typeof generateTableSas>[2]) => {
    const sas = new AzureSASCredential(generateTableSas(name, key, values));
    return new TableClient(`https://${filesAccount}.table.core.windows.net`, name, sas, {
      retryOptions: { maxRetries: 0 },
      proxyOptions: azure.proxyOptions,
    });
  };
  const reading = client({ identifier: "readers" });
  const deleting = client({ identifier: "anything", permissions: { delete: true }, expiresOn: day() });
  declare(readers, anything);
  await azure.table(filesAccount, name).createEntity({ partitionKey: "p", rowKey: "r", site: "Oslo" });
  const ids = async () => (await azure.table(filesAccount, name).getAccessPolicy()).map(({ id }) => id);
  expect(await ids()).toEqual(["readers", "anything"]);
  expect(await reading.getEntity("p", "r")).toMatchObject({ site: "Oslo" });
  await expect(reading.deleteEntity("p", "r")).rejects.toMatchObject({ statusCode: 403 });
  declare(anything);
  expect(await ids()).toEqual(["anything"]);
  await expect(reading.getEntity("p", "r")).rejects.toMatchObject({ statusCode: 403 });
  await deleting.deleteEntity("p", "r");
  declare();
  expect(await ids()).toEqual([]);
});

/** A link to menu.txt whose fields are signed as they are, also those that no SDK writes. */
function signedLink(container: ContainerClient, sp: string, sv: string, si = ""): string {
  const se = new Date(azure.clock.now() + dayMs).toISOString().replace(/\.\d+/, "");
  const st = new Date(azure.clock.now() - 60_000).toISOString().replace(/\.\d+/, "");
  const resource = `/blob/${filesAccount}/${container.containerName}/menu.txt`;
  const text = [sp, st, se, resource, si, "", "https", sv, "b", "", "", "", "", "", "", ""].join("\n");
  const sig = createHmac("sha256", Buffer.from(azure.key(filesAccount), "base64"))
    .update(text)
    .digest("base64");
  const fields = { sp, st, se, si, spr: "https", sv, sr: "b", sig };
  const query = new URLSearchParams(Object.entries(fields).filter(([, value]) => value !== ""));
  return `${container.getBlobClient("menu.txt").url}?${query}`;
}

// azure-sdk-for-net issues 22489 and 51354; "Create a service SAS", the order of permissions.
test("a signed version or permissions in a wrong form or order are a 403", async () => {
  const container = await createContainer("t-forms");
  for (const [sp, sv, status] of [
    ["r", "2021-12-02", 200],
    ["rw", "2025-11-05", 200],
    ["racwdx", "2021-12-02", 200],
    ["r", "abc", 403],
    ["r", "2030-01-01", 403],
    ["r", "2021-13-02", 403],
    ["r", "2021-02-31", 403],
    ["wr", "2021-12-02", 403],
    ["rr", "2021-12-02", 403],
    ["rz", "2021-12-02", 403],
    ["R", "2021-12-02", 403],
  ] as const) {
    const answer = await get(signedLink(container, sp, sv));
    expect([sp, sv, answer.status]).toEqual([sp, sv, status]);
    if (status === 403) expect(answer.headers["x-ms-error-code"]).toBe("AuthenticationFailed");
  }
});

test("an x-ms-version in a wrong form is a 400 InvalidHeaderValue", async () => {
  const url = signedLink(await createContainer("t-version"), "r", "2021-12-02");
  for (const version of ["abc", "2030-01-01", "2021-2-3", "2021-02-30"]) {
    const answer = await call(azure.proxy, url, { headers: { "x-ms-version": version } });
    expect([version, answer.status, answer.headers["x-ms-error-code"]]).toEqual([
      version,
      400,
      "InvalidHeaderValue",
    ]);
  }
  expect((await call(azure.proxy, url, { headers: { "x-ms-version": "2025-11-05" } })).status).toBe(200);
});

// "Versioning for Azure Storage": the header of a request, or else sv, is the version of the operation.
test("an answer has the version that the request asks for, in its header or in its SAS", async () => {
  const url = signedLink(await createContainer("t-answered"), "r", "2021-12-02");
  const versionOf = async (headers: Record<string, string>) =>
    (await call(azure.proxy, url, { headers })).headers["x-ms-version"];
  expect(await versionOf({})).toBe("2021-12-02");
  expect(await versionOf({ "x-ms-version": "2020-04-08" })).toBe("2020-04-08");
});

// RFC 9110, 15.5.12; Azurite issue 2043; nextcloud/server issue 14391: chunked, or with a length.
test("a PUT without Content-Length is a 411 MissingContentLengthHeader", async () => {
  const url = new URL(signedLink(await createContainer("t-length"), "rw", "2021-12-02"));
  const put = async (more: string) => {
    const over = (await tunnel(azure.proxy, `${url.host}:443`)).socket;
    const socket = await secure(azure.proxy, url.host, over);
    socket.write(
      `PUT ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\nx-ms-blob-type: BlockBlob\r\n` +
        `x-ms-version: 2021-12-02\r\nConnection: close\r\n${more}\r\n`,
    );
    const chunks = await socket.toArray();
    return Buffer.concat(chunks).toString();
  };
  const refused = await put("");
  expect(refused).toMatch(/^HTTP\/1.1 411 /);
  expect(refused).toContain("MissingContentLengthHeader");
  expect(await put("Content-Length: 0\r\n")).toMatch(/^HTTP\/1.1 201 /);
});

/** Writes stored access policies of a container or table as XML, and reads them again. */
async function writePolicies(address: string, policies: string) {
  const body = `<?xml version="1.0"?><SignedIdentifiers>${policies}</SignedIdentifiers>`;
  const owner = azure.createPrincipal({ role: roleNames.owner, scope: azure.accountId(filesAccount) });
  const { token } = await owner.getToken("https://storage.azure.com/.default");
  // The case of the scheme does not matter (RFC 9110, 11.1).
  const headers = { authorization: `bearer ${token}`, "x-ms-version": "2021-12-02" };
  const put = await call(azure.proxy, address, {
    method: "PUT",
    headers: { ...headers, "content-length": Buffer.byteLength(body), "content-type": "application/xml" },
    body,
  });
  return { status: put.status, read: (await call(azure.proxy, address, { headers })).body.toString() };
}

const emptyPolicies = [
  "<AccessPolicy/>",
  "<AccessPolicy></AccessPolicy>",
  "<AccessPolicy> </AccessPolicy>",
  "<AccessPolicy><Start/><Expiry/><Permission/></AccessPolicy>",
  "",
];

// "Define a stored access policy": each field is in the policy or in the SAS.
test.each(emptyPolicies)(
  "a container's policy without fields, %s, is accepted, and the SAS has them all",
  async (policy) => {
    const container = await createContainer(`t-empty-${policy.length}`);
    const address = `${container.url}?restype=container&comp=acl`;
    const { status, read } = await writePolicies(
      address,
      `<SignedIdentifier><Id>terminal</Id>${policy}</SignedIdentifier>`,
    );
    expect([status, read]).toEqual([200, expect.stringContaining("<Id>terminal</Id>")]);
    expect((await get(signedLink(container, "r", "2021-12-02", "terminal"))).status).toBe(200);
  },
);

test.each(emptyPolicies)(
  "a table's policy without fields, %s, is accepted, and the SAS has them all",
  async (policy) => {
    const tableName = `empty${policy.length}`;
    const key = new AzureNamedKeyCredential(filesAccount, azure.key(filesAccount));
    const owner = azure.table(filesAccount, tableName);
    await owner.createTable();
    await owner.createEntity({ partitionKey: "p", rowKey: "r" });
    const address = `https://${filesAccount}.table.core.windows.net/${tableName}?comp=acl`;
    const { status, read } = await writePolicies(
      address,
      `<SignedIdentifier><Id>readers</Id>${policy}</SignedIdentifier>`,
    );
    expect([status, read]).toEqual([204, expect.stringContaining("<Id>readers</Id>")]);
    const sas = generateTableSas(tableName, key, {
      identifier: "readers",
      permissions: { query: true },
      expiresOn: new Date(azure.clock.now() + dayMs),
    });
    const reader = new TableClient(
      `https://${filesAccount}.table.core.windows.net`,
      tableName,
      new AzureSASCredential(sas),
      { retryOptions: { maxRetries: 0 }, proxyOptions: azure.proxyOptions },
    );
    expect(await reader.getEntity("p", "r")).toMatchObject({ rowKey: "r" });
  },
);

// The forms are those of "Set Container ACL" and "Set Table ACL"; the form of the answer is that of "Get Container ACL".
test.each([
  ["2027-01-01", "2027-01-01T00:00:00.0000000Z"],
  ["2027-01-01T00:00Z", "2027-01-01T00:00:00.0000000Z"],
  ["2027-01-01T02:30:15+02:00", "2027-01-01T00:30:15.0000000Z"],
  ["2027-01-01T00:00:00.123456Z", "2027-01-01T00:00:00.1234560Z"],
])("the time %s of a stored access policy is read again as %s", async (written, answered) => {
  const policy = `<SignedIdentifier><Id>terminal</Id><AccessPolicy><Start>${written}</Start><Expiry>${written}</Expiry><Permission>r</Permission></AccessPolicy></SignedIdentifier>`;
  const name = `times${written.length}`;
  const container = await createContainer(name);
  await azure.table(filesAccount, name).createTable();
  for (const address of [
    `${container.url}?restype=container&comp=acl`,
    `https://${filesAccount}.table.core.windows.net/${name}?comp=acl`,
  ]) {
    const { read } = await writePolicies(address, policy);
    expect(read).toContain(`<Start>${answered}</Start><Expiry>${answered}</Expiry>`);
  }
});
