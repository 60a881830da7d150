import { AccountSASPermissions, generateAccountSASQueryParameters } from "@azure/storage-blob";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { call, temporaryFolder } from "../../proxy/proxy-client.ts";
import { FILES, FILES_PROPERTIES, FLOW, FLOW_PROPERTIES, ROLES, StorageCloud } from "./storage-cloud.ts";

const HOST = `${FLOW}.table.core.windows.net`;
const TABLE = `https://${HOST}/terminalkeys`;
const ROW = `${TABLE}(PartitionKey='p',RowKey='kept')`;

let dir: Awaited<ReturnType<typeof temporaryFolder>>;
let azure: StorageCloud;
let nobody: string;
let contributor: string;

beforeAll(async () => {
  dir = await temporaryFolder();
  azure = await StorageCloud.open(dir.path);
  azure.deploy(FILES, FILES_PROPERTIES);
  azure.deploy(FLOW, FLOW_PROPERTIES);
  nobody = await azure.bearer(azure.person());
  contributor = await azure.bearer(manager());
  await azure.table(FLOW, "terminalkeys", manager().credential).createTable();
  await azure.table(FLOW, "term", manager().credential).createTable();
});
beforeEach(async () => {
  for (const { partitionKey, rowKey } of await rows()) await table().deleteEntity(partitionKey!, rowKey!);
  await table().createEntity({ partitionKey: "p", rowKey: "kept", status: "active" });
});
afterAll(async () => {
  await azure.close();
  await dir[Symbol.asyncDispose]();
});

const manager = () => azure.person({ role: ROLES.tableContributor, scope: azure.accountId(FLOW) });
const table = () => azure.table(FLOW, "terminalkeys", manager().credential);
const rows = (name = "terminalkeys") =>
  Array.fromAsync(azure.table(FLOW, name, manager().credential).listEntities<{ status?: string }>());
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
const insert = (rowKey: string, line = `POST ${TABLE} HTTP/1.1`) =>
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

const post = (authorization: string, body: string, host = HOST, query = "") =>
  call(azure.front, `https://${host}/$batch${query}`, {
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
  ["HTTP/1.0", insert("a", `POST ${TABLE} HTTP/1.0`)],
  ["a space before the verb", insert("a", ` POST ${TABLE} HTTP/1.1`)],
  ["a tab after the verb", insert("a", `POST\t${TABLE} HTTP/1.1`)],
  ["no version", insert("a", `POST ${TABLE}`)],
  ["a verb in small letters", insert("a", `post ${TABLE} HTTP/1.1`)],
  ["a verb of Azurite's alone", insert("a", `INSERT ${TABLE} HTTP/1.1`)],
  ["another verb in a header before", change(`PATCH ${ROW} HTTP/1.1`, "{}").replace("binary", "DELETE")],
  ["a deletion", change(` DELETE ${ROW} HTTP/1.1`, "", ["If-Match: *"])],
  ["the address in a header before", insert("a").replace("binary", `binary\r\nX-First: POST ${TABLE}`)],
])("does nothing for somebody without a role by %s", async (_what, part) => {
  expect([400, 403]).toContain((await post(nobody, batch(part))).status);
  expect(await states()).toEqual(["kept active"]);
});

test.each([
  ["nothing in it", "--batch_a1--\r\n"],
  ["no change in it", batch()],
  ["no request line", batch(insert("a", ""))],
  ["two request lines", batch(insert("a").replace("HTTP/1.1", `HTTP/1.1\r\nPOST ${TABLE} HTTP/1.1`))],
  [
    "an address elsewhere",
    batch(insert("a", "POST https://other.table.core.windows.net/terminalkeys HTTP/1.1")),
  ],
  ["an address without TLS", batch(insert("a", `POST http://${HOST}/terminalkeys HTTP/1.1`))],
  ["a path only", batch(insert("a", "POST /terminalkeys HTTP/1.1"))],
  ["a row of another kind", batch(insert("a", `POST https://${HOST}/Tables HTTP/1.1`))],
  ["a transaction inside", batch(insert("a", `POST https://${HOST}/$batch HTTP/1.1`))],
  ["two tables", batch(insert("a"), insert("b", `POST https://${HOST}/term HTTP/1.1`))],
  ["no JSON", batch(change(`POST ${TABLE} HTTP/1.1`, "status=new"))],
  ["a header twice", batch(change(`PUT ${ROW} HTTP/1.1`, "{}", ["If-Match: *", "If-Match: a"]))],
  ["no end", batch(insert("a")).replace("--changeset_b1--", "")],
  ["a second changeset", batch(insert("a")).replace("--batch_a1--", batch(insert("b")))],
  ["another boundary", batch(insert("a")).replaceAll("batch_a1", "batch_a2")],
  ["an escaped broken address", batch(insert("a", `POST https://${HOST}/% HTTP/1.1`))],
])("refuses a transaction with %s", async (_what, body) => {
  expect((await post(contributor, body)).status).toBe(400);
  expect(await states()).toEqual(["kept active"]);
});

