import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { request } from "node:https";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { agentOf, callPlain, secure, temporaryFolder, tunnel } from "./front-client.ts";
import { GatewayCloud, HOST, policyWith, SERVICE, withKey } from "./gateway-cloud.ts";

let dir: Awaited<ReturnType<typeof temporaryFolder>>;
let azure: GatewayCloud;
let local: Server;
let key: string;
/** What the local backend does with the next requests. */
let serve: (...args: Parameters<NonNullable<Parameters<typeof createServer>[1]>>) => unknown;

beforeAll(async () => {
  dir = await temporaryFolder();
  local = createServer((req, res) => void serve(req, res)).listen(0, "127.0.0.1");
  await once(local, "listening");
  const { port } = local.address() as AddressInfo;
  azure = await GatewayCloud.open(dir.path, {
    backends: { "local.example.com": `http://127.0.0.1:${port}/base` },
    subscriptionCacheSeconds: 0,
  });
  key = azure.subscribe("customer");
});
afterAll(async () => {
  await azure.close();
  local.closeAllConnections();
  local.close();
  await dir[Symbol.asyncDispose]();
});
afterEach(() => {
  for (const policy of azure.cloud.resources.list("Microsoft.ApiManagement/service/apis/policies")) {
    azure.cloud.resources.delete(policy.id);
  }
  azure.log.length = 0;
});

const run = (sections: Parameters<typeof policyWith>[0]) => azure.policy("flow", policyWith(sections));
const returns = (body: string) => `<return-response><set-body>${body}</set-body></return-response>`;
const get = (path = "/flow/health", headers: Record<string, string> = {}) =>
  azure.get(path, withKey(key, headers));
const toLocal = '<base /><set-backend-service base-url="https://local.example.com/api" />';

test("without a policy of its own an API forwards everything, the key included", async () => {
  azure.flowApi.seen.length = 0;
  const answer = await get("/flow/v1/balances/E-1?x=%C3%A5", { "X-A": "1" });
  expect([answer.status, JSON.parse(answer.body).vacationDays]).toEqual([200, 20]);
  expect(azure.flowApi.seen[0]).toMatchObject({
    host: "flow.example.com",
    url: "/v1/balances/E-1?x=%C3%A5",
    headers: {
      "ocp-apim-subscription-key": key,
      host: "flow.example.com",
      "x-a": "1",
      "x-forwarded-for": "127.0.0.1",
    },
  });
});

test("paths, methods and schemes that no operation takes are 404", async () => {
  azure.api("flow-more", { path: "flow/more" }, [
    "GET /people/{id}",
    "GET /people/me",
    "GET /files/*",
    "DELETE /people/{id}",
  ]);
  azure.policy(
    "flow-more",
    policyWith({
      inbound: returns(
        '@(context.Operation.UrlTemplate + " " + context.Request.MatchedParameters.GetValueOrDefault("id", "-") + " " + context.Request.Url.Path)',
      ),
    }),
  );
  const more = azure.subscribe("more", "/apis/flow-more");
  const text = async (path: string) => (await azure.get(path, withKey(more))).body;
  expect(await text("/flow/more/people/a%20b")).toBe("/people/{id} a b /people/a%20b");
  expect(await text("/FLOW/more/people/me")).toBe("/people/me - /people/me");
  expect(await text("/flow/more/files/x/y?z=1")).toBe("/files/* - /files/x/y");
  for (const [path, method] of [
    ["/flow/more/people", "GET"],
    ["/flow/more/people/x", "POST"],
    ["/flowers", "GET"],
    ["/", "GET"],
  ] as const) {
    const answer = await azure.get(path, withKey(more), { method });
    expect([path, answer.status, answer.body]).toEqual([
      path,
      404,
      '{ "statusCode": 404, "message": "Resource not found" }',
    ]);
  }
  expect((await callPlain(azure.front, `http://${HOST}/flow/health`, withKey(key))).status).toBe(404);
});

