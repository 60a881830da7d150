import {
  BlobClient,
  BlobSASPermissions,
  type BlockBlobClient,
  generateBlobSASQueryParameters,
  StorageSharedKeyCredential,
} from "@azure/storage-blob";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { call, callPlain, secure, tunnel } from "../../../proxy/proxy-client.ts";
import { type StoredFile, storeFile } from "../stored-file.ts";
import { filesAccount, flowAccount, roleNames, type TestStorage } from "../test-storage.ts";

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

test("the official client downloads a blob through the proxy", async () => {
  expect((await blob.downloadToBuffer()).toString()).toBe("hello");
  expect((await call(azure.proxy, link(1))).body).toBe("hello");
});

test("rejects a TLS version below minimumTlsVersion with an HTTP error", async () => {
  const tls1 = { minVersion: "TLSv1", maxVersion: "TLSv1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
  const refused = await call(azure.proxy, link(1), tls1);
  expect(refused.status).toBe(400);
  expect(refused.headers["x-ms-error-code"]).toBe("TlsVersionNotPermitted");
  expect(refused.body).toContain("<Code>TlsVersionNotPermitted</Code>");
  azure.deploy(filesAccount, { minimumTlsVersion: "TLS1_0" });
  expect(await call(azure.proxy, link(1), tls1)).toMatchObject({ status: 200, body: "hello" });
  azure.deploy(filesAccount, { minimumTlsVersion: "TLS1_3" });
  const tls12 = await call(azure.proxy, link(1), { maxVersion: "TLSv1.2" });
  expect(tls12.headers["x-ms-error-code"]).toBe("TlsVersionNotPermitted");
});

test("rejects plain HTTP unless the account allows it, and then still rejects a SAS for HTTPS only", async () => {
  const plain = link(1, { protocol: undefined }).replace("https:", "http:");
  expect((await callPlain(azure.proxy, plain)).headers["x-ms-error-code"]).toBe("AccountRequiresHttps");
  azure.deploy(filesAccount, { supportsHttpsTrafficOnly: false });
  expect(await callPlain(azure.proxy, plain)).toMatchObject({ status: 200, body: "hello" });
  const httpsOnly = await callPlain(azure.proxy, link(1).replace("https:", "http:"));
  expect(httpsOnly.headers["x-ms-error-code"]).toBe("AuthorizationProtocolMismatch");
});

test("rejects shared key and SAS when allowSharedKeyAccess is false", async () => {
  azure.deploy(filesAccount, { allowSharedKeyAccess: false });
  const off = { statusCode: 403, code: "KeyBasedAuthenticationNotPermitted" };
  await expect(blob.download()).rejects.toMatchObject(off);
  const sas = await call(azure.proxy, link(1));
  expect(sas.headers["x-ms-error-code"]).toBe(off.code);
  await expect(azure.table(flowAccount, "terminalkeys").createTable()).rejects.toMatchObject({
    statusCode: 403,
    details: { odataError: { code: off.code } },
  });
});

test("rejects a SAS before its start and from its expiry on, at the sandbox's time", async () => {
  const soon = link(1, { startsOn: new Date(Date.now() + 3600_000) });
  const early = await call(azure.proxy, soon);
  expect(early.status).toBe(403);
  expect(early.body).toContain("Signature not valid in the specified time frame");
  azure.clock.move(2 * 3600_000);
  expect((await call(azure.proxy, soon)).status).toBe(200);
  const late = link(30);
  azure.clock.move(30 * dayMs - 2 * 3600_000 - 10_000);
  expect((await call(azure.proxy, late)).status).toBe(200);
  azure.clock.move(10_000);
  expect((await call(azure.proxy, late)).status).toBe(403);
  azure.clock.move(-azure.clock.offset);
});

test("Azurite's clock follows the sandbox's clock, forwards and back", async () => {
  for (const days of [40, -40, 0]) {
    azure.clock.move(days * dayMs - azure.clock.offset);
    const written = await blob.upload("hello", 5);
    expect(Math.abs(written.lastModified!.getTime() - azure.clock.now())).toBeLessThan(60_000);
    expect(Math.abs(written.date!.getTime() - azure.clock.now())).toBeLessThan(60_000);
  }
});

test("rejects a modified SAS, a SAS for another blob, and an operation without permission", async () => {
  const url = new URL(link(1));
  const changed = (name: string, value: string) => {
    const copy = new URL(url);
    copy.searchParams.set(name, value);
    return call(azure.proxy, copy.href);
  };
  const failed = { status: 403, headers: { "x-ms-error-code": "AuthenticationFailed" } };
  expect(await changed("sp", "rw")).toMatchObject(failed);
  expect(await changed("se", new Date(Date.now() + 20 * dayMs).toISOString())).toMatchObject(failed);
  const other = await call(azure.proxy, url.href.replace("menu.txt", "other.txt"));
  expect(other).toMatchObject(failed);
  const write = await call(azure.proxy, url.href, {
    method: "PUT",
    headers: { "x-ms-blob-type": "BlockBlob", "content-length": 0 },
  });
  expect(write.headers["x-ms-error-code"]).toBe("AuthorizationPermissionMismatch");
});

test("rejects anonymous requests and public containers, unless allowBlobPublicAccess is true, and invalid signatures always", async () => {
  const anonymous = (version?: string) =>
    call(azure.proxy, blob.url, { headers: version ? { "x-ms-version": version } : {} });
  expect((await anonymous()).headers["x-ms-error-code"]).toBe("PublicAccessNotPermitted");
  const newer = await anonymous("2021-12-02");
  expect(newer.status).toBe(401);
  expect(newer.headers["www-authenticate"]).toContain(azure.azure.tenantId);
  const open = azure.blobs(filesAccount).getContainerClient("open");
  await expect(open.create({ access: "blob" })).rejects.toMatchObject({ code: "PublicAccessNotPermitted" });
  azure.deploy(filesAccount, { allowBlobPublicAccess: true });
  expect(await anonymous()).toMatchObject({
    status: 404,
    headers: { "x-ms-error-code": "ResourceNotFound" },
  });
  await open.create({ access: "blob" });
  await open.getBlockBlobClient("x").upload("public.", 7);
  const url = `https://${hostName}/open/x`;
  expect(await call(azure.proxy, url)).toMatchObject({ status: 200, body: "public." });
  const forged = new BlobClient(
    url,
    new StorageSharedKeyCredential(filesAccount, Buffer.from("another key").toString("base64")),
    { proxyOptions: azure.proxyOptions },
  );
  await expect(forged.download()).rejects.toMatchObject({ statusCode: 403, code: "AuthenticationFailed" });
  azure.deploy(filesAccount, { allowBlobPublicAccess: false });
  expect((await call(azure.proxy, url)).status).toBe(409);
});

test("rejects every request when public network access is disabled or denied by default", async () => {
  azure.deploy(filesAccount, { publicNetworkAccess: "Disabled" });
  await expect(blob.download()).rejects.toMatchObject({
    statusCode: 403,
    code: "AuthorizationFailure",
  });
  azure.deploy(filesAccount, { publicNetworkAccess: "Enabled", networkAcls: { defaultAction: "Deny" } });
  await expect(blob.download()).rejects.toMatchObject({ code: "AuthorizationFailure" });
});

test("reads the account from the connection and not from the Host header", async () => {
  const owner = azure.createPrincipal({ role: roleNames.blobOwner, scope: azure.accountId(flowAccount) });
  const container = azure.blobs(flowAccount, owner.credential).getContainerClient("secrets");
  await container.create();
  await container.getBlockBlobClient("x").upload("hello", 5);
  const values = {
    containerName: "secrets",
    blobName: "x",
    permissions: BlobSASPermissions.parse("r"),
    startsOn: new Date(Date.now() - 1000),
    expiresOn: new Date(Date.now() + dayMs),
  };
  const sas = generateBlobSASQueryParameters(values, azure.sharedKey(flowAccount));
  // The account of the Host header has shared key access disabled, and the account of the connection has it enabled.
  const response = await call(azure.proxy, `https://${hostName}/secrets/x?${sas}`, {
    servername: hostName,
    // By default, the client verifies the certificate against the Host header.
    checkServerIdentity: () => undefined,
    headers: { host: `${flowAccount}.blob.core.windows.net` },
  });
  expect(response.headers["x-ms-error-code"]).toBe("AuthenticationFailed");
});

test("performs a request when its response is lost, and does not when the request is lost", async () => {
  const container = (name: string) => azure.blobs(filesAccount).getContainerClient(name);
  azure.proxy.faults.add({ path: "/lost-after*", method: "PUT", first: 1, drop: "after" });
  azure.proxy.faults.add({ path: "/lost-before*", method: "PUT", first: 1, drop: "before" });
  await expect(container("lost-after").create()).rejects.toThrow();
  await expect(container("lost-before").create()).rejects.toThrow();
  azure.proxy.faults.clear();
  expect(await container("lost-after").exists()).toBe(true);
  expect(await container("lost-before").exists()).toBe(false);
});

test("rejects queues, copies and undeployed accounts by name", async () => {
  const queue = await tunnel(azure.proxy, `${filesAccount}.queue.core.windows.net:443`);
  const socket = await secure(azure.proxy, `${filesAccount}.queue.core.windows.net`, queue.socket);
  socket.destroy();
  const answer = await call(azure.proxy, `https://${filesAccount}.queue.core.windows.net/`);
  expect(answer).toMatchObject({ status: 501, body: expect.stringContaining("queue") });
  await expect(blob.beginCopyFromURL(link(1))).rejects.toMatchObject({ statusCode: 501 });
  const missing = await tunnel(azure.proxy, "notdeployed.blob.core.windows.net:443");
  expect(missing).toMatchObject({ status: 502, body: expect.stringContaining("notdeployed") });
});