test("refuses by name what Azure takes and the sandbox does not", async () => {
  const query = await post(contributor, batch(change(`GET ${ROW} HTTP/1.1`)));
  expect(query).toMatchObject({ status: 501, body: expect.stringContaining("queries") });
  const tunnelled = await post(
    contributor,
    batch(change(`POST ${ROW} HTTP/1.1`, "", ["X-HTTP-Method: DELETE"])),
  );
  expect(tunnelled).toMatchObject({ status: 501, body: expect.stringContaining("X-HTTP-Method") });
  expect(await states()).toEqual(["kept active"]);
});

test("writes to the table that was authorized, however its name is written", async () => {
  const scope = `${azure.accountId(FLOW)}/tableServices/default/tables/terminalkeys`;
  const person = await azure.bearer(azure.person({ role: ROLES.tableContributor, scope }));
  // Azurite alone would take the letters before the first escape for the name.
  const answer = await post(person, batch(insert("a", `POST https://${HOST}/term%69nalkeys HTTP/1.1`)));
  expect(answer.status).toBe(202);
  expect(await rows("term")).toEqual([]);
  expect(await states()).toEqual(["a new", "kept active"]);
  const other = await post(person, batch(insert("b", `POST https://${HOST}/term HTTP/1.1`)));
  expect(other.headers["x-ms-error-code"]).toBe("AuthorizationPermissionMismatch");
});

test("takes what clients may write: MERGE, line feeds alone, JSON over lines, keys with all kinds of characters", async () => {
  const key = 'it\'s {"POST"} ü€ \u2028 http:x|y&a=b';
  const address = `${TABLE}(PartitionKey='p',RowKey='${encodeURIComponent(key.replaceAll("'", "''"))}')`;
  const keys = { PartitionKey: "p", RowKey: key };
  const json = JSON.stringify({ ...keys, status: `{"a"} \u2028--changeset_b1`, note: "x" }, undefined, 2);
  const body = batch(
    change(`PUT ${address} HTTP/1.1`, json),
    change(`MERGE ${ROW} HTTP/1.1`, '{"PartitionKey":"p","RowKey":"kept","status":"merged"}', [
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
  const body = batch(insert("a"), change(`DELETE ${ROW} HTTP/1.1`, "", ['If-Match: W/"wrong"']));
  const answer = await post(contributor, body);
  expect(answer.body).toContain("odata.error");
  expect(await states()).toEqual(["kept active"]);
  await post(contributor, batch(insert("a"), change(`DELETE ${ROW} HTTP/1.1`, "", ["If-Match: *"])));
  expect(await states()).toEqual(["a new"]);
});

test("refuses a transaction with a signature, whose rights Azurite does not look at", async () => {
  const host = `${FILES}.table.core.windows.net`;
  await azure.table(FILES, "terminalkeys").createTable();
  const sas = generateAccountSASQueryParameters(
    {
      permissions: AccountSASPermissions.parse("r"),
      services: "t",
      resourceTypes: "sco",
      startsOn: new Date(Date.now() - 60_000),
      expiresOn: new Date(Date.now() + 3600_000),
    },
    azure.sharedKey(FILES),
  );
  const body = batch(insert("a")).replaceAll(HOST, host);
  expect((await post("", body, host, `?${sas}`)).status).toBe(501);
  const byKey = azure.table(FILES, "terminalkeys");
  await byKey.submitTransaction([["create", { partitionKey: "p", rowKey: "by-key" }]]);
  const found = await Array.fromAsync(byKey.listEntities());
  expect(found.map(({ rowKey }) => rowKey)).toEqual(["by-key"]);
});