test("older versions of TLS are refused unless the service allows them", async () => {
  const old = { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
  const handshake = async () =>
    secure(azure.front, HOST, (await tunnel(azure.front, `${HOST}:443`)).socket, old);
  await expect(handshake()).rejects.toThrow();
  const setting = "Microsoft.WindowsAzure.ApiManagement.Gateway.Security.Protocols.Tls11";
  azure.service({ properties: { customProperties: { [setting]: "True" } } });
  const socket = await handshake();
  expect(socket.getProtocol()).toBe("TLSv1.1");
  socket.destroy();
  azure.service({ properties: {} });
});

test("a key opens what its scope holds, while it is active", async () => {
  azure.api("other");
  const status = async (with_: string, api = "flow") =>
    (await azure.get(`/${api}/health`, withKey(with_))).status;
  const all = azure.subscribe("all", "/apis");
  const master = azure.subscribe("master", "/");
  const other = azure.subscribe("other", "/apis/other");
  expect([await status(key), await status(all), await status(master), await status(other)]).toEqual([
    200, 200, 200, 401,
  ]);
  expect([await status(key, "other"), await status(other, "other")]).toEqual([401, 200]);
  for (const state of ["suspended", "cancelled", "expired", "submitted", "rejected"]) {
    azure.changeSubscription("other", { state });
    expect(await status(other, "other")).toBe(401);
  }
  azure.changeSubscription("other", { state: "active", secondaryKey: "second" });
  expect(await status("second", "other")).toBe(200);
  azure.changeSubscription("other", { secondaryKey: "regenerated" });
  expect(await status("second", "other")).toBe(401);
  azure.cloud.resources.delete(`${azure.serviceId}/subscriptions/other`);
  expect(await status(other, "other")).toBe(401);
});

test("an API may ask for no key, or for one under another name", async () => {
  azure.api("open", { subscriptionRequired: false });
  azure.policy("open", policyWith({ inbound: returns('@(context.Subscription?.Id ?? "nobody")') }));
  const scoped = azure.subscribe("open-customer", "/apis/open");
  expect((await azure.get("/open/x")).body).toBe("nobody");
  expect((await azure.get("/open/x", withKey(scoped))).body).toBe("open-customer");
  expect((await azure.get("/open/x", withKey("nonsense"))).status).toBe(401);
  azure.api("named", { subscriptionKeyParameterNames: { header: "X-Key", query: "k" } });
  const named = azure.subscribe("named", "/apis/named");
  expect((await azure.get("/named/health", { "x-key": named })).status).toBe(200);
  expect((await azure.get(`/named/health?K=${named}`)).status).toBe(200);
  expect((await azure.get(`/named/health?k=${named}`, { "x-key": "nonsense" })).status).toBe(401);
  const missing = await azure.get("/named/health", withKey(named));
  expect([missing.status, missing.headers["www-authenticate"]]).toEqual([
    401,
    expect.stringContaining('name="X-Key"'),
  ]);
});

test("policies change requests and responses", async () => {
  azure.flowApi.seen.length = 0;
  run({
    inbound: `<base />
      <set-header name="X-A"><value>1</value><value>@("2")</value></set-header>
      <set-header name="X-B" exists-action="append"><value>new</value></set-header>
      <set-header name="X-C" exists-action="skip"><value>new</value></set-header>
      <set-header name="X-D" exists-action="delete" />
      <set-header name="User-Agent" exists-action="append"><value>more</value></set-header>
      <set-query-parameter name="a"><value>new</value></set-query-parameter>
      <set-query-parameter name="b" exists-action="append"><value>2 3</value></set-query-parameter>
      <set-query-parameter name="c" exists-action="delete" />
      <set-query-parameter name="d" exists-action="skip"><value>new</value></set-query-parameter>
      <set-backend-service base-url="https://flow.example.com/flow/" />`,
    outbound: `<base />
      <set-status code="202" reason="Fine" />
      <set-header name="X-Out"><value>@(context.Response.StatusCode.ToString())</value></set-header>
      <set-body>@(((string)context.Response.Body.As<JObject>()["status"]).ToUpper())</set-body>`,
  });
  const answer = await get("/flow/health?a=old&b=1&c=1&d=old", {
    "x-b": "old",
    "x-c": "old",
    "x-d": "old",
    "user-agent": "u",
  });
  expect([answer.status, answer.headers["x-out"], answer.body]).toEqual([202, "202", "OK"]);
  const [seen] = azure.flowApi.seen;
  expect(seen?.url).toBe("/flow/health?d=old&a=new&b=1&b=2%203");
  expect(seen?.headers).toMatchObject({ "x-a": "1,2", "x-b": "old,new", "x-c": "old" });
  expect(seen?.headers).not.toHaveProperty("x-d");
});

test("rewrite-uri gives the backend another path", async () => {
  azure.api("short", {}, ["GET /of/{badge}"]);
  const short = azure.subscribe("short", "/apis/short");
  azure.policy(
    "short",
    policyWith({ inbound: '<base /><rewrite-uri template="/v1/employees/{badge}?from=short" />' }),
  );
  expect(JSON.parse((await azure.get("/short/of/1002?x=1", withKey(short))).body).number).toBe("E-2");
  expect(azure.flowApi.seen.at(-1)?.url).toBe("/v1/employees/1002?from=short&x=1");
});

test("choose takes the first branch that holds; return-response ends the call there", async () => {
  const when = (condition: string, body: string) =>
    `<when condition="@(${condition})">${returns(body)}</when>`;
  run({
    inbound: `<set-variable name="n" value="@(int.Parse(context.Request.Headers.GetValueOrDefault("X-N", "0")))" />
      <choose>${when('(int)context.Variables["n"] > 2', "many")}${when('(int)context.Variables["n"] > 1', "two")}<otherwise>${returns("few")}</otherwise></choose>
      <set-header name="Never"><value>x</value></set-header>`,
    outbound: '<set-header name="X-Outbound"><value>ran</value></set-header>',
  });
  const answers = [
    await get("/flow/x", { "x-n": "3" }),
    await get("/flow/x", { "x-n": "2" }),
    await get("/flow/x"),
  ];
  expect(answers.map(({ body }) => body)).toEqual(["many", "two", "few"]);
  expect(answers[0]?.headers).not.toHaveProperty("x-outbound");
});

test("an exception in an expression is a 500 that says nothing, and tells on-error all", async () => {
  run({
    inbound:
      '<base /><choose><when condition="true"><set-variable id="here" name="x" value="@(context.Request.Headers["None"][0])" /></when></choose>',
  });
  const plain = await get();
  expect(plain.status).toBe(500);
  expect(JSON.parse(plain.body)).toEqual({
    statusCode: 500,
    message: "Internal server error",
    activityId: expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
  const error = (name: string) => `context.LastError.${name}`;
  const all = ["Source", "Reason", "Section", "Path", "PolicyId", "Scope", "Message"]
    .map(error)
    .join(' + "|" + ');
  run({
    inbound:
      '<base /><choose><when condition="true"><set-variable id="here" name="x" value="@(context.Request.Headers["None"][0])" /></when></choose>',
    onError: `<set-header name="X-Error"><value>@(${all})</value></set-header>`,
  });
  expect((await get()).headers["x-error"]).toBe(
    "set-variable|ExpressionValueEvaluationFailure|inbound|choose[1]/when[1]/set-variable[1]|here|api|" +
      "Expression evaluation failed. The given key was not present in the dictionary.",
  );
});

test("a refused key goes through on-error too; an error there is a 500", async () => {
  run({
    onError:
      '<set-header name="X-Reason"><value>@(context.LastError.Source + " " + context.LastError.Reason + " " + context.Response.StatusCode)</value></set-header>',
  });
  expect((await azure.get("/flow/x")).headers["x-reason"]).toBe("authorization SubscriptionKeyNotFound 401");
  run({ onError: '<set-variable name="x" value="@(context.Subscription.Id)" />' });
  expect((await azure.get("/flow/x")).status).toBe(500);
});

test("check-header refuses in the policy's own words", async () => {
  run({
    inbound:
      '<check-header name="X-Mode" failed-check-httpcode="412" failed-check-error-message="No mode" ignore-case="true"><value>A</value><value>b</value></check-header>' +
      returns("in"),
  });
  expect((await get("/flow/x", { "x-mode": "B" })).body).toBe("in");
  for (const headers of [{}, { "x-mode": "c" }] as Record<string, string>[]) {
    const answer = await get("/flow/x", headers);
    expect([answer.status, JSON.parse(answer.body).message]).toEqual([412, "No mode"]);
  }
});

test("limits count by subscription, or by any key, in the way of the tier", async () => {
  const statuses = async (count: number, headers: Record<string, string> = {}) => {
    const answers = [];
    for (let at = 0; at < count; at += 1) answers.push((await get("/flow/x", headers)).status);
    return answers;
  };
  run({
    inbound: `<rate-limit calls="3" renewal-period="60" remaining-calls-header-name="X-Left" total-calls-header-name="X-Total" retry-after-header-name="X-Wait" />${returns("in")}`,
  });
  const first = await get("/flow/x");
  expect([first.headers["x-left"], first.headers["x-total"]]).toEqual(["2", "3"]);
  expect(await statuses(3)).toEqual([200, 200, 429]);
  expect((await get("/flow/x")).headers["x-wait"]).toBe("20");
  azure.clock.move(20_000);
  expect(await statuses(2)).toEqual([200, 429]);

  run({
    inbound: `<rate-limit-by-key calls="1" renewal-period="10" counter-key="@(context.Request.Headers.GetValueOrDefault("X-Who", ""))" increment-condition="@(context.Response.StatusCode == 202)" /><return-response><set-status code="@(context.Request.Headers.ContainsKey("X-Count") ? 202 : 200)" reason="" /></return-response>`,
  });
  expect(await statuses(2, { "x-who": "a" })).toEqual([200, 200]);
  expect(await statuses(2, { "x-who": "a", "x-count": "1" })).toEqual([202, 429]);
  expect(await statuses(1, { "x-who": "b", "x-count": "1" })).toEqual([202]);

  azure.service({ sku: { name: "Standard", capacity: 1 } });
  run({
    inbound: `<rate-limit-by-key calls="2" renewal-period="60" counter-key="window" />${returns("in")}`,
  });
  expect(await statuses(3)).toEqual([200, 200, 429]);
  azure.clock.move(30_000);
  expect(await statuses(1)).toEqual([429]);
  azure.clock.move(30_001);
  expect(await statuses(3)).toEqual([200, 200, 429]);

  run({
    inbound: `<quota-by-key calls="2" renewal-period="3600" counter-key="quota" first-period-start="2020-01-01T00:00:00Z" />${returns("in")}`,
  });
  expect(await statuses(2)).toEqual([200, 200]);
  const out = await get("/flow/x");
  expect([out.status, JSON.parse(out.body).message]).toEqual([
    403,
    expect.stringMatching(/^Out of call volume quota\. Quota will be replenished in 0\d:\d\d:\d\d\.$/),
  ]);
  expect(Number(out.headers["retry-after"])).toBeLessThanOrEqual(3600);
  azure.clock.move(3_600_000);
  expect(await statuses(1)).toEqual([200]);
  azure.service({ sku: { name: "BasicV2", capacity: 1 } });
});

test("send-request asks another service, and copies what it is told to", async () => {
  azure.flowApi.seen.length = 0;
  run({
    inbound: `<send-request mode="copy" response-variable-name="copied" timeout="10"><set-url>https://other.example.com/v1/lookups</set-url><set-header name="X-Own"><value>1</value></set-header></send-request>
      <send-request mode="new" response-variable-name="plain" timeout="10"><set-url>@("https://other.example.com/v1/balances/" + "E-3")</set-url><set-method>GET</set-method></send-request>
      <return-response response-variable-name="copied"><set-header name="X-Days"><value>@((string)((IResponse)context.Variables["plain"]).Body.As<JObject>()["vacationDays"])</value></set-header></return-response>`,
  });
  const answer = await azure.get("/flow/x", withKey(key, { "Content-Type": "application/json" }), {
    method: "POST",
    body: '{"badges":["1003"]}',
  });
  expect([answer.status, answer.headers["x-days"]]).toEqual([200, "12.5"]);
  expect(JSON.parse(answer.body).employees).toHaveLength(1);
  const [copied, plain] = azure.flowApi.seen;
  expect(copied).toMatchObject({
    host: "other.example.com",
    method: "POST",
    headers: { "x-own": "1", host: "other.example.com" },
  });
  expect(Object.keys(plain?.headers ?? {}).sort()).toEqual(["connection", "host"]);
});

test("send-request fails the call, or gives null when errors are ignored", async () => {
  const ask = (url: string, ignore: boolean) =>
    run({
      inbound: `<send-request mode="new" response-variable-name="r" timeout="1" ignore-error="${ignore}"><set-url>${url}</set-url><set-method>GET</set-method></send-request>${returns('@(context.Variables["r"] == null ? "null" : "answer")')}`,
      onError: '<set-header name="X-Reason"><value>@(context.LastError.Reason)</value></set-header>',
    });
  serve = () => {};
  for (const [url, reason] of [
    ["https://none.azure-devices.net/", "BackendConnectionFailure"],
    ["https://contoso.com/", "BackendConnectionFailure"],
    ["ftp://x", "InvalidUrl"],
    ["https://local.example.com/never", "Timeout"],
  ] as const) {
    ask(url, true);
    expect((await get()).body).toBe("null");
    ask(url, false);
    const answer = await get();
    expect([answer.status, answer.headers["x-reason"]]).toEqual([500, reason]);
  }
});

test("the managed identity signs in to services that are in the tenant", async () => {
  const token = (resource: string, more = "") =>
    run({
      inbound: `<authentication-managed-identity resource="${resource}" output-token-variable-name="t" ${more} />${returns('@(context.Variables.GetValueOrDefault("t", "none"))')}`,
    });
  token("https://storage.azure.com/");
  const { body } = await get();
  expect((await azure.cloud.tokens.verify(body, ["https://storage.azure.com"])).objectId).toBe(
    azure.service({}).identity?.principalId,
  );
  expect((await get()).body).toBe(body);
  azure.clock.move(3_400_000);
  expect((await get()).body).not.toBe(body);
  token("https://nowhere.azure.com/");
  expect((await get()).status).toBe(500);
  token("https://nowhere.azure.com/", 'ignore-error="true"');
  expect((await get()).body).toBe("none");
});

test("a Backend entity gives its URL and its credentials, from named values too", async () => {
  azure.put("namedValues", "flow-secret", { displayName: "FlowSecret", value: "s3cret", secret: true });
  azure.put("backends", "with-credentials", {
    url: "https://flow.example.com/flow",
    protocol: "http",
    credentials: {
      header: { "X-Flow": ["a {{FlowSecret}}"] },
      query: { code: ["1"] },
      authorization: { scheme: "Basic", parameter: "{{FlowSecret}}" },
    },
  });
  run({ inbound: '<base /><set-backend-service backend-id="with-credentials" />' });
  expect((await get("/flow/health?x=1")).status).toBe(200);
  expect(azure.flowApi.seen.at(-1)).toMatchObject({
    url: "/flow/health?x=1&code=1",
    headers: { "x-flow": "a s3cret", authorization: "Basic s3cret" },
  });
  run({ inbound: returns("{{FlowSecret}}") });
  expect((await get()).body).toBe("s3cret");
  azure.put("namedValues", "flow-secret", { displayName: "FlowSecret", value: "changed", secret: true });
  expect((await get()).body).toBe("changed");
  azure.cloud.resources.delete(`${azure.serviceId}/namedValues/flow-secret`);
  expect((await get()).status).toBe(500);
  expect(azure.log.join()).toContain("Cannot find a property 'FlowSecret'");
});

test("answers and requests stream; a body that the policy reads is held back until it is whole", async () => {
  run({ inbound: toLocal, backend: '<forward-request timeout="1" />' });
  const { promise: finished, resolve: finish } = Promise.withResolvers<void>();
  serve = async (req, res) => {
    expect(req.url).toBe("/base/api/stream");
    res.writeHead(200, { "Content-Type": "text/plain" });
    for await (const chunk of req) res.write(chunk);
    await finished;
    res.end("end");
  };
  const outgoing = request(`https://${HOST}/flow/stream`, {
    method: "POST",
    headers: withKey(key),
    agent: agentOf(azure.front),
    ca: azure.front.ca,
  });
  outgoing.write("first ");
  outgoing.end("second ");
  const [incoming] = await once(outgoing, "response");
  let text = "";
  incoming.on("data", (chunk: Buffer) => {
    text += chunk;
  });
  await once(incoming, "data");
  expect(text).toMatch(/^first /);
  // The time that forward-request waits is for the headers alone.
  await sleep(1_200);
  finish();
  await once(incoming, "end");
  expect(text).toBe("first second end");

  run({
    inbound: `${toLocal}<set-variable name="asked" value="@(context.Request.Body.As<string>(preserveContent: true))" />`,
    outbound:
      '<set-body>@((string)context.Variables["asked"] + "/" + context.Response.Body.As<string>())</set-body>',
  });
  serve = (req, res) => req.pipe(res);
  const answer = await azure.get("/flow/echo", withKey(key), { method: "POST", body: "both" });
  expect([answer.body, answer.headers["content-length"]]).toEqual(["both/both", "9"]);
  run({ inbound: `${toLocal}<set-variable name="asked" value="@(context.Request.Body.As<string>())" />` });
  expect((await azure.get("/flow/echo", withKey(key), { method: "POST", body: "lost" })).body).toBe("");
  run({ inbound: `${toLocal}<set-body>new</set-body>` });
  expect((await azure.get("/flow/echo", withKey(key), { method: "POST", body: "old" })).body).toBe("new");
  expect((await get("/flow/echo")).status).toBe(500);
});

test("large bodies pass whole in both directions", async () => {
  run({ inbound: toLocal });
  serve = (req, res) => req.pipe(res);
  const body = "0123456789abcdef".repeat(200_000);
  expect((await azure.get("/flow/echo", withKey(key), { method: "POST", body })).body).toBe(body);
});

test("a backend that is slow, gone or broken is a 500", async () => {
  run({
    inbound: toLocal,
    backend: '<forward-request timeout="1" />',
    onError: '<set-header name="X-Reason"><value>@(context.LastError.Reason)</value></set-header>',
  });
  serve = () => {};
  const slow = await get("/flow/slow");
  expect([slow.status, slow.headers["x-reason"]]).toEqual([500, "Timeout"]);
  serve = (req) => req.socket.destroy();
  expect((await get("/flow/gone")).status).toBe(502);
  run({ inbound: '<base /><set-backend-service base-url="https://contoso.com" />' });
  expect((await get()).status).toBe(500);
  run({ inbound: "<base />", backend: "" });
  const nothing = await get();
  expect([nothing.status, nothing.body]).toEqual([200, ""]);
  azure.api("empty", { serviceUrl: undefined });
  const empty = azure.subscribe("empty", "/apis/empty");
  expect((await azure.get("/empty/x", withKey(empty))).status).toBe(500);
});

test("a caller that leaves ends the call to the backend", async () => {
  run({ inbound: toLocal });
  let left = () => {};
  const closed = new Promise<void>((resolve) => {
    left = resolve;
  });
  const reached = new Promise<void>((resolve) => {
    serve = (_, res) => {
      res.on("close", left);
      resolve();
    };
  });
  const outgoing = request(`https://${HOST}/flow/wait`, {
    headers: withKey(key),
    agent: agentOf(azure.front),
    ca: azure.front.ca,
  });
  outgoing.on("error", () => {});
  outgoing.end();
  await reached;
  outgoing.destroy();
  await closed;
});

test("HEAD, and answers that have no body, are passed on as they are", async () => {
  azure.api("head", { path: "head" }, ["HEAD /*", "GET /*"]);
  const head = azure.subscribe("head", "/apis/head");
  const answer = await azure.get("/head/health", withKey(head), { method: "HEAD" });
  expect([answer.status, answer.body]).toEqual([200, ""]);
  azure.policy(
    "head",
    policyWith({
      inbound: '<return-response><set-status code="204" reason="No Content" /></return-response>',
    }),
  );
  expect((await azure.get("/head/health", withKey(head))).status).toBe(204);
});

test("values that HTTP cannot carry fail the call, not the gateway", async () => {
  run({ inbound: '<base /><set-header name="X"><value>@("a\\nb")</value></set-header>' });
  expect((await get()).status).toBe(500);
  run({ outbound: '<base /><set-header name="X"><value>@("a\\nb")</value></set-header>' });
  await expect(get()).resolves.toMatchObject({ status: 500 });
  run({ inbound: '<return-response><set-status code="200" reason="@("a\\r\\nX: y")" /></return-response>' });
  const answer = await get();
  expect([answer.status, answer.headers.x]).toEqual([200, undefined]);
});

test("trace writes to the log, without keys", async () => {
  run({
    inbound: `<set-variable name="k" value="@(context.Request.Headers.GetValueOrDefault("X-Terminal-Key", ""))" />
      <set-header name="X-Terminal-Key" exists-action="delete" />
      <trace source="test" severity="error"><message>@("for " + context.Subscription.Key + " " + context.Variables["k"])</message><metadata name="m" value="v" /></trace>${returns("x")}`,
  });
  await get("/flow/x", { "x-terminal-key": "terminal-secret" });
  expect(azure.log.join("\n")).toContain("trace error test: for *** *** m=v");
  expect(azure.log.join("\n")).not.toContain(key);
  expect(azure.log.join("\n")).not.toContain("terminal-secret");
});

test("a policy is read once for each change of it", async () => {
  const reads = () => azure.log.filter((line) => line.includes("read the policy")).length;
  run({ inbound: returns("one") });
  await get();
  azure.subscribe("newcomer");
  expect([(await get()).body, reads()]).toEqual(["one", 1]);
  run({ inbound: returns("two") });
  expect([(await get()).body, reads()]).toEqual(["two", 2]);
  azure.cloud.resources.delete(`${azure.serviceId}/apis/flow/policies/policy`);
  expect((await get()).body).toContain("ok");
});

test("a pooled connection that was closed is replaced, unless the call cannot be repeated", async () => {
  const statuses: number[] = [];
  for (const method of ["GET", "POST"]) {
    await get();
    const disarm = azure.front.faults.add({ host: "flow.example.com", drop: "before", first: 1 });
    statuses.push((await azure.get("/flow/health", withKey(key), { method })).status);
    disarm();
  }
  expect(statuses).toEqual([200, 500]);
});

test("a service that is deleted has no gateway", async () => {
  const { cloud } = azure;
  const id = `${azure.group}/providers/Microsoft.ApiManagement/service/${SERVICE}-2`;
  const host = `${SERVICE}-2.azure-api.net:443`;
  cloud.resources.put({ id, type: "Microsoft.ApiManagement/service", name: `${SERVICE}-2`, properties: {} });
  const open = await tunnel(azure.front, host);
  expect(open.status).toBe(200);
  open.socket.destroy();
  cloud.resources.delete(id);
  const shut = await tunnel(azure.front, host);
  expect(shut.status).toBe(502);
});
