import { createHash, randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { flowPolicy } from "../../../../components/flow-policy.ts";
import { grantRole } from "../../../../sandbox/services/authorization/grant-role.ts";
import { agentOf, call } from "../../proxy/proxy-client.ts";
import { GatewayCloud, withKey } from "./gateway-cloud.ts";

const accountName = "exampleflowkeys";
const keyTable = "terminalkeys";
const endpoint = `https://${accountName}.table.core.windows.net`;
const customerId = "example-as";
const terminalId = "oslo-entrance-1";

const policy = flowPolicy({
  tableEndpoint: `${endpoint}/`,
  tableName: keyTable,
  backendId: "flow",
  backendAudience: "api://flow-example",
  callsPerMinute: 20,
});

let azure: GatewayCloud;
let operatorToken: string;
let sharedKey: string;

const newKey = () => randomBytes(32).toString("base64");
const sha256 = (key: string) => createHash("sha256").update(key, "utf8").digest("base64");
const account = () => `${azure.group}/providers/Microsoft.Storage/storageAccounts/${accountName}`;

beforeAll(async () => {
  azure = await GatewayCloud.open({ storage: {} });
  const put = (id: string, type: string, name: string, properties: Record<string, unknown> = {}) =>
    azure.azure.resources.put({ id, type, name, location: "norwayeast", properties });
  put(account(), "Microsoft.Storage/storageAccounts", accountName, {
    minimumTlsVersion: "TLS1_2",
    supportsHttpsTrafficOnly: true,
    allowSharedKeyAccess: false,
  });
  const table = `${account()}/tableServices/default/tables/${keyTable}`;
  put(table, "Microsoft.Storage/storageAccounts/tableServices/tables", keyTable);
  const operator = azure.azure.directory.addServicePrincipal("operator");
  grantRole(azure.azure, operator.objectId, "Storage Table Data Contributor", account());
  operatorToken = (await azure.azure.tokens.issue(operator, "https://storage.azure.com")).token;
  allowGateway();
});
afterAll(() => azure.close());
beforeEach(() => {
  azure.policy("flow", policy, "xml");
  sharedKey = azure.subscribe(customerId);
  azure.clock.move(120_000);
});

function allowGateway(): void {
  const principalId = azure.service({}).identity?.principalId as string;
  grantRole(azure.azure, principalId, "Storage Table Data Reader", account());
}

/** Writes a terminal's row as the command line does. */
async function row(
  terminal: string,
  properties: Record<string, string>,
  customer = customerId,
): Promise<void> {
  const entity = {
    PartitionKey: customer,
    RowKey: terminal,
    site: "oslo",
    status: "active",
    keyCreatedAt: "2026-01-02T03:04:05Z",
    ...properties,
  };
  const path = `${keyTable}(PartitionKey='${customer}',RowKey='${terminal}')`;
  const answer = await call(azure.proxy, `${endpoint}/${path}`, {
    method: "PUT",
    headers: {
      Authorization: `Bearer ${operatorToken}`,
      "x-ms-version": "2019-02-02",
      "Content-Type": "application/json",
      Accept: "application/json;odata=nometadata",
    },
    body: JSON.stringify(entity),
    agent: agentOf(azure.proxy),
  });
  expect(answer.status).toBe(204);
}

/** A terminal with a key of its own. */
async function terminal(name = terminalId, properties: Record<string, string> = {}): Promise<string> {
  const key = newKey();
  await row(name, { currentKeySha256: sha256(key), previousKeySha256: "", ...properties });
  return key;
}

const lookUp = (headers: Record<string, string>, path = "/flow/v1/employees/1001") =>
  azure.get(path, headers);
const both = (key: string, name = terminalId) =>
  withKey(sharedKey, { "X-Terminal-Id": name, "X-Terminal-Key": key });

test("both keys together reach the Flow API, and neither goes with the call", async () => {
  const key = await terminal();
  azure.flowApi.seen.length = 0;
  const answer = await lookUp({ ...both(key), "X-Request": "kept" }, `/flow/v1/employees/1001?detail=a%20b`);
  expect(answer.status).toBe(200);
  expect(JSON.parse(answer.body)).toEqual({ badge: "1001", number: "E-1", name: "Example Employee One" });
  const [seen] = azure.flowApi.seen;
  expect(seen?.url).toBe("/v1/employees/1001?detail=a%20b");
  expect(seen?.host).toBe("flow.example.com");
  expect(JSON.stringify(seen)).not.toContain(sharedKey);
  expect(JSON.stringify(seen)).not.toContain(key);
  expect(seen?.headers).toMatchObject({
    "x-terminal-id": terminalId,
    "x-customer-id": customerId,
    "x-request": "kept",
  });
  const caller = await azure.azure.tokens.verify(seen?.headers.authorization, ["api://flow-example"]);
  expect(caller.objectId).toBe(azure.service({}).identity?.principalId);
  expect(azure.log.join("\n")).not.toContain(key);
  expect(azure.log.join("\n")).not.toContain(sharedKey);
});

test("the shared key may stand in the query, and is taken from there too", async () => {
  const key = await terminal();
  azure.flowApi.seen.length = 0;
  const { "Ocp-Apim-Subscription-Key": _, ...rest } = both(key);
  expect((await lookUp(rest, `/flow/v1/employees/1001?subscription-key=${sharedKey}&a=1`)).status).toBe(200);
  expect(azure.flowApi.seen[0]?.url).toBe("/v1/employees/1001?a=1");
});

test("without a shared key, or with one that is none, the first door is shut", async () => {
  const key = await terminal();
  azure.flowApi.seen.length = 0;
  const { "Ocp-Apim-Subscription-Key": _, ...rest } = both(key);
  const missing = await lookUp(rest);
  expect(missing.status).toBe(401);
  expect(JSON.parse(missing.body)).toEqual({
    statusCode: 401,
    message:
      "Access denied due to missing subscription key. Make sure to include subscription key when making requests to an API.",
  });
  expect(missing.headers["www-authenticate"]).toBe(
    'AzureApiManagementKey realm="https://example-flow.azure-api.net/flow",name="Ocp-Apim-Subscription-Key",type="header"',
  );
  const invalid = await lookUp({ ...both(key), "Ocp-Apim-Subscription-Key": "nonsense" });
  expect(invalid.status).toBe(401);
  expect(JSON.parse(invalid.body).message).toMatch(/^Access denied due to invalid subscription key\./);
  expect(azure.flowApi.seen).toEqual([]);
});

test("unknown terminals, wrong keys and other customers' keys all look the same", async () => {
  const key = await terminal();
  const other = azure.subscribe("other-as");
  await row(terminalId, { currentKeySha256: sha256(newKey()) }, "other-as");
  azure.flowApi.seen.length = 0;
  const answers = await Promise.all([
    lookUp(both(newKey())),
    lookUp(both(key, "oslo-unknown-1")),
    lookUp(both(key, "OSLO'1")),
    lookUp({ ...both(key), "Ocp-Apim-Subscription-Key": other }),
    lookUp(withKey(sharedKey)),
    lookUp(withKey(sharedKey, { "X-Terminal-Id": terminalId })),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401, 401]);
  expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
  expect(azure.flowApi.seen).toEqual([]);
});

test("the previous key is good until it is taken away", async () => {
  const [previous, current] = [newKey(), newKey()];
  await row(terminalId, { currentKeySha256: sha256(current), previousKeySha256: sha256(previous) });
  expect((await lookUp(both(previous))).status).toBe(200);
  expect((await lookUp(both(current))).status).toBe(200);
  await row(terminalId, { currentKeySha256: sha256(current) });
  expect((await lookUp(both(previous))).status).toBe(401);
  expect((await lookUp(both(""))).status).toBe(401);
});

test("a revoked row shuts the door on the very next call", async () => {
  const key = await terminal();
  expect((await lookUp(both(key))).status).toBe(200);
  await row(terminalId, { currentKeySha256: sha256(key), status: "revoked" });
  expect((await lookUp(both(key))).status).toBe(401);
  await row(terminalId, { currentKeySha256: sha256(key) });
  expect((await lookUp(both(key))).status).toBe(200);
});

test("a suspended shared key may go on for ten minutes, a revoked terminal may not", async () => {
  const key = await terminal();
  expect((await lookUp(both(key))).status).toBe(200);
  azure.changeSubscription(customerId, { state: "suspended" });
  azure.clock.move(599_000);
  expect((await lookUp(both(key))).status).toBe(200);
  await row(terminalId, { currentKeySha256: sha256(key), status: "revoked" });
  expect((await lookUp(both(key))).status).toBe(401);
  await row(terminalId, { currentKeySha256: sha256(key) });
  azure.clock.move(2_000);
  const late = await lookUp(both(key));
  expect([late.status, JSON.parse(late.body).message]).toEqual([
    401,
    expect.stringContaining("invalid subscription key"),
  ]);
});

test("a lookup that fails in any way is 503", async () => {
  const key = await terminal();
  const path = `/${keyTable}*`;
  const host = `${accountName}.table.core.windows.net`;
  const faults = [
    { answer: { status: 500, body: "{}" } },
    { answer: { status: 200, body: "no JSON" } },
    { answer: { status: 200, body: "[]" } },
    { answer: { status: 302, headers: { location: "https://elsewhere.example.com/" } } },
    { answer: { status: 404, body: '{"odata.error":{"code":"TableNotFound"}}' } },
    { answer: { status: 404, body: "" } },
    { drop: "before" as const },
    { drop: "after" as const },
  ];
  azure.flowApi.seen.length = 0;
  for (const fault of faults) {
    const disarm = azure.proxy.faults.add({ host, path, ...fault });
    const answer = await lookUp(both(key));
    disarm();
    expect([fault, answer.status]).toEqual([fault, 503]);
  }
  azure.policy("flow", policy.replace('timeout="5"', 'timeout="1"'), "xml");
  const disarm = azure.proxy.faults.add({ host, path, delayMs: 1300 });
  expect((await lookUp(both(key))).status).toBe(503);
  disarm();
  expect((await lookUp(both(key))).status).toBe(200);
  expect(azure.flowApi.seen).toHaveLength(1);
});

test("without its role, or its identity, the gateway lets nobody in", async () => {
  const key = await terminal();
  for (const assignment of azure.azure.resources.list("Microsoft.Authorization/roleAssignments")) {
    if (assignment.properties.principalId === azure.service({}).identity?.principalId) {
      azure.azure.resources.delete(assignment.id);
    }
  }
  expect((await lookUp(both(key))).status).toBe(503);
  allowGateway();
  expect((await lookUp(both(key))).status).toBe(200);
  const { identity } = azure.service({});
  azure.service({ identity: { type: "None" } });
  expect((await lookUp(both(key))).status).toBe(503);
  azure.service({ identity: identity as Record<string, unknown> });
});

test("a terminal's calls are limited, and only its own", async () => {
  const key = await terminal();
  const otherKey = await terminal("oslo-entrance-2");
  // The limit refills while time passes.
  using _ = azure.clock.freeze();
  const statuses: number[] = [];
  for (let count = 0; count < 20; count += 1) statuses.push((await lookUp(both(key))).status);
  expect(new Set(statuses)).toEqual(new Set([200]));
  const refused = await lookUp(both(key));
  expect([refused.status, refused.headers["retry-after"]]).toEqual([429, "3"]);
  expect(JSON.parse(refused.body)).toEqual({
    statusCode: 429,
    message: "Rate limit is exceeded. Try again in 3 seconds.",
  });
  expect((await lookUp(both(otherKey, "oslo-entrance-2"))).status).toBe(200);
  azure.clock.move(3_000);
  expect((await lookUp(both(key))).status).toBe(200);
});
