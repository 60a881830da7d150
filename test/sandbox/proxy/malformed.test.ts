import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AzureProxy, startProxy } from "../../../sandbox/proxy/proxy.ts";
import type { ServiceEndpoint } from "../../../sandbox/proxy/service-endpoint.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { type HubUnderTest, startHub } from "../services/iot-hub/iot-hub-harness.ts";
import { call, secure, sendRaw, tunnel } from "./proxy-client.ts";

/* Malformed requests and failing services: only the connection itself is affected. */

const failingHost = "failing.azure-devices.net";
const upgradeRequest =
  "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
  "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: mqtt\r\n";

/** Fails in each way in which a service can fail. */
const failing: ServiceEndpoint = {
  serves: (host) => host === failingHost,
  request: (req, res) => {
    if (req.url === "/fine") return void res.end("fine");
    if (req.url === "/half") res.write("half");
    if (req.url === "/thrown?sig=secret") throw new Error("thrown on purpose");
    return Promise.reject(new Error("rejected on purpose"));
  },
  upgrade: async () => {
    throw new Error("no upgrade, on purpose");
  },
  raw: {
    8883: () => {
      throw new Error("no MQTT, on purpose");
    },
  },
};

let dir: Awaited<ReturnType<typeof temporaryFolder>>;
let proxy: AzureProxy;
let hub: HubUnderTest;
const log: string[] = [];

beforeAll(async () => {
  dir = await temporaryFolder();
  proxy = await startProxy(
    { log: (line) => log.push(line) },
    { dir: dir.path, port: 0, endpoints: [failing] },
  );
  hub = await startHub();
});
afterAll(async () => {
  await proxy.close();
  await hub[Symbol.asyncDispose]();
  await dir[Symbol.asyncDispose]();
});

test.each(["//[", "http://[", "//a:99999/x", "///", "/%", "//x/$iothub/websocket"])(
  "the IoT Hub rejects a WebSocket to %s, and serves the next request",
  async (target) => {
    const request = `GET ${target} HTTP/1.1\r\nHost: ${hub.host}\r\n${upgradeRequest}\r\n`;
    expect(await sendRaw(hub.proxy, hub.host, request)).toMatch(/^HTTP\/1\.1 404 /);
    expect((await call(hub.proxy, `https://${hub.host}/devices/x`)).status).toBeGreaterThanOrEqual(400);
  },
);

test.each(["//[", "http://[", "//a:99999/x", "/%"])(
  "the IoT Hub responds to a request for %s with an error status",
  async (target) => {
    const request = `GET ${target} HTTP/1.1\r\nHost: ${hub.host}\r\nConnection: close\r\n\r\n`;
    expect(await sendRaw(hub.proxy, hub.host, request)).toMatch(/^HTTP\/1\.1 [45]\d\d /);
  },
);

test("responds with 500 when a service fails, and logs the reason without the query", async () => {
  expect((await call(proxy, `https://${failingHost}/rejected`)).status).toBe(500);
  expect((await call(proxy, `https://${failingHost}/thrown?sig=secret`)).status).toBe(500);
  await expect(call(proxy, `https://${failingHost}/half`)).rejects.toThrow();
  const upgraded = await sendRaw(
    proxy,
    failingHost,
    `GET / HTTP/1.1\r\nHost: ${failingHost}\r\n${upgradeRequest}\r\n`,
  );
  expect(upgraded).toMatch(/^HTTP\/1\.1 500 /);
  const mqtt = await secure(proxy, failingHost, (await tunnel(proxy, `${failingHost}:8883`)).socket);
  mqtt.on("error", () => {});
  await once(mqtt, "close");
  for (const reason of ["rejected", "thrown", "no upgrade,", "no MQTT,"]) {
    expect(log.filter((line) => line.includes(`${reason} on purpose`)).length, reason).toBeGreaterThan(0);
  }
  expect(log.join("\n")).not.toContain("secret");
  expect(await call(proxy, `https://${failingHost}/fine`)).toMatchObject({ status: 200, body: "fine" });
});
