import { text } from "node:stream/consumers";
import { afterAll, beforeEach, expect, test } from "vitest";
import { secure, tunnel } from "../../proxy/proxy-client.ts";
import { customerId, FlowGateway, terminalId } from "./flow-gateway.ts";
import { hostName } from "./gateway-cloud.ts";
import { openBackend } from "./local-backend.ts";

/* Calls that no terminal makes, with valid keys unless the title says otherwise. */

interface Seen {
  /** Method, path and query. */
  target: string;
  headers: [name: string, value: string][];
  bytes: number;
}
const seen: Seen[] = [];
const backend = await openBackend(async (req, res) => {
  let bytes = 0;
  for await (const chunk of req) bytes += chunk.length;
  const headers = req.rawHeaders.flatMap((name, index): Seen["headers"] =>
    index % 2 === 0 ? [[name.toLowerCase(), req.rawHeaders[index + 1] ?? ""]] : [],
  );
  seen.push({ target: `${req.method} ${req.url}`, headers, bytes });
  res.writeHead(200).end("{}");
});
const gateway = await FlowGateway.open({
  backends: { "flow.example.com": backend.url },
  callsPerMinute: 100,
});
const key = await gateway.terminal();
gateway.azure.api("flow", {}, ["GET /health", "GET /v1/employees/{badge}", "POST /v1/lookups"]);
afterAll(async () => {
  await gateway.close();
  backend.close();
});
beforeEach(() => {
  gateway.renew();
  seen.length = 0;
});

/** Sends bytes that no HTTP client would send; the status of the answer. */
async function send(line: string, headers: string[] = [], body = ""): Promise<number> {
  const { socket } = await tunnel(gateway.azure.proxy, `${hostName}:443`);
  const caller = await secure(gateway.azure.proxy, hostName, socket);
  const keys = Object.entries(gateway.keys(key)).map(([name, value]) => `${name}: ${value}`);
  const all = [`Host: ${hostName}`, "Connection: close", ...keys, ...headers];
  caller.write(`${line}\r\n${all.map((one) => `${one}\r\n`).join("")}\r\n${body}`);
  return Number((await text(caller)).split(" ")[1]);
}

const line = "GET /flow/v1/employees/1001 HTTP/1.1";
const reached = { target: "GET /v1/employees/1001", bytes: 0 };

test("a call by HTTP/1.0 is answered as any other", async () => {
  expect(await send("GET /flow/v1/employees/1001 HTTP/1.0")).toBe(200);
  expect(seen).toMatchObject([reached]);
});

test("headers of the gateway's names, in any case, number and spelling, never reach the Flow API", async () => {
  const forged = ["x-customer-ID", "X-CUSTOMER-ID", "X_Customer_Id", "x-customer_id", "X_Customer-Id"];
  const terminals = ["X_Terminal_Id", "x_terminal-id", "X-Terminal_ID", "X-Request-ID", "Authorization"];
  expect(
    await send(
      line,
      [...forged, ...terminals].map((name) => `${name}: forged`),
    ),
  ).toBe(200);
  const [{ headers } = { headers: [] }] = seen;
  expect(JSON.stringify(headers)).not.toContain("forged");
  const named = headers.filter(([name]) => /^x.(customer|terminal)/.test(name)).sort();
  expect(named).toEqual([
    ["x-customer-id", customerId],
    ["x-terminal-id", terminalId],
  ]);
});

test.each([
  ["another terminal's ID", "x-terminal-id: oslo-other-1"],
  ["the same terminal's ID", `x-terminal-id: ${terminalId}`],
  ["another Flow key", "X-TERMINAL-KEY: wrong"],
])("a second header with %s is refused", async (_, header) => {
  expect(await send(line, [header])).toBe(401);
  expect(seen).toEqual([]);
});

test.each([
  "subscription%2Dkey",
  "%73ubscription-key",
  "%2573ubscription%252dkey",
  "a=1;Subscription-Key",
  "X-Terminal-%4bey",
])("a key in the query as %s is refused", async (name) => {
  const value = encodeURIComponent(gateway.subscriptionKey);
  expect(await send(`GET /flow/v1/employees/1001?${name}=${value} HTTP/1.1`)).toBe(401);
  expect(seen).toEqual([]);
});

test.each(["PUT", "DELETE", "HEAD", "OPTIONS", "TRACE", "PATCH", "POST", "PROPFIND"])(
  "the method %s of a path that has only GET is 404",
  async (method) => {
    expect(await send(`${method} /flow/v1/employees/1001 HTTP/1.1`, ["Content-Length: 0"])).toBe(404);
    expect(seen).toEqual([]);
  },
);

test.each([
  ["..%2f..%2fadmin", 400],
  ["a%2Fb", 400],
  ["a%5cb", 400],
  ["a%00", 400],
  ["%252e%252e%252fadmin", 400],
  ["a..b", 400],
  ["../admin", 404],
  ["%2e%2e/admin", 404],
  ["..", 404],
  ["%2e%2e", 404],
  ["a/b", 404],
  ["", 404],
])("the path /v1/employees/%s reaches no other path of the Flow API", async (path, status) => {
  expect(await send(`GET /flow/v1/employees/${path} HTTP/1.1`)).toBe(status);
  expect(seen).toEqual([]);
});

test("a path with dot segments is that of the operation which remains, as the gateway reads it", async () => {
  expect(await send("GET /flow/../flow/v1/./employees/1001 HTTP/1.1")).toBe(200);
  expect(seen).toMatchObject([reached]);
});

test("a body that is too large is refused before it has arrived", async () => {
  expect(await send("POST /flow/v1/lookups HTTP/1.1", ["Content-Length: 2000"], "x")).toBe(413);
  expect(seen).toEqual([]);
});

test("a value with an escaped letter or space reaches the Flow API as it is", async () => {
  expect(await send("GET /flow/v1/employees/a%20%C3%A5 HTTP/1.1")).toBe(200);
  expect(seen).toMatchObject([{ target: "GET /v1/employees/a%20%C3%A5" }]);
});

const chunked = `7d0\r\n${"x".repeat(2000)}\r\n0\r\n\r\n`;
test.each<[string, string, string[], string, number]>([
  ["a GET with a chunked body", line, ["Transfer-Encoding: chunked"], chunked, 411],
  ["a GET with a body that is too large", line, ["Content-Length: 2000"], "x".repeat(2000), 413],
  [
    "a POST with a chunked body",
    "POST /flow/v1/lookups HTTP/1.1",
    ["Transfer-Encoding: chunked"],
    chunked,
    411,
  ],
  [
    "two lengths",
    "POST /flow/v1/lookups HTTP/1.1",
    ["Content-Length: 5", "Content-Length: 6"],
    "abcdef",
    400,
  ],
  [
    "a length and chunks",
    "POST /flow/v1/lookups HTTP/1.1",
    ["Content-Length: 5", "Transfer-Encoding: chunked"],
    "5\r\nabcde\r\n0\r\n\r\n",
    400,
  ],
])("%s does not reach the Flow API", async (_, start, headers, body, status) => {
  expect(await send(start, headers, body)).toBe(status);
  expect(seen).toEqual([]);
});
