import { afterAll, afterEach, expect, test } from "vitest";
import { policyWith, withKey } from "./gateway-cloud.ts";
import { LocalGateway, returns } from "./local-gateway.ts";

const gateway = await LocalGateway.open();
const { azure, key } = gateway;
const run: typeof gateway.run = (sections) => gateway.run(sections);
const get: typeof gateway.get = (path, headers) => gateway.get(path, headers);
afterEach(() => gateway.clear());
afterAll(() => gateway.close());

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
      <set-body>@(((string)context.Response.Body.As<JObject>(true)["status"]).ToUpper())</set-body>`,
  });
  const answer = await get("/flow/health?a=old&b=1&c=1&d=old", {
    "x-b": "old",
    "x-c": "old",
    "x-d": "old",
    "user-agent": "u",
  });
  expect([answer.status, answer.headers["x-out"], answer.body]).toEqual([202, "202", "OK"]);
  const [seen] = azure.flowApi.seen;
  expect(seen?.url).toBe("/flow/health?b=1&d=old&a=new&b=2%203");
  expect(seen?.headers).toMatchObject({ "x-a": "1,2", "x-b": "old,new", "x-c": "old" });
  expect(seen?.headers).not.toHaveProperty("x-d");
});

test("a query parameter that changes leaves the others as they were written", async () => {
  azure.flowApi.seen.length = 0;
  run({
    inbound: `<base />
      <set-query-parameter name="KEY" exists-action="delete" />
      <set-query-parameter name="b"><value>@("ø&\\ud800")</value></set-query-parameter>`,
  });
  await get("/flow/health?q=%e6%c3+1|&key=s3cret&b=x&flag&=&%4bey=s3cret");
  expect(azure.flowApi.seen[0]?.url).toBe("/health?q=%e6%c3+1|&flag&=&b=%C3%B8%26%EF%BF%BD");
});

test("numbers that an expression gives are held to the same bounds as written ones", async () => {
  const zero = "@(context.Request.Body == null ? 0 : 1)";
  for (const policy of [
    `<rate-limit-by-key calls="${zero}" renewal-period="60" counter-key="k" />`,
    `<return-response><set-status code="${zero}" reason="" /></return-response>`,
    '<return-response><set-status code="@(context.Request.Body == null ? 101 : 1)" reason="" /></return-response>',
  ]) {
    run({
      inbound: policy + returns("in"),
      onError: '<set-header name="X-Reason"><value>@(context.LastError.Reason)</value></set-header>',
    });
    const answer = await get();
    expect([answer.status, answer.headers["x-reason"]]).toEqual([500, "ExpressionValueEvaluationFailure"]);
  }
});

test("names that come out of expressions as null, or name nothing that can change, fail the call", async () => {
  for (const policy of [
    '<set-header name="@((string)null)"><value>x</value></set-header>',
    '<set-header name="@("transfer" + "-encoding")"><value>x</value></set-header>',
    '<set-header name="@("a b")"><value>x</value></set-header>',
    '<rewrite-uri template="/{none}" />',
  ]) {
    run({ inbound: `<base />${policy}` });
    expect((await get()).status).toBe(500);
  }
  expect(azure.log.join()).not.toContain("TypeError");
  run({
    inbound:
      '<check-header name="@((string)null)" failed-check-httpcode="412" failed-check-error-message="" ignore-case="true" />',
  });
  expect((await get()).status).toBe(412);
});

test("the backend's own host name stands in Host, unless the policy sets another", async () => {
  azure.flowApi.seen.length = 0;
  const hosts: unknown[] = [];
  const host =
    '<set-header name="Host" exists-action="override"><value>tenant.example.com</value></set-header>';
  for (const policy of ["<base />", `<base />${host}`]) {
    run({ inbound: policy });
    expect((await get()).status).toBe(200);
    hosts.push(azure.flowApi.seen.at(-1)?.headers.host);
  }
  run({
    inbound: `<send-request mode="copy" response-variable-name="r"><set-url>https://other.example.com/health</set-url></send-request>
      <send-request mode="new" response-variable-name="r"><set-url>https://other.example.com/health</set-url><set-method>GET</set-method>${host}</send-request>${returns("x")}`,
  });
  expect((await get()).body).toBe("x");
  hosts.push(...azure.flowApi.seen.slice(-2).map(({ headers }) => headers.host));
  expect(hosts).toEqual([
    "flow.example.com",
    "tenant.example.com",
    "other.example.com",
    "tenant.example.com",
  ]);
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

