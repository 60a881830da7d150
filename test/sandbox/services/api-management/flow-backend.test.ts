import type { RequestListener } from "node:http";
import { afterAll, beforeEach, expect, test } from "vitest";
import { FlowGateway, policy } from "./flow-gateway.ts";
import { openBackend } from "./local-backend.ts";

/** What the Flow API does with the next requests. */
let serve: RequestListener = () => {};
let served: string[] = [];
const backend = await openBackend((req, res) => {
  served.push(`${req.method} ${req.url}`);
  serve(req, res);
});
const gateway = await FlowGateway.open({ backends: { "flow.example.com": backend.url } });
const { azure } = gateway;
const key = await gateway.terminal();
afterAll(async () => {
  await gateway.close();
  backend.close();
});
beforeEach(() => {
  gateway.renew();
  served = [];
});

const get = () => gateway.lookUp(gateway.keys(key));
const post = (body: string, headers: Record<string, string> = {}) =>
  gateway.lookUp({ ...gateway.keys(key), ...headers }, "/flow/v1/lookups", { method: "POST", body });
const requestId = expect.stringMatching(/^[0-9a-f-]{36}$/);

test("a Flow API that does not answer in time is 504 with a request ID, after one retry of a read", async () => {
  azure.policy(
    "flow",
    policy.replaceAll('forward-request timeout="3"', 'forward-request timeout="1"'),
    "xml",
  );
  serve = () => {};
  const [read, write] = await Promise.all([get(), post("{}")]);
  for (const answer of [read, write]) {
    expect([answer.status, answer.body, answer.headers]).toEqual([
      504,
      '{"statusCode":504,"message":"The Flow API did not answer in time. Try again shortly."}',
      expect.objectContaining({ "retry-after": "5", "x-request-id": requestId }),
    ]);
  }
  expect(served.sort()).toEqual(["GET /v1/employees/1001", "GET /v1/employees/1001", "POST /v1/lookups"]);
});

test("a Flow API that closes the connection is 503 with a request ID", async () => {
  const disarm = azure.proxy.faults.add({ host: "flow.example.com", drop: "before" });
  const [read, write] = [await get(), await post("{}")];
  disarm();
  for (const answer of [read, write]) {
    expect([answer.status, answer.body, answer.headers]).toEqual([
      503,
      '{"statusCode":503,"message":"The Flow API cannot be reached. Try again shortly."}',
      expect.objectContaining({ "retry-after": "5", "x-request-id": requestId }),
    ]);
  }
});

test("a read that fails once succeeds on its retry, and a write is not repeated", async () => {
  const answers = [500, 200, 502];
  serve = (_req, res) => void res.writeHead(answers.shift() ?? 200).end("{}");
  expect((await get()).status).toBe(200);
  const write = await post("{}");
  expect([write.status, write.headers["x-request-id"]]).toEqual([502, requestId]);
  expect(served).toEqual(["GET /v1/employees/1001", "GET /v1/employees/1001", "POST /v1/lookups"]);
});

test("the Flow API's own answers pass unchanged, with a request ID", async () => {
  serve = (_req, res) => void res.writeHead(404, { "Content-Type": "text/plain" }).end("none");
  const answer = await get();
  expect([answer.status, answer.body, answer.headers["x-request-id"]]).toEqual([404, "none", requestId]);
  serve = (_req, res) => void res.writeHead(503, { "Retry-After": "77" }).end("later");
  const busy = await get();
  expect([busy.status, busy.body, busy.headers["retry-after"]]).toEqual([503, "later", "77"]);
});

test("a body that is too large, or whose size is not known, does not reach the Flow API", async () => {
  serve = (_req, res) => void res.writeHead(200).end("{}");
  expect((await post("x".repeat(1000))).status).toBe(200);
  const large = await post("x".repeat(1001));
  expect([large.status, large.body]).toEqual([
    413,
    '{"statusCode":413,"message":"The body of the request is too large."}',
  ]);
  const unknown = await post("x", { "Transfer-Encoding": "chunked" });
  expect([unknown.status, unknown.body]).toEqual([
    411,
    '{"statusCode":411,"message":"The request needs the header Content-Length."}',
  ]);
  expect(served).toEqual(["POST /v1/lookups"]);
});

test("a body that is too large gets the 401 of every wrong key when the keys are wrong", async () => {
  const large = await gateway.lookUp({}, "/flow/v1/lookups", { method: "POST", body: "x".repeat(2000) });
  expect(large.status).toBe(401);
});

test("after 3 failures the circuit breaker answers 503 without a call, and admits calls again after 15 seconds", async () => {
  azure.put("backends", "flow", {
    url: "https://flow.example.com",
    protocol: "http",
    circuitBreaker: {
      rules: [
        {
          name: "fails",
          failureCondition: { count: 3, interval: "PT1M", statusCodeRanges: [{ min: 500, max: 599 }] },
          tripDuration: "PT15S",
        },
      ],
    },
  });
  serve = (_req, res) => void res.writeHead(500).end();
  for (let count = 0; count < 2; count += 1) expect((await post("{}")).status).toBe(500);
  azure.clock.move(61_000);
  for (let count = 0; count < 3; count += 1) expect((await post("{}")).status).toBe(500);
  expect(served).toHaveLength(5);
  serve = (_req, res) => void res.writeHead(200).end("{}");
  const open = await post("{}");
  expect([open.status, open.headers["retry-after"], open.headers["x-request-id"]]).toEqual([
    503,
    "5",
    requestId,
  ]);
  expect((await get()).status).toBe(503);
  expect(served).toHaveLength(5);
  azure.clock.move(15_000);
  expect((await get()).status).toBe(200);
});
