import { AccountSASPermissions, generateAccountSASQueryParameters } from "@azure/storage-blob";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../../../../support/folder.ts";
import { call } from "../../../proxy/proxy-client.ts";
import {
  filesAccount,
  filesProperties,
  flowAccount,
  flowProperties,
  roleNames,
  TestStorage,
} from "../test-storage.ts";

const hostName = `${flowAccount}.table.core.windows.net`;
const tableUrl = `https://${hostName}/terminalkeys`;
const rowUrl = `${tableUrl}(PartitionKey='p',RowKey='kept')`;

let dir: Awaited<ReturnType<typeof temporaryFolder>>;
let azure: TestStorage;
let withoutRole: string;
let contributor: string;

beforeAll(async () => {
  dir = await temporaryFolder();
  azure = await TestStorage.open(dir.path);
  azure.deploy(filesAccount, filesProperties);
  azure.deploy(flowAccount, flowProperties);
  withoutRole = await azure.bearer(azure.createPrincipal());
  contributor = await azure.bearer(createContributor());
  await azure.table(flowAccount, "terminalkeys", createContributor().credential).createTable();
  await azure.table(flowAccount, "term", createContributor().credential).createTable();
});
beforeEach(async () => {
  for (const { partitionKey, rowKey } of await rows()) await table().deleteEntity(partitionKey!, rowKey!);
  await table().createEntity({ partitionKey: "p", rowKey: "kept", status: "active" });
});
afterAll(async () => {
  await azure.close();
  await dir[Symbol.asyncDispose]();
});

const createContributor = () =>
  azure.createPrincipal({ role: roleNames.tableContributor, scope: azure.accountId(flowAccount) });
const table = () => azure.table(flowAccount, "terminalkeys", createContributor().credential);
const rows = (name = "terminalkeys") =>
  Array.fromAsync(
    azure.table(flowAccount, name, createContributor().credential).listEntities<{ status?: string }>(),
  );
const states = async () => (await rows()).map(({ rowKey, status }) => `${rowKey} ${status}`);

/** A change in the form of the official client. */
const change = (line: string, json = "", headers: string[] = []) =>
  [
    "Content-Type: application/http",
    "Content-Transfer-Encoding: binary",
    "",
    line,
    "Content-Type: application/json",
    "Accept: application/json;odata=minimalmetadata",
    ...headers,
    "DataServiceVersion: 3.0",
    "",
    json,
  ].join("\r\n");
const insert = (rowKey: string, line = `POST ${tableUrl} HTTP/1.1`) =>
  change(line, JSON.stringify({ PartitionKey: "p", RowKey: rowKey, status: "new" }));

/** The body of a transaction. */
const batch = (...changes: string[]) =>
  [
    "--batch_a1",
    "Content-Type: multipart/mixed; boundary=changeset_b1",
    "",
    ...changes.flatMap((text) => ["--changeset_b1", text]),
    "--changeset_b1--",
    "--batch_a1--",
    "",
  ].join("\r\n");

const post = (authorization: string, body: string, host = hostName, query = "") =>
  call(azure.proxy, `https://${host}/$batch${query}`, {
    method: "POST",
    headers: {
      ...(authorization ? { authorization } : {}),
      accept: "application/json",
      "x-ms-version": "2019-02-02",
      "content-type": "multipart/mixed; boundary=batch_a1",
      "content-length": Buffer.byteLength(body),
    },
    body,
  });

test.each([
  ["a change", insert("a")],
  ["HTTP/1.0", insert("a", `POST ${tableUrl} HTTP/1.0`)],
  ["a space before the verb", insert("a", ` POST ${tableUrl} HTTP/1.1`)],
  ["a tab after the verb", insert("a", `POST\t${tableUrl} HTTP/1.1`)],
  ["no version", insert("a", `POST ${tableUrl}`)],
  ["a verb in lower case", insert("a", `post ${tableUrl} HTTP/1.1`)],
  ["a verb that only Azurite knows", insert("a", `INSERT ${tableUrl} HTTP/1.1`)],
  ["another verb in an earlier header", change(`PATCH ${rowUrl} HTTP/1.1`, "{}").replace("binary", "DELETE")],
  ["a deletion", change(` DELETE ${rowUrl} HTTP/1.1`, "", ["If-Match: *"])],
  ["the address in an earlier header", insert("a").replace("binary", `binary\r\nX-First: POST ${tableUrl}`)],
])("a caller without a role changes nothing with %s", async (_what, part) => {
  expect([400, 403]).toContain((await post(withoutRole, batch(part))).status);
  expect(await states()).toEqual(["kept active"]);
});

