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
    // 421: the absolute form names another host than that of the connection.
    expect(await sendRaw(hub.proxy, hub.host, request)).toMatch(/^HTTP\/1\.1 (404|421) /);
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

// Source: RFC 9110, 9.3.6: a CONNECT with an empty or invalid port is a 400.
test.each([
  "files.blob.core.windows.net",
  "files.blob.core.windows.net:",
  "files.blob.core.windows.net:443x",
  "files.blob.core.windows.net:4.43e2",
  "files.blob.core.windows.net:0",
  "files.blob.core.windows.net:65536",
  "files.blob.core.windows.net:-443",
  ":443",
  "user@files.blob.core.windows.net:443",
  "https://files.blob.core.windows.net:443",
])("CONNECT %s is a 400 with the whole target in its message", async (authority) => {
  const { status, body } = await tunnel(proxy, authority);
  expect(status).toBe(400);
  expect(body).toBe(
    `CONNECT needs a host name and a port from 1 to 65535, for example host.azure-devices.net:443, not ${authority}.\n`,
  );
});

/** A close frame of a client: its code in two bytes, masked with zeros. */
const closeFrame = (code: number) =>
  Buffer.from([0x88, 0x82, 0, 0, 0, 0, Math.floor(code / 256), code % 256]);

// Eclipse Paho for Java writes the digits "10" as its close code, which is 12592.
test.each([
  ["the close code 12592 of Paho for Java", closeFrame(12592)],
  ["the reserved close code 1005", closeFrame(1005)],
  ["a frame without a mask", Buffer.from([0x88, 0x00])],
  ["an unknown opcode", Buffer.from([0x83, 0x80, 0, 0, 0, 0])],
])("a WebSocket that ends with %s is an end to the IoT Hub, and no failure in its log", async (_, frame) => {
  const socket = await secure(hub.proxy, hub.host, (await tunnel(hub.proxy, `${hub.host}:443`)).socket);
  const closed = once(socket, "close");
  socket.on("error", () => {});
  socket.write(`GET /$iothub/websocket HTTP/1.1\r\nHost: ${hub.host}\r\n${upgradeRequest}\r\n`);
  const [answer] = await once(socket, "data");
  expect(String(answer)).toMatch(/^HTTP\/1\.1 101 /);
  socket.resume();
  socket.end(frame);
  await closed;
  expect((await call(hub.proxy, `https://${hub.host}/devices/x`)).status).toBe(401);
  expect(hub.logged.filter((line) => /RangeError|Invalid WebSocket frame/.test(line))).toEqual([]);
});

test("what a client sends begins no line in the log, and has no escape sequence there", async () => {
  const before = hub.logged.length;
  const protocol = "Sec-WebSocket-Protocol: mqtt\u009b31m\u0085forged\r\n";
  const request = upgradeRequest.replace(/Sec-WebSocket-Protocol: .*\r\n/, protocol);
  await sendRaw(hub.proxy, hub.host, `GET /other HTTP/1.1\r\nHost: ${hub.host}\r\n${request}\r\n`);
  const lines = hub.logged.slice(before);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain("forged");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the control characters are what is tested
  expect(lines.join()).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
});
