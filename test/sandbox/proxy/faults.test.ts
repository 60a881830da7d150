import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type AzureProxy, startProxy } from "../../../sandbox/proxy/proxy.ts";
import type { ServiceEndpoint } from "../../../sandbox/proxy/service-endpoint.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { hub, hubHost } from "./example-endpoints.ts";
import { agentOf, call } from "./proxy-client.ts";

let dir: Awaited<ReturnType<typeof temporaryFolder>>;
let proxy: AzureProxy;
const start = (endpoints = [hub]) => startProxy({ log: () => {} }, { dir: dir.path, port: 0, endpoints });

beforeAll(async () => {
  dir = await temporaryFolder();
  proxy = await start();
});
afterEach(() => proxy.faults.clear());
afterAll(async () => {
  await proxy.close();
  await dir[Symbol.asyncDispose]();
});

test("applies a fault to a number of requests after a number of others, and then no more", async () => {
  const body = JSON.stringify({ Message: "ErrorCode:ThrottlingBacklogTimeout" });
  const removeFault = proxy.faults.add({
    host: "*.azure-devices.net",
    method: "PUT",
    path: "/devices/*",
    skip: 1,
    first: 2,
    answer: { status: 429, headers: { "content-type": "application/json", connection: "close" }, body },
  });
  const statuses: number[] = [];
  for (let i = 0; i < 5; i++) {
    const answer = await call(proxy, `https://${hubHost}/devices/t-1`, { method: "PUT", body: "{}" });
    statuses.push(answer.status);
    if (answer.status === 429) {
      expect(answer.body).toBe(body);
      expect(answer.headers["retry-after"]).toBeUndefined();
    }
  }
  expect(statuses).toEqual([200, 429, 429, 200, 200]);
  expect((await call(proxy, `https://${hubHost}/devices/t-1`)).status).toBe(200);
  removeFault();
});

test("applies a fault at a rate, to the same requests for the same seed", async () => {
  const run = async (seed: number) => {
    proxy.faults.clear();
    proxy.faults.add({ rate: 0.4, seed, answer: { status: 503 } });
    const statuses: number[] = [];
    for (let i = 0; i < 30; i++) statuses.push((await call(proxy, `https://${hubHost}/`)).status);
    return statuses;
  };
  const first = await run(7);
  expect(await run(7)).toEqual(first);
  expect(await run(8)).not.toEqual(first);
  expect(first).toContain(503);
  expect(first).toContain(200);
});

test("drops the connection before the service handles the request, or after it", async () => {
  const seen: string[] = [];
  const counting: ServiceEndpoint = {
    serves: (host) => host === hubHost,
    request: (req, res) => {
      req.resume().on("end", () => {
        seen.push(req.url!);
        res.writeHead(201).end("created");
      });
    },
  };
  const other = await start([counting]);
  other.faults.add({ path: "/before", drop: "before" });
  other.faults.add({ path: "/after", drop: "after" });
  const put = (path: string) =>
    call(other, `https://${hubHost}${path}`, { method: "PUT", body: "x".repeat(100_000) });
  await expect(put("/before")).rejects.toThrow(/ECONNRESET|socket hang up/);
  await expect(put("/after")).rejects.toThrow(/ECONNRESET|socket hang up/);
  expect(await put("/none")).toMatchObject({ status: 201, body: "created" });
  expect(seen).toEqual(["/after", "/none"]);
  await other.close();
});

test("holds requests until a promise of each rule has resolved", async () => {
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  proxy.faults.add({ path: "/held", until: first.promise });
  proxy.faults.add({ path: "/held", until: second.promise });
  let isAnswered = false;
  const held = call(proxy, `https://${hubHost}/held`).then(() => {
    isAnswered = true;
  });
  first.resolve();
  await call(proxy, `https://${hubHost}/other`);
  expect(isAnswered).toBe(false);
  second.resolve();
  await held;
});

test("delays responses, and applies faults to upgrades too", async () => {
  proxy.faults.add({ path: "/slow", delayMs: 150 });
  const startedAt = performance.now();
  await call(proxy, `https://${hubHost}/slow`);
  expect(performance.now() - startedAt).toBeGreaterThan(140);
  proxy.faults.add({ path: "/$iothub/websocket", first: 1, answer: { status: 503, body: "busy" } });
  proxy.faults.add({ path: "/$iothub/websocket", drop: "after" });
  for (const expected of [/503/, /socket hang up/]) {
    const client = new WebSocket(`wss://${hubHost}/$iothub/websocket`, {
      agent: agentOf(proxy),
      ca: readFileSync(proxy.caFile),
    });
    const [error] = await once(client, "error");
    expect(error.message).toMatch(expected);
    await sleep(0);
  }
});
