import { once } from "node:events";
import { request } from "node:https";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, expect, test } from "vitest";
import { agentOf, secure, tunnel } from "../../proxy/proxy-client.ts";
import { hostName, policyWith, withKey } from "./gateway-cloud.ts";
import { LocalGateway, toLocal } from "./local-gateway.ts";

const gateway = await LocalGateway.open();
const { azure, key } = gateway;
const run: typeof gateway.run = (sections) => gateway.run(sections);
const get: typeof gateway.get = (path, headers) => gateway.get(path, headers);
afterEach(() => gateway.clear());
afterAll(() => gateway.close());

test("answers and requests stream; a body that the policy reads is held back until it is whole", async () => {
  run({ inbound: toLocal, backend: '<forward-request timeout="5" buffer-response="false" />' });
  const { promise: finished, resolve: finish } = Promise.withResolvers<void>();
  gateway.serve = async (req, res) => {
    expect(req.url).toBe("/base/api/stream");
    res.writeHead(200, { "Content-Type": "text/plain" });
    for await (const chunk of req) res.write(chunk);
    await finished;
    res.end("end");
  };
  const outgoing = request(`https://${hostName}/flow/stream`, {
    method: "POST",
    headers: withKey(key),
    agent: agentOf(azure.proxy),
    ca: azure.proxy.ca,
  });
  outgoing.write("first ");
  outgoing.end("second ");
  const [incoming] = await once(outgoing, "response");
  let received = "";
  incoming.on("data", (chunk: Buffer) => {
    received += chunk;
  });
  await once(incoming, "data");
  expect(received).toMatch(/^first /);
  // The timeout of forward-request is a limit for the response headers only.
  await sleep(5_500);
  finish();
  await once(incoming, "end");
  expect(received).toBe("first second end");

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

test("chunks are held back until there are 8 KB of them, unless the policy asks for none of that", async () => {
  const sizes = async () => {
    const outgoing = request(`https://${hostName}/flow/chunks`, {
      headers: withKey(key),
      agent: agentOf(azure.proxy),
      ca: azure.proxy.ca,
    }).end();
    const [incoming] = await once(outgoing, "response");
    const chunks: number[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk.length));
    await once(incoming, "end");
    return chunks;
  };
  gateway.serve = async (_, res) => {
    for (let count = 0; count < 5; count += 1) {
      res.write("x".repeat(2000));
      await sleep(50);
    }
    res.end();
  };
  run({ inbound: toLocal });
  expect(await sizes()).toEqual([10_000]);
  run({ inbound: toLocal, backend: '<forward-request buffer-response="false" />' });
  expect((await sizes()).length).toBeGreaterThan(1);
});

test("a whole request is there before it is forwarded when the policy buffers it", async () => {
  run({ inbound: toLocal, backend: '<forward-request buffer-request-body="true" />' });
  gateway.serve = (req, res) => res.end(String(req.headers["content-length"] ?? "chunked"));
  const chunked = { method: "POST", body: "four", headers: withKey(key, { "Transfer-Encoding": "chunked" }) };
  expect((await azure.get("/flow/x", chunked.headers, chunked)).body).toBe("4");
  run({ inbound: toLocal });
  expect((await azure.get("/flow/x", chunked.headers, chunked)).body).toBe("chunked");
});

test("no body can pass for a request of its own, whatever the method", async () => {
  azure.api("bodies", {}, ["GET /*", "DELETE /*", "POST /*"]);
  const bodies = azure.subscribe("bodies", "/apis/bodies");
  azure.policy("bodies", policyWith({ inbound: toLocal }));
  const seen: string[] = [];
  gateway.serve = async (req, res) => {
    seen.push(`${req.method} ${req.url} ${await text(req)}`);
    res.end("answer");
  };
  const body = `GET /base/api/hidden HTTP/1.1\r\nHost: x\r\nX-Customer-Id: other\r\n\r\n`;
  for (const method of ["GET", "DELETE", "POST"]) {
    const headers = withKey(bodies, { "Transfer-Encoding": "chunked" });
    expect((await azure.get("/bodies/x", headers, { method, body })).body).toBe("answer");
  }
  expect(seen).toEqual(["GET", "DELETE", "POST"].map((method) => `${method} /base/api/x ${body}`));
});

test("an answer that replaces the backend's lets go of it", async () => {
  for (const outbound of [
    "<return-response><set-body>new</set-body></return-response>",
    "<set-body>new</set-body>",
  ]) {
    run({ inbound: toLocal, outbound });
    const gone = new Promise<void>((resolve) => {
      gateway.serve = (_, res) => {
        res.on("close", resolve);
        res.write("begun");
      };
    });
    expect((await get()).body).toBe("new");
    await gone;
  }
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
  const outgoing = request(`https://${hostName}/flow/wait`, {
    headers: withKey(key),
    agent: agentOf(azure.proxy),
    ca: azure.proxy.ca,
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
  azure.policy("head", policyWith({ outbound: '<set-status code="204" reason="" /><set-body>x</set-body>' }));
  const emptied = await azure.get("/head/health", withKey(head));
  expect([emptied.status, emptied.body, emptied.headers["content-length"]]).toEqual([204, "", undefined]);
  azure.policy("head", policyWith({ outbound: '<set-status code="204" reason="" />' }));
  const streamed = await azure.get("/head/health", withKey(head));
  expect([streamed.status, streamed.body, streamed.headers["content-length"]]).toEqual([204, "", undefined]);
  azure.policy(
    "head",
    policyWith({ outbound: "<set-body>@(context.Response.Body.As<string>())</set-body>" }),
  );
  expect((await azure.get("/head/health", withKey(head), { method: "HEAD" })).status).toBe(200);
  expect((await azure.get("/head/health", withKey(head))).body).toBe('{"status":"ok"}');
});

test("headers pass in any case and any number, without those of the connection and the trailers", async () => {
  run({
    inbound: `${toLocal}<set-header name="x-own" exists-action="append"><value>3</value></set-header>`,
    outbound: '<set-header name="VIA" exists-action="delete" />',
  });
  gateway.serve = async (req, res) => {
    res.writeHead(200, [
      ...[
        "Set-Cookie",
        "a=1",
        "set-cookie",
        "b=2",
        "X-Many",
        "1",
        "x-many",
        "2",
        "Via",
        "1.1 a",
        "via",
        "1.1 b",
      ],
      ...["Trailer", "X-Late", "Transfer-Encoding", "chunked"],
    ]);
    res.write(JSON.stringify([req.headers["x-own"], req.headers.te, req.headers.trailer, await text(req)]));
    res.addTrailers({ "X-Late": "1" });
    res.end();
  };
  const { socket } = await tunnel(azure.proxy, `${hostName}:443`);
  const caller = await secure(azure.proxy, hostName, socket);
  caller.write(
    `POST /flow/x HTTP/1.1\r\nHost: ${hostName}\r\nOCP-APIM-subscription-key: ${key}\r\nX-OWN: 1\r\nx-own: 2\r\nTE: trailers\r\n` +
      "Trailer: X-End\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n4\r\nbody\r\n0\r\nX-End: 1\r\n\r\n",
  );
  const answer = await text(caller);
  expect(answer).toContain('["1,2,3",null,null,"body"]');
  expect(answer).toMatch(/set-cookie: a=1\r\nset-cookie: b=2\r\n/i);
  expect(answer).toMatch(/x-many: 1, ?2\r\n/i);
  expect(answer).not.toMatch(/via:|trailer|x-late/i);
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
    const disarm = azure.proxy.faults.add({ host: "flow.example.com", drop: "before", first: 1 });
    statuses.push((await azure.get("/flow/health", withKey(key), { method })).status);
    disarm();
  }
  expect(statuses).toEqual([200, 500]);
});
