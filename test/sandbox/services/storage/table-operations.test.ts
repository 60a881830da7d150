import { afterAll, beforeAll, expect, test } from "vitest";
import { call, temporaryFolder } from "../../proxy/proxy-client.ts";
import { flow, flowProperties, roleNames, StorageCloud } from "./storage-cloud.ts";

/* As in storage-operations.test.ts, for rows. */

const tableHost = `${flow}.table.core.windows.net`;
const rowUrl = "/terminalkeys(PartitionKey='p',RowKey='r')";
const versionHeader = { "x-ms-version": "2021-12-02" };

let dir: Awaited<ReturnType<typeof temporaryFolder>>;
let azure: StorageCloud;
/** Of callers with these rights to the account. */
let tokens: Record<"rowReader" | "rowWriter" | "owner", string>;

beforeAll(async () => {
  dir = await temporaryFolder();
  azure = await StorageCloud.open(dir.path);
  azure.deploy(flow, flowProperties);
  const token = (role: string) => azure.bearer(azure.person({ role, scope: azure.accountId(flow) }));
  tokens = {
    rowReader: await token(roleNames.tableReader),
    rowWriter: await token(azure.role("tableServices/tables/entities/write")),
    owner: await token(roleNames.owner),
  };
  await rows().createTable();
  await rows().upsertEntity({ partitionKey: "p", rowKey: "r", status: "kept" });
});
afterAll(async () => {
  await azure.close();
  await dir[Symbol.asyncDispose]();
});

const rows = () => {
  const person = azure.person({ role: roleNames.tableContributor, scope: azure.accountId(flow) });
  return azure.table(flow, "terminalkeys", person.credential);
};

test.each([
  ["rowReader", "GET", "DELETE"],
  ["rowReader", "HEAD", "DELETE"],
  ["rowReader", "OPTIONS", "DELETE"],
  ["rowReader", "POST", "DELETE"],
  ["rowReader", "POST", "PATCH"],
  ["rowWriter", "POST", "DELETE"],
  ["rowWriter", "PUT", "DELETE"],
  ["rowWriter", "POST", "GET"],
  ["rowWriter", "POST", "MERGE"],
  ["rowWriter", "POST", "whatever"],
] as const)("%s does by %s with X-HTTP-Method: %s only what that needs", async (who, method, tunnelled) => {
  const answer = await call(azure.proxy, `https://${tableHost}${rowUrl}`, {
    method,
    headers: {
      ...versionHeader,
      accept: "application/json",
      "content-type": "application/json",
      "content-length": 18,
      "if-match": "*",
      authorization: tokens[who],
      "x-http-method": tunnelled,
    },
    body: '{"status":"other"}',
  });
  expect([403, 501]).toContain(answer.status);
  expect(await rows().getEntity("p", "r")).toMatchObject({ status: "kept" });
});

test("POST with X-HTTP-Method merges and deletes for who may", async () => {
  const person = azure.person({ role: roleNames.tableContributor, scope: azure.accountId(flow) });
  const authorization = await azure.bearer(person);
  await rows().upsertEntity({ partitionKey: "p", rowKey: "tunnelled", status: "old" });
  const post = (tunnelled: string, body: string) =>
    call(azure.proxy, `https://${tableHost}/terminalkeys(PartitionKey='p',RowKey='tunnelled')`, {
      method: "POST",
      headers: {
        ...versionHeader,
        accept: "application/json",
        "content-type": "application/json",
        "content-length": body.length,
        "if-match": "*",
        authorization,
        "x-http-method": tunnelled,
      },
      body,
    });
  expect((await post("PATCH", '{"status":"new"}')).status).toBe(204);
  expect(await rows().getEntity("p", "tunnelled")).toMatchObject({ status: "new" });
  expect((await post("DELETE", "")).status).toBe(204);
  await expect(rows().getEntity("p", "tunnelled")).rejects.toMatchObject({ statusCode: 404 });
});

test("an owner of the resources reads no rows by the address of the table itself", async () => {
  const headers = { ...versionHeader, accept: "application/json", authorization: tokens.owner };
  const answer = await call(azure.proxy, `https://${tableHost}/Tables('terminalkeys')`, { headers });
  expect(answer.status).toBe(501);
  expect(answer.body).not.toContain("kept");
  const entities = await call(azure.proxy, `https://${tableHost}/terminalkeys()`, { headers });
  expect(entities.headers["x-ms-error-code"]).toBe("AuthorizationPermissionMismatch");
});