test("policies with the same key count a call once", async () => {
  const limit = '<rate-limit-by-key calls="4" renewal-period="60" counter-key="same" />';
  const late =
    '<rate-limit-by-key calls="4" renewal-period="60" counter-key="same" increment-condition="@(true)" remaining-calls-header-name="X-Left" />';
  run({ inbound: limit + limit + late + returns("in") });
  const left = [];
  for (let count = 0; count < 5; count += 1) {
    const { status, headers } = await get("/flow/x");
    left.push(status === 200 ? headers["x-left"] : status);
  }
  expect(left).toEqual(["3", "2", "1", "0", 429]);

  azure.service({ sku: { name: "Standard", capacity: 1 } });
  const quota = (calls: number, period: number) =>
    `<quota-by-key calls="${calls}" renewal-period="${period}" counter-key="same" />`;
  run({ inbound: quota(3, 0) + quota(3, 0) + quota(9, 300) + returns("in") });
  const statuses = [];
  for (let count = 0; count < 4; count += 1) statuses.push((await get("/flow/x")).status);
  expect(statuses).toEqual([200, 200, 200, 403]);
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
  gateway.serve = () => {};
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
  expect((await azure.azure.tokens.verify(`Bearer ${body}`, ["https://storage.azure.com"])).objectId).toBe(
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
  azure.azure.resources.delete(`${azure.serviceId}/namedValues/flow-secret`);
  expect((await get()).status).toBe(500);
  expect(azure.log.join()).toContain("Cannot find a property 'FlowSecret'");
});

test("trace writes to the log, without keys", async () => {
  run({
    inbound: `<set-variable name="k" value="@(context.Request.Headers.GetValueOrDefault("X-Terminal-Key", ""))" />
      <set-header name="X-Terminal-Key" exists-action="delete" />
      <trace source="test" severity="error"><message>@("for " + context.Subscription.Key + "\\r\\n" + context.Variables["k"])</message><metadata name="m" value="v" /></trace>${returns("x")}`,
  });
  await get("/flow/x", { "x-terminal-key": "terminal-secret" });
  expect(azure.log.join("\n")).toContain("trace error test: for *** *** m=v");
  expect(azure.log.join("\n")).not.toContain(key);
  expect(azure.log.join("\n")).not.toContain("terminal-secret");
});

test("retry runs its policies again while its condition holds, at most as often as its count", async () => {
  const attempt = '@(context.Variables.GetValueOrDefault<int>("attempts", 0) + 1)';
  const counted = (condition: string, count: number) => `<base />
    <retry condition="${condition}" count="${count}" interval="0">
      <set-variable name="attempts" value="${attempt}" />
    </retry>
    ${returns('@(((int)context.Variables["attempts"]).ToString())')}`;
  for (const [condition, count, attempts] of [
    ["true", 3, "4"],
    ["false", 3, "1"],
    ['@((int)context.Variables["attempts"] < 3)', 50, "3"],
  ] as const) {
    run({ inbound: counted(condition, count) });
    expect((await get()).body).toBe(attempts);
  }
});

test("the last error of a retry ends the call, and its response is what the condition sees", async () => {
  run({
    backend: `<retry condition="@(context.Response.StatusCode == 500)" count="2" interval="0"><forward-request timeout="1" /></retry>`,
    inbound: '<base /><set-backend-service base-url="https://nowhere.example.net" />',
    onError: '<set-header name="X-Reason"><value>@(context.LastError.Reason)</value></set-header>',
  });
  azure.log.length = 0;
  const answer = await get();
  expect([answer.status, answer.headers["x-reason"]]).toEqual([500, "BackendConnectionFailure"]);
});
