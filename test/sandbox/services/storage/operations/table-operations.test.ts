import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "../../../../support/folder.ts";
import { call } from "../../../proxy/proxy-client.ts";
import { flowAccount, flowProperties, roleNames, TestStorage } from "../test-storage.ts";

/* Requests to tables that the authorization and Azurite could interpret as different operations. */

const tableHost = `${flowAccount}.table.core.windows.net`;
const rowUrl = "/terminalkeys(PartitionKey='p',RowKey='r')";
const versionHeader = { "x-ms-version": "2021-12-02" };

let dir: Awaited<ReturnType<typeof temporaryFolder>>;
let azure: TestStorage;
/** Authorization headers of callers with these rights to the account. */
let tokens: Record<"rowReader" | "rowWriter" | "owner", string>;

beforeAll(async () => {
  dir = await temporaryFolder();
  azure = await TestStorage.open(dir.path);
  azure.deploy(flowAccount, flowProperties);
  const token = (role: string) =>
    azure.bearer(azure.createPrincipal({ role, scope: azure.accountId(flowAccount) }));
  tokens = {
    rowReader: await token(roleNames.tableReader),
    rowWriter: await token(azure.createRole("tableServices/tables/entities/write")),
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
  const principal = azure.createPrincipal({
    role: roleNames.tableContributor,
    scope: azure.accountId(flowAccount),
  });
  return azure.table(flowAccount, "terminalkeys", principal.credential);
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
] as const)("%s changes nothing with %s and X-HTTP-Method: %s", async (caller, method, tunnelled) => {
  const answer = await call(azure.proxy, `https://${tableHost}${rowUrl}`, {
    method,
    headers: {
      ...versionHeader,
      accept: "application/json",
      "content-type": "application/json",
      "content-length": 18,
      "if-match": "*",
      authorization: tokens[caller],
      "x-http-method": tunnelled,
    },
    body: '{"status":"other"}',
  });
  expect([403, 501]).toContain(answer.status);
  expect(await rows().getEntity("p", "r")).toMatchObject({ status: "kept" });
});

test("POST with X-HTTP-Method merges and deletes rows for a Storage Table Data Contributor", async () => {
  const principal = azure.createPrincipal({
    role: roleNames.tableContributor,
    scope: azure.accountId(flowAccount),
  });
  const authorization = await azure.bearer(principal);
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

test("an Owner cannot read rows by the address of the table", async () => {
  const headers = { ...versionHeader, accept: "application/json", authorization: tokens.owner };
  const answer = await call(azure.proxy, `https://${tableHost}/Tables('terminalkeys')`, { headers });
  expect(answer.status).toBe(501);
  expect(answer.body).not.toContain("kept");
  const entities = await call(azure.proxy, `https://${tableHost}/terminalkeys()`, { headers });
  expect(entities.headers["x-ms-error-code"]).toBe("AuthorizationPermissionMismatch");
});
