import { once } from "node:events";
import { request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, expect, test } from "vitest";
import { agentOf } from "./front-client.ts";
import { HOST, policyWith, withKey } from "./gateway-cloud.ts";
import { LocalGateway, toLocal } from "./local-gateway.ts";

const gateway = await LocalGateway.open();
const { azure, key } = gateway;
const run: typeof gateway.run = (sections) => gateway.run(sections);
const get: typeof gateway.get = (path, headers) => gateway.get(path, headers);
afterEach(() => gateway.clear());
afterAll(() => gateway.close());

test("answers and requests stream; a body that the policy reads is held back until it is whole", async () => {
  run({ inbound: toLocal, backend: '<forward-request timeout="1" />' });
  const { promise: finished, resolve: finish } = Promise.withResolvers<void>();
  gateway.serve = async (req, res) => {
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
  gateway.serve = (req, res) => req.pipe(res);
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
  gateway.serve = (req, res) => req.pipe(res);
  const body = "0123456789abcdef".repeat(200_000);
  expect((await azure.get("/flow/echo", withKey(key), { method: "POST", body })).body).toBe(body);
});

test("a backend that is slow, gone or broken is a 500", async () => {
  run({
    inbound: toLocal,
    backend: '<forward-request timeout="1" />',
    onError: '<set-header name="X-Reason"><value>@(context.LastError.Reason)</value></set-header>',
  });
  gateway.serve = () => {};
  const slow = await get("/flow/slow");
  expect([slow.status, slow.headers["x-reason"]]).toEqual([500, "Timeout"]);
  gateway.serve = (req) => req.socket.destroy();
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
    gateway.serve = (_, res) => {
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