test.each([
  ["no content", "--batch_a1--\r\n"],
  ["no change", batch()],
  ["no request line", batch(insert("a", ""))],
  ["two request lines", batch(insert("a").replace("HTTP/1.1", `HTTP/1.1\r\nPOST ${tableUrl} HTTP/1.1`))],
  [
    "an address of another account",
    batch(insert("a", "POST https://other.table.core.windows.net/terminalkeys HTTP/1.1")),
  ],
  ["an address without TLS", batch(insert("a", `POST http://${hostName}/terminalkeys HTTP/1.1`))],
  ["a path only", batch(insert("a", "POST /terminalkeys HTTP/1.1"))],
  ["a change to a table instead of a row", batch(insert("a", `POST https://${hostName}/Tables HTTP/1.1`))],
  ["a nested transaction", batch(insert("a", `POST https://${hostName}/$batch HTTP/1.1`))],
  ["two tables", batch(insert("a"), insert("b", `POST https://${hostName}/term HTTP/1.1`))],
  ["a body that is not JSON", batch(change(`POST ${tableUrl} HTTP/1.1`, "status=new"))],
  ["a repeated header", batch(change(`PUT ${rowUrl} HTTP/1.1`, "{}", ["If-Match: *", "If-Match: a"]))],
  ["no end", batch(insert("a")).replace("--changeset_b1--", "")],
  ["a second changeset", batch(insert("a")).replace("--batch_a1--", batch(insert("b")))],
  ["another boundary", batch(insert("a")).replaceAll("batch_a1", "batch_a2")],
  ["an incomplete escape in the address", batch(insert("a", `POST https://${hostName}/% HTTP/1.1`))],
])("rejects a transaction with %s", async (_what, body) => {
  expect((await post(contributor, body)).status).toBe(400);
  expect(await states()).toEqual(["kept active"]);
});

test("rejects by name the features that Azure supports and the sandbox does not", async () => {
  const query = await post(contributor, batch(change(`GET ${rowUrl} HTTP/1.1`)));
  expect(query).toMatchObject({ status: 501, body: expect.stringContaining("queries") });
  const tunnelled = await post(
    contributor,
    batch(change(`POST ${rowUrl} HTTP/1.1`, "", ["X-HTTP-Method: DELETE"])),
  );
  expect(tunnelled).toMatchObject({ status: 501, body: expect.stringContaining("X-HTTP-Method") });
  expect(await states()).toEqual(["kept active"]);
});

test("writes to the authorized table when its name is escaped", async () => {
  const scope = `${azure.accountId(flowAccount)}/tableServices/default/tables/terminalkeys`;
  const authorization = await azure.bearer(
    azure.createPrincipal({ role: roleNames.tableContributor, scope }),
  );
  // Azurite alone would use the text before the first escape as the name.
  const answer = await post(
    authorization,
    batch(insert("a", `POST https://${hostName}/term%69nalkeys HTTP/1.1`)),
  );
  expect(answer.status).toBe(202);
  expect(await rows("term")).toEqual([]);
  expect(await states()).toEqual(["a new", "kept active"]);
  const other = await post(authorization, batch(insert("b", `POST https://${hostName}/term HTTP/1.1`)));
  expect(other.headers["x-ms-error-code"]).toBe("AuthorizationPermissionMismatch");
});

test("accepts MERGE, line feeds without carriage returns, JSON on several lines, and keys with special characters", async () => {
  const key = 'it\'s {"POST"} ü€ \u2028 http:x|y&a=b';
  const address = `${tableUrl}(PartitionKey='p',RowKey='${encodeURIComponent(key.replaceAll("'", "''"))}')`;
  const keys = { PartitionKey: "p", RowKey: key };
  const json = JSON.stringify({ ...keys, status: `{"a"} \u2028--changeset_b1`, note: "x" }, undefined, 2);
  const body = batch(
    change(`PUT ${address} HTTP/1.1`, json),
    change(`MERGE ${rowUrl} HTTP/1.1`, '{"PartitionKey":"p","RowKey":"kept","status":"merged"}', [
      "If-Match: *",
    ]),
    insert("c"),
  );
  const answer = await post(contributor, body.replaceAll("\r\n", "\n"));
  expect(answer.status).toBe(202);
  expect(answer.body).not.toContain("odata.error");
  expect(await states()).toEqual(["c new", `${key} {"a"} \u2028--changeset_b1`, "kept merged"]);
  expect(await table().getEntity("p", key)).toMatchObject({ note: "x" });
});

test("applies If-Match, and undoes all changes when one fails", async () => {
  const body = batch(insert("a"), change(`DELETE ${rowUrl} HTTP/1.1`, "", ['If-Match: W/"wrong"']));
  const answer = await post(contributor, body);
  expect(answer.body).toContain("odata.error");
  expect(await states()).toEqual(["kept active"]);
  await post(contributor, batch(insert("a"), change(`DELETE ${rowUrl} HTTP/1.1`, "", ["If-Match: *"])));
  expect(await states()).toEqual(["a new"]);
});

test("rejects a transaction with a SAS, because Azurite does not check its permissions", async () => {
  const host = `${filesAccount}.table.core.windows.net`;
  await azure.table(filesAccount, "terminalkeys").createTable();
  const sas = generateAccountSASQueryParameters(
    {
      permissions: AccountSASPermissions.parse("r"),
      services: "t",
      resourceTypes: "sco",
      startsOn: new Date(Date.now() - 60_000),
      expiresOn: new Date(Date.now() + 3600_000),
    },
    azure.sharedKey(filesAccount),
  );
  const body = batch(insert("a")).replaceAll(hostName, host);
  expect((await post("", body, host, `?${sas}`)).status).toBe(501);
  const byKey = azure.table(filesAccount, "terminalkeys");
  await byKey.submitTransaction([["create", { partitionKey: "p", rowKey: "by-key" }]]);
  const found = await Array.fromAsync(byKey.listEntities());
  expect(found.map(({ rowKey }) => rowKey)).toEqual(["by-key"]);
});
