import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "../../../../support/folder.ts";
import { call, sendRaw } from "../../../proxy/proxy-client.ts";
import { filesAccount, filesProperties, roleNames, TestStorage } from "../test-storage.ts";

/* Requests to blobs that the authorization and Azurite could interpret as different operations. */

const blobHost = `${filesAccount}.blob.core.windows.net`;
const versionHeader = { "x-ms-version": "2021-12-02" };
const uploadHeaders = { "x-ms-blob-type": "BlockBlob" };

let dir: Awaited<ReturnType<typeof temporaryFolder>>;
let azure: TestStorage;
/** Authorization headers of callers with these rights to the account's data. */
let tokens: Record<"reader" | "adder" | "blobOwner", string>;

beforeAll(async () => {
  dir = await temporaryFolder();
  azure = await TestStorage.open(dir.path);
  azure.deploy(filesAccount, filesProperties);
  const token = (role: string) =>
    azure.bearer(azure.createPrincipal({ role, scope: azure.accountId(filesAccount) }));
  tokens = {
    reader: await token(roleNames.blobReader),
    adder: await token(azure.createRole("blobServices/containers/blobs/add/action")),
    blobOwner: await token(roleNames.blobOwner),
  };
  for (const name of ["docs", "worm"]) {
    await blobs(name).create();
    await blobs(name).getBlockBlobClient("a.txt").upload("kept", 4);
  }
  const container = `${azure.accountId(filesAccount)}/blobServices/default/containers/worm`;
  azure.azure.resources.put({
    id: `${container}/immutabilityPolicies/default`,
    name: "default",
    type: "Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies",
    properties: { immutabilityPeriodSinceCreationInDays: 30 },
  });
});
afterAll(async () => {
  await azure.close();
  await dir[Symbol.asyncDispose]();
});

const blobs = (container: string) => azure.blobs(filesAccount).getContainerClient(container);

/** The properties of a container's blobs that a write could change. */
async function readState(container: string): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const { name, properties, metadata, tags } of blobs(container).listBlobsFlat({
    includeMetadata: true,
    includeSnapshots: true,
    includeTags: true,
    includeUncommitedBlobs: true,
  })) {
    const { etag, contentLength, leaseState, accessTier } = properties;
    found.push({ name, etag, contentLength, leaseState, accessTier, metadata, tags });
  }
  return found;
}

const put = (path: string, headers: Record<string, string>, method = "PUT", body = "changed") =>
  call(azure.proxy, `https://${blobHost}${path}`, {
    method,
    headers: { ...versionHeader, "content-length": body.length, ...headers },
    body,
  });

test.each([
  ["?comp=query", uploadHeaders],
  ["?comp=query&comp=metadata", {}],
  ["?comp=metadata&comp=query", {}],
  ["?comp[]=query", uploadHeaders],
  ["?comp%5B%5D=query&comp=query", uploadHeaders],
  ["?COMP=query", uploadHeaders],
  ["??comp=query", uploadHeaders],
  ["?comp=list", uploadHeaders],
  ["?restype=container&comp=list", uploadHeaders],
  ["?comp=tags", uploadHeaders],
  ["?comp=nothing", uploadHeaders],
  ["", uploadHeaders],
])("a reader changes nothing with PUT of a blob%s", async (query, headers) => {
  const before = await readState("docs");
  for (const blob of ["a.txt", "new.txt"]) {
    const answer = await put(`/docs/${blob}${query}`, { authorization: tokens.reader, ...headers });
    expect(answer.status).toBeGreaterThanOrEqual(400);
  }
  expect(await readState("docs")).toEqual(before);
});

test("a reader changes nothing with more parameters than Azurite reads", async () => {
  const before = await readState("docs");
  const many = Array.from({ length: 1001 }, (_, i) => `a${i}`).join("&");
  const headers = { authorization: tokens.reader, ...uploadHeaders };
  expect((await put(`/docs/a.txt?${many}&comp=query`, headers)).status).toBe(400);
  expect(await readState("docs")).toEqual(before);
});

test.each(["GET", "HEAD", "OPTIONS", "POST"])(
  "a reader deletes nothing with %s and X-HTTP-Method",
  async (method) => {
    const before = await readState("docs");
    const headers = { authorization: tokens.reader, "x-http-method": "DELETE" };
    expect((await put("/docs/a.txt", headers, method, "")).status).toBe(501);
    expect(await readState("docs")).toEqual(before);
  },
);

test.each([
  ["?comp=appendblock", uploadHeaders],
  ["?comp=appendblock&comp=nothing", uploadHeaders],
  ["?comp=appendblock&comp=blocklist", {}],
])("a caller with the right add only replaces no block blob with PUT of a blob%s", async (query, headers) => {
  const before = await readState("docs");
  const body = '<?xml version="1.0"?><BlockList></BlockList>';
  const answer = await put(`/docs/a.txt${query}`, { authorization: tokens.adder, ...headers }, "PUT", body);
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(await readState("docs")).toEqual(before);
});

