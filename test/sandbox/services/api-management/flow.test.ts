import { afterAll, beforeEach, expect, test, vi } from "vitest";
import {
  audience,
  customerId,
  FlowGateway,
  keyTable,
  newKey,
  policy,
  sha256,
  tableHost,
  terminalId,
} from "./flow-gateway.ts";
import { withKey } from "./gateway-cloud.ts";

const gateway = await FlowGateway.open();
const { azure } = gateway;
afterAll(() => gateway.close());
beforeEach(() => gateway.renew());

const subscriptionHeader = "Ocp-Apim-Subscription-Key";
const without = (name: string, headers: Record<string, string>) =>
  Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name));

test("a call with both keys reaches the Flow API with the terminal, the customer and a token, and without a key", async () => {
  const key = await gateway.terminal();
  const answer = await gateway.lookUp(
    {
      ...gateway.keys(key),
      "X-Request": "kept",
      "X-Customer-Id": "forged-as",
      "X-Request-Id": "forged",
      Authorization: "Bearer forged",
    },
    "/flow/v1/employees/1001?detail=a%20b",
  );
  expect(answer.status).toBe(200);
  expect(JSON.parse(answer.body)).toEqual({ badge: "1001", number: "E-1", name: "Example Employee One" });
  const [seen] = azure.flowApi.seen;
  expect(seen?.url).toBe("/v1/employees/1001?detail=a%20b");
  expect(seen?.host).toBe("flow.example.com");
  expect(JSON.stringify(seen)).not.toContain(gateway.subscriptionKey);
  expect(JSON.stringify(seen)).not.toContain(key);
  expect(JSON.stringify(seen)).not.toContain("forged");
  expect(seen?.headers).toMatchObject({
    "x-terminal-id": terminalId,
    "x-customer-id": customerId,
    "x-request": "kept",
    "x-request-id": answer.headers["x-request-id"],
  });
  expect(answer.headers["x-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
  const caller = await azure.azure.tokens.verify(seen?.headers.authorization, [audience]);
  expect(caller.objectId).toBe(azure.service({}).identity?.principalId);
  expect(azure.log.join("\n")).not.toContain(key);
  expect(azure.log.join("\n")).not.toContain(gateway.subscriptionKey);
});

test("every refused key gets the same 401, after one lookup", async () => {
  const key = await gateway.terminal();
  await gateway.terminal("oslo-revoked-1", { status: "revoked" });
  const other = azure.subscribe("other-as");
  await gateway.row(terminalId, { currentKeySha256: sha256(newKey()) }, "other-as");
  azure.subscribe("suspended-as", "/apis/flow", { state: "suspended", primaryKey: "suspended-key" });
  const keys = gateway.keys(key);
  const inQuery = `/flow/v1/employees/1001?subscription-key=${gateway.subscriptionKey}`;
  const refused: Record<string, [Record<string, string>, string?]> = {
    "no key at all": [{}],
    "no subscription key": [without(subscriptionHeader, keys)],
    "an empty subscription key": [{ ...keys, [subscriptionHeader]: "" }],
    "an unknown subscription key": [{ ...keys, [subscriptionHeader]: "nonsense" }],
    "a suspended subscription key": [{ ...keys, [subscriptionHeader]: "suspended-key" }],
    "the subscription key of another customer": [{ ...keys, [subscriptionHeader]: other }],
    "the subscription key in the query": [without(subscriptionHeader, keys), inQuery],
    "the subscription key in the query and the header": [keys, inQuery],
    "a query name in capital letters": [keys, inQuery.replace("subscription-key", "Subscription-KEY")],
    "an escaped query name": [keys, inQuery.replace("subscription-key", "%73ubscription%2dkey")],
    "the Flow key in the query": [keys, `/flow/v1/employees/1001?x-terminal-key=${newKey()}`],
    "no Flow key": [without("X-Terminal-Key", keys)],
    "no terminal": [without("X-Terminal-Id", keys)],
    "a wrong Flow key": [gateway.keys(newKey())],
    "an unknown terminal": [gateway.keys(key, "oslo-unknown-1")],
    "a terminal ID that is none": [gateway.keys(key, "OSLO'1")],
    "a revoked terminal": [gateway.keys(key, "oslo-revoked-1")],
  };
  // The proxy asks for a fault on each request that passes it.
  const requests = vi.spyOn(azure.proxy.faults, "pick");
  const countLookups = () => requests.mock.calls.filter(([host]) => host === tableHost).length;
  const answers = new Map<string, unknown>();
  for (const [title, [headers, path]] of Object.entries(refused)) {
    requests.mockClear();
    const answer = await gateway.lookUp(headers, path);
    const { date: _, connection: __, "keep-alive": ___, ...rest } = answer.headers;
    answers.set(title, { status: answer.status, headers: rest, body: answer.body, lookups: countLookups() });
  }
  requests.mockRestore();
  for (const [title, answer] of answers) {
    expect([title, answer]).toEqual([
      title,
      {
        status: 401,
        headers: {
          "content-type": "application/json",
          "www-authenticate": 'TerminalKey realm="flow"',
          "content-length": "70",
        },
        body: '{"statusCode":401,"message":"Access denied: unknown terminal or key."}',
        lookups: 1,
      },
    ]);
  }
  expect(azure.flowApi.seen).toEqual([]);
});

test("the previous Flow key is valid until it is removed", async () => {
  const [previous, current] = [newKey(), newKey()];
  await gateway.row(terminalId, { currentKeySha256: sha256(current), previousKeySha256: sha256(previous) });
  expect((await gateway.lookUp(gateway.keys(previous))).status).toBe(200);
  expect((await gateway.lookUp(gateway.keys(current))).status).toBe(200);
  await gateway.row(terminalId, { currentKeySha256: sha256(current) });
  expect((await gateway.lookUp(gateway.keys(previous))).status).toBe(401);
  expect((await gateway.lookUp(gateway.keys(""))).status).toBe(401);
});

test("a revoked terminal is refused on its next call, and a reinstated one is admitted", async () => {
  const key = await gateway.terminal();
  expect((await gateway.lookUp(gateway.keys(key))).status).toBe(200);
  await gateway.row(terminalId, { currentKeySha256: sha256(key), status: "revoked" });
  expect((await gateway.lookUp(gateway.keys(key))).status).toBe(401);
  await gateway.row(terminalId, { currentKeySha256: sha256(key) });
  expect((await gateway.lookUp(gateway.keys(key))).status).toBe(200);
});

test("a suspended subscription key may be accepted for ten minutes, and a revoked terminal is not", async () => {
  const key = await gateway.terminal();
  expect((await gateway.lookUp(gateway.keys(key))).status).toBe(200);
  azure.changeSubscription(customerId, { state: "suspended" });
  azure.clock.move(599_000);
  expect((await gateway.lookUp(gateway.keys(key))).status).toBe(200);
  await gateway.row(terminalId, { currentKeySha256: sha256(key), status: "revoked" });
  expect((await gateway.lookUp(gateway.keys(key))).status).toBe(401);
  await gateway.row(terminalId, { currentKeySha256: sha256(key) });
  azure.clock.move(2_000);
  expect((await gateway.lookUp(gateway.keys(key))).status).toBe(401);
});

test("a lookup that fails in any way is 503 for right, wrong and missing keys alike", async () => {
  const key = await gateway.terminal();
  const calls = [gateway.keys(key), gateway.keys(newKey()), {}, withKey("nonsense")];
  const path = `/${keyTable}*`;
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
  for (const fault of faults) {
    const disarm = azure.proxy.faults.add({ host: tableHost, path, ...fault });
    for (const headers of calls) {
      const { status, headers: found } = await gateway.lookUp(headers);
      expect([fault, status, found["retry-after"]]).toEqual([fault, 503, "5"]);
      expect(found["x-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
    }
    disarm();
  }
  azure.policy("flow", policy.replaceAll('timeout="3"', 'timeout="1"'), "xml");
  const disarm = azure.proxy.faults.add({ host: tableHost, path, delayMs: 1300 });
  expect((await gateway.lookUp(gateway.keys(key))).status).toBe(503);
  disarm();
  expect((await gateway.lookUp(gateway.keys(key))).status).toBe(200);
  expect(azure.flowApi.seen).toHaveLength(1);
});

test("a gateway without its role or its identity admits no terminal", async () => {
  const key = await gateway.terminal();
  for (const assignment of azure.azure.resources.list("Microsoft.Authorization/roleAssignments")) {
    if (assignment.properties.principalId === azure.service({}).identity?.principalId) {
      azure.azure.resources.delete(assignment.id);
    }
  }
  expect((await gateway.lookUp(gateway.keys(key))).status).toBe(503);
  gateway.allowLookups();
  expect((await gateway.lookUp(gateway.keys(key))).status).toBe(200);
  const { identity } = azure.service({});
  azure.service({ identity: { type: "None" } });
  expect((await gateway.lookUp(gateway.keys(key))).status).toBe(503);
  azure.service({ identity: identity as Record<string, unknown> });
});

test("a terminal over its limit gets 429 with the time to wait, and other terminals do not", async () => {
  const key = await gateway.terminal();
  const otherKey = await gateway.terminal("oslo-entrance-2");
  // The limit refills while time passes.
  using _ = azure.clock.freeze();
  const statuses: number[] = [];
  for (let count = 0; count < 20; count += 1) statuses.push((await gateway.lookUp(gateway.keys(key))).status);
  expect(new Set(statuses)).toEqual(new Set([200]));
  const refused = await gateway.lookUp(gateway.keys(key));
  expect([refused.status, refused.headers["retry-after"]]).toEqual([429, "3"]);
  expect(JSON.parse(refused.body)).toEqual({
    statusCode: 429,
    message: "Rate limit is exceeded. Try again in 3 seconds.",
  });
  expect((await gateway.lookUp(gateway.keys(otherKey, "oslo-entrance-2"))).status).toBe(200);
  azure.clock.move(3_000);
  expect((await gateway.lookUp(gateway.keys(key))).status).toBe(200);
});
