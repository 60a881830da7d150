import { text } from "node:stream/consumers";
import { afterAll, afterEach, expect, test } from "vitest";
import { callPlain, secure, tunnel } from "../../proxy/proxy-client.ts";
import { hostName, policyWith, serviceName, withKey } from "./gateway-cloud.ts";
import { LocalGateway, returns } from "./local-gateway.ts";

const gateway = await LocalGateway.open();
const { azure, key } = gateway;
const run: typeof gateway.run = (sections) => gateway.run(sections);
const get: typeof gateway.get = (path, headers) => gateway.get(path, headers);
afterEach(() => gateway.clear());
afterAll(() => gateway.close());

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
  const body = async (path: string) => (await azure.get(path, withKey(more))).body;
  expect(await body("/flow/more/people/a%20b")).toBe("/people/{id} a b /people/a%20b");
  expect(await body("/FLOW/more/people/me")).toBe("/people/me - /people/me");
  expect(await body("/flow/more/files/x/y?z=1")).toBe("/files/* - /files/x/y");
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
  expect((await callPlain(azure.proxy, `http://${hostName}/flow/health`, withKey(key))).status).toBe(404);
});

/** Sends a request with a target that no client would write, and gives the status line. */
async function raw(target: string, sent: string): Promise<string | undefined> {
  const { socket } = await tunnel(azure.proxy, `${hostName}:443`);
  const caller = await secure(azure.proxy, hostName, socket);
  caller.write(
    `GET ${target} HTTP/1.1\r\nHost: ${hostName}\r\nOcp-Apim-Subscription-Key: ${sent}\r\nConnection: close\r\n\r\n`,
  );
  return (await text(caller)).split("\r\n")[0];
}

test("what is escaped in a URL stays so on its way, and is read where it is asked for", async () => {
  azure.api("escaped", {}, ["GET /people/{id}", "GET /files/{*path}"]);
  const escaped = azure.subscribe("escaped", "/apis/escaped");
  const call = async (path: string) => {
    await raw(path, escaped);
    return azure.flowApi.seen.at(-1)?.url;
  };
  expect(await call(`/escaped/people/a%2fb?q=%c3%A5'|+(x)"&r=%ff`)).toBe(
    `/people/a%2fb?q=%c3%A5'|+(x)"&r=%ff`,
  );
  azure.policy(
    "escaped",
    policyWith({
      inbound: '<base /><rewrite-uri template="/v/{id}?by={id}" copy-unmatched-params="false" />',
    }),
  );
  expect(await call("/escaped/people/a%2Fb%3F?q=1")).toBe("/v/a%2Fb%3F?by=a%2Fb%3F");
  azure.policy("escaped", policyWith({ inbound: '<base /><rewrite-uri template="/v/{*path}" />' }));
  expect(await call("/escaped/files/x/y%20z?q='")).toBe("/v/x/y%20z?q='");
});

test("the template's query tells operations apart, and its parameters are matched", async () => {
  azure.api("queried", {}, ["GET /get", "GET /get?a={b}", "GET /get?a=fixed", "GET /only?x={y}"]);
  const queried = azure.subscribe("queried", "/apis/queried");
  const show =
    '@(context.Operation.UrlTemplate + " " + context.Request.MatchedParameters.GetValueOrDefault("b", "-"))';
  azure.policy("queried", policyWith({ inbound: returns(show) }));
  const body = async (path: string) => (await azure.get(path, withKey(queried))).body;
  expect(await body("/queried/get?c=1")).toBe("/get -");
  expect(await body("/queried/get?c=1&A=%20v")).toBe("/get?a={b}  v");
  expect(await body("/queried/get?a=fixed")).toBe("/get?a=fixed -");
  expect((await azure.get("/queried/only", withKey(queried))).status).toBe(404);
  for (const [copies, url] of [
    ["true", "/put?c=d"],
    ["false", "/put"],
  ]) {
    const rewrite = `<rewrite-uri template="/put" copy-unmatched-params="${copies}" />`;
    azure.policy("queried", policyWith({ inbound: `<base />${rewrite}` }));
    await azure.get("/queried/get?a=b&c=d", withKey(queried));
    expect(azure.flowApi.seen.at(-1)?.url).toBe(url);
  }
});

test("a request may name the whole URL, as to a proxy", async () => {
  expect(await raw(`https://${hostName}/flow/v1/employees/1001`, key)).toBe("HTTP/1.1 200 OK");
  expect(await raw(`https://${hostName}`, key)).toBe("HTTP/1.1 404 Not Found");
  expect(await raw("/flow/v1/../health", key)).toBe("HTTP/1.1 200 OK");
  expect(await raw("/flow/../other", key)).toBe("HTTP/1.1 404 Not Found");
});

test("older versions of TLS are refused unless the service allows them", async () => {
  const old = { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
  const handshake = async () =>
    secure(azure.proxy, hostName, (await tunnel(azure.proxy, `${hostName}:443`)).socket, old);
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
  azure.azure.resources.delete(`${azure.serviceId}/subscriptions/other`);
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

test("a policy is read once for each change of it", async () => {
  const reads = () => azure.log.filter((line) => line.includes("read the policy")).length;
  run({ inbound: returns("one") });
  await get();
  azure.subscribe("newcomer");
  expect([(await get()).body, reads()]).toEqual(["one", 1]);
  run({ inbound: returns("two") });
  expect([(await get()).body, reads()]).toEqual(["two", 2]);
  azure.azure.resources.delete(`${azure.serviceId}/apis/flow/policies/policy`);
  expect((await get()).body).toContain("ok");
});

test("a service that is deleted has no gateway", async () => {
  const environment = azure.azure;
  const id = `${azure.group}/providers/Microsoft.ApiManagement/service/${serviceName}-2`;
  const host = `${serviceName}-2.azure-api.net:443`;
  environment.resources.put({
    id,
    type: "Microsoft.ApiManagement/service",
    name: `${serviceName}-2`,
    properties: {},
  });
  const open = await tunnel(azure.proxy, host);
  expect(open.status).toBe(200);
  open.socket.destroy();
  environment.resources.delete(id);
  const shut = await tunnel(azure.proxy, host);
  expect(shut.status).toBe(502);
});
