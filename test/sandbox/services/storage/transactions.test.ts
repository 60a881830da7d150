import { AccountSASPermissions, generateAccountSASQueryParameters } from "@azure/storage-blob";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { call, temporaryFolder } from "../../proxy/proxy-client.ts";
import {
  filesAccount,
  filesProperties,
  flow,
  flowProperties,
  roleNames,
  StorageCloud,
} from "./storage-cloud.ts";

const hostName = `${flow}.table.core.windows.net`;
const tableUrl = `https://${hostName}/terminalkeys`;
const rowUrl = `${tableUrl}(PartitionKey='p',RowKey='kept')`;

let dir: Awaited<ReturnType<typeof temporaryFolder>>;
let azure: StorageCloud;
let nobody: string;
let contributor: string;

beforeAll(async () => {
  dir = await temporaryFolder();
  azure = await StorageCloud.open(dir.path);
  azure.deploy(filesAccount, filesProperties);
  azure.deploy(flow, flowProperties);
  nobody = await azure.bearer(azure.person());
  contributor = await azure.bearer(manager());
  await azure.table(flow, "terminalkeys", manager().credential).createTable();
  await azure.table(flow, "term", manager().credential).createTable();
});
beforeEach(async () => {
  for (const { partitionKey, rowKey } of await rows()) await table().deleteEntity(partitionKey!, rowKey!);
  await table().createEntity({ partitionKey: "p", rowKey: "kept", status: "active" });
});
afterAll(async () => {
  await azure.close();
  await dir[Symbol.asyncDispose]();
});

const manager = () => azure.person({ role: roleNames.tableContributor, scope: azure.accountId(flow) });
const table = () => azure.table(flow, "terminalkeys", manager().credential);
const rows = (name = "terminalkeys") =>
  Array.fromAsync(azure.table(flow, name, manager().credential).listEntities<{ status?: string }>());
const states = async () => (await rows()).map(({ rowKey, status }) => `${rowKey} ${status}`);

/** One change as a client writes it. */
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

/** A whole transaction's body. */
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
  ["a verb in small letters", insert("a", `post ${tableUrl} HTTP/1.1`)],
  ["a verb of Azurite's alone", insert("a", `INSERT ${tableUrl} HTTP/1.1`)],
  ["another verb in a header before", change(`PATCH ${rowUrl} HTTP/1.1`, "{}").replace("binary", "DELETE")],
  ["a deletion", change(` DELETE ${rowUrl} HTTP/1.1`, "", ["If-Match: *"])],
  ["the address in a header before", insert("a").replace("binary", `binary\r\nX-First: POST ${tableUrl}`)],
])("does nothing for somebody without a role by %s", async (_what, part) => {
  expect([400, 403]).toContain((await post(nobody, batch(part))).status);
  expect(await states()).toEqual(["kept active"]);
});

test.each([
  ["nothing in it", "--batch_a1--\r\n"],
  ["no change in it", batch()],
  ["no request line", batch(insert("a", ""))],
  ["two request lines", batch(insert("a").replace("HTTP/1.1", `HTTP/1.1\r\nPOST ${tableUrl} HTTP/1.1`))],
  [
    "an address elsewhere",
    batch(insert("a", "POST https://other.table.core.windows.net/terminalkeys HTTP/1.1")),
  ],
  ["an address without TLS", batch(insert("a", `POST http://${hostName}/terminalkeys HTTP/1.1`))],
  ["a path only", batch(insert("a", "POST /terminalkeys HTTP/1.1"))],
  ["a row of another kind", batch(insert("a", `POST https://${hostName}/Tables HTTP/1.1`))],
  ["a transaction inside", batch(insert("a", `POST https://${hostName}/$batch HTTP/1.1`))],
  ["two tables", batch(insert("a"), insert("b", `POST https://${hostName}/term HTTP/1.1`))],
  ["no JSON", batch(change(`POST ${tableUrl} HTTP/1.1`, "status=new"))],
  ["a header twice", batch(change(`PUT ${rowUrl} HTTP/1.1`, "{}", ["If-Match: *", "If-Match: a"]))],
  ["no end", batch(insert("a")).replace("--changeset_b1--", "")],
  ["a second changeset", batch(insert("a")).replace("--batch_a1--", batch(insert("b")))],
  ["another boundary", batch(insert("a")).replaceAll("batch_a1", "batch_a2")],
  ["an escaped broken address", batch(insert("a", `POST https://${hostName}/% HTTP/1.1`))],
])("refuses a transaction with %s", async (_what, body) => {
  expect((await post(contributor, body)).status).toBe(400);
  expect(await states()).toEqual(["kept active"]);
});

test("refuses by name what Azure takes and the sandbox does not", async () => {
  const query = await post(contributor, batch(change(`GET ${rowUrl} HTTP/1.1`)));
  expect(query).toMatchObject({ status: 501, body: expect.stringContaining("queries") });
  const tunnelled = await post(
    contributor,
    batch(change(`POST ${rowUrl} HTTP/1.1`, "", ["X-HTTP-Method: DELETE"])),
  );
  expect(tunnelled).toMatchObject({ status: 501, body: expect.stringContaining("X-HTTP-Method") });
  expect(await states()).toEqual(["kept active"]);
});

test("writes to the table that was authorized, however its name is written", async () => {
  const scope = `${azure.accountId(flow)}/tableServices/default/tables/terminalkeys`;
  const person = await azure.bearer(azure.person({ role: roleNames.tableContributor, scope }));
  // Azurite alone would take the letters before the first escape for the name.
  const answer = await post(person, batch(insert("a", `POST https://${hostName}/term%69nalkeys HTTP/1.1`)));
  expect(answer.status).toBe(202);
  expect(await rows("term")).toEqual([]);
  expect(await states()).toEqual(["a new", "kept active"]);
  const other = await post(person, batch(insert("b", `POST https://${hostName}/term HTTP/1.1`)));
  expect(other.headers["x-ms-error-code"]).toBe("AuthorizationPermissionMismatch");
});

test("takes what clients may write: MERGE, line feeds alone, JSON over lines, keys with all kinds of characters", async () => {
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

test("keeps If-Match, and undoes all when one change fails", async () => {
  const body = batch(insert("a"), change(`DELETE ${rowUrl} HTTP/1.1`, "", ['If-Match: W/"wrong"']));
  const answer = await post(contributor, body);
  expect(answer.body).toContain("odata.error");
  expect(await states()).toEqual(["kept active"]);
  await post(contributor, batch(insert("a"), change(`DELETE ${rowUrl} HTTP/1.1`, "", ["If-Match: *"])));
  expect(await states()).toEqual(["a new"]);
});

test("refuses a transaction with a signature, whose rights Azurite does not look at", async () => {
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