test.each([
  ["?comp=tier", uploadHeaders],
  ["?comp=tier&comp=nothing", uploadHeaders],
  ["?comp=lease", uploadHeaders],
  ["?comp=lease", { ...uploadHeaders, "x-ms-lease-action": "renew" }],
  ["?comp=block", uploadHeaders],
  ["?comp=snapshot", uploadHeaders],
  ["?comp=appendblock", uploadHeaders],
  ["", { "x-http-method": "DELETE" }],
])(
  "a Storage Blob Data Owner replaces no immutable blob with PUT of a blob%s, %o",
  async (query, headers) => {
    const before = await readState("worm");
    const answer = await put(`/worm/a.txt${query}`, { authorization: tokens.blobOwner, ...headers });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(await readState("worm")).toEqual(before);
  },
);

test.each([
  `https://${blobHost}/worm/a.txt`,
  "/worm/a.txt#",
  "/worm/a.txt#?comp=tier",
  "//worm/a.txt",
  "/worm/a.txt\u00a0",
])("a Storage Blob Data Owner replaces no immutable blob with the address %s", async (target) => {
  const before = await readState("worm");
  const headers = `Host: ${blobHost}\r\nAuthorization: ${tokens.blobOwner}\r\nX-Ms-Version: 2021-12-02\r\n`;
  const request = `PUT ${target} HTTP/1.1\r\n${headers}X-Ms-Blob-Type: BlockBlob\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx`;
  await sendRaw(azure.proxy, blobHost, request);
  expect(await readState("worm")).toEqual(before);
});

test("a reader of one container cannot list others with an address that begins with two slashes", async () => {
  const scope = `${azure.accountId(filesAccount)}/blobServices/default/containers/docs`;
  const authorization = await azure.bearer(azure.createPrincipal({ role: roleNames.blobReader, scope }));
  const answer = await call(azure.proxy, `https://${blobHost}//docs/x?comp=list`, {
    headers: { ...versionHeader, authorization },
  });
  expect(answer).toMatchObject({ status: 400, headers: { "x-ms-error-code": "InvalidUri" } });
});

test("a reader changes nothing with any combination of parameters and headers", async () => {
  const maybe = (name: string, values: string[]) =>
    fc.option(fc.constantFrom(...values), { nil: undefined }).map((value) => [name, value] as const);
  const parameters = fc.tuple(
    maybe("restype", ["container", "service", "account"]),
    maybe(
      "comp",
      "tier lease block blocklist appendblock metadata properties snapshot tags query acl list page".split(
        " ",
      ),
    ),
    maybe("blockid", ["AAAA"]),
    maybe("delimiter", ["/"]),
  );
  const headers = fc.tuple(
    maybe("x-ms-blob-type", ["BlockBlob", "AppendBlob", "PageBlob"]),
    maybe("x-ms-lease-action", ["acquire", "break"]),
    maybe("x-ms-access-tier", ["Cool"]),
    maybe("x-ms-page-write", ["update"]),
    maybe("x-ms-blob-content-length", ["512"]),
    maybe("x-ms-meta-a", ["b"]),
    maybe("x-http-method", ["DELETE", "PATCH", "GET"]),
    maybe("if-none-match", ["*"]),
  );
  const method = fc.constantFrom("PUT", "POST", "DELETE", "PATCH", "GET", "HEAD");
  const path = fc.constantFrom("/docs/a.txt", "/docs/new.txt", "/docs", "/other");
  const present = (pairs: readonly (readonly [string, string | undefined])[]) =>
    Object.fromEntries(pairs.filter((pair): pair is [string, string] => pair[1] !== undefined));
  const before = await readState("docs");
  await fc.assert(
    fc.asyncProperty(method, path, parameters, headers, async (verb, target, parameterPairs, headerPairs) => {
      const query = new URLSearchParams(present(parameterPairs));
      const all = { authorization: tokens.reader, ...present(headerPairs) };
      await put(`${target}?${query}`, all, verb, verb === "GET" || verb === "HEAD" ? "" : "changed");
      expect(await readState("docs")).toEqual(before);
      expect(await blobs("other").exists()).toBe(false);
    }),
    { numRuns: 150, seed: 1 },
  );
});

test("names an unsupported operation, a missing header and a repeated parameter", async () => {
  const authorization = tokens.blobOwner;
  const unknown = await put("/docs/a.txt?comp=undelete", { authorization });
  expect(unknown.status).toBe(501);
  expect(unknown.body).toContain("PUT /container/blob?comp=undelete");
  const withoutHeader = await put("/docs/a.txt", { authorization });
  expect(withoutHeader.headers["x-ms-error-code"]).toBe("MissingRequiredHeader");
  const repeated = await put("/docs/a.txt?comp=tags&comp=tags", { authorization });
  expect(repeated.headers["x-ms-error-code"]).toBe("InvalidQueryParameterValue");
});
