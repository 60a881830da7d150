import { type ConnectionOptions, connect } from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hubHostName } from "../../../../cli/azure/azure-hosts.ts";
import { startTerminal } from "../../../cli/lifecycle/key-rotation/rotating-desk.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { waitFor } from "../../../support/wait-for.ts";
import { type HubUnderTest, rest, startHub } from "./iot-hub-harness.ts";
import { addDevice, deviceToken } from "./official-device.ts";
import { RawDevice } from "./raw-device.ts";

/* Azure gives every hub a second name for devices: iot-hub/iot-hub-devguide-endpoints, "TLS 1.3-enabled endpoints". */

let hub: HubUnderTest;
/** The same hub under its second name. */
let second: HubUnderTest;
let port: number;

beforeAll(async () => {
  hub = await startHub();
  second = Object.create(hub, { host: { value: "example-hub.device.azure-devices.net" } });
  port = await hub.proxy.listen(0, 8883);
});
afterAll(() => hub?.[Symbol.asyncDispose]());

const operator = () => hub.principal("IoT Hub Registry Contributor");

test("a device signs in under each of the hub's names, with a token for that name", async () => {
  const device = await addDevice(hub, operator(), "two-names");
  for (const under of [hub, second]) {
    const raw = new RawDevice(under, port);
    expect(await raw.connect(device)).toMatchObject({ returnCode: 0 });
    expect(hub.hub.connected()).toBe(1);
  }
});

test("it is one device under both names: a connection under one closes the connection under the other", async () => {
  const device = await addDevice(hub, operator(), "one-device");
  const first = new RawDevice(hub, port);
  await first.connect(device);
  const other = new RawDevice(second, port);
  expect(await other.connect(device)).toMatchObject({ returnCode: 0 });
  await waitFor("the hub to close the first connection", () => first.closed);
});

test("a token or a user name for the other name is refused", async () => {
  const device = await addDevice(hub, operator(), "mixed");
  const wrongToken = { password: Buffer.from(deviceToken(hub, device)) };
  expect(await new RawDevice(second, port).connect(device, wrongToken)).toMatchObject({ returnCode: 5 });
  const wrongUser = { username: `${hub.host}/${device.id}/?api-version=2021-04-12` };
  expect(await new RawDevice(second, port).connect(device, wrongUser)).toMatchObject({ returnCode: 5 });
});

test("a disabled device is disconnected under its second name too", async () => {
  const device = await addDevice(hub, operator(), "disabled");
  const raw = new RawDevice(second, port);
  await raw.connect(device);
  const identity = JSON.parse((await rest(hub, "GET", "/devices/disabled", { as: operator() })).body);
  const headers = { "if-match": "*" };
  const body = { ...identity, status: "disabled" };
  expect((await rest(hub, "PUT", "/devices/disabled", { as: operator(), headers, body })).status).toBe(200);
  await waitFor("the hub to close the connection", () => raw.closed);
  expect(await new RawDevice(second, port).connect(device)).toMatchObject({ returnCode: 5 });
});

test("the service side is refused under the second name", async () => {
  const refused = await rest(second, "GET", "/devices/two-names", { as: operator() });
  expect([refused.status, refused.headers["iothub-errorcode"]]).toEqual([401, "IotHubUnauthorizedAccess"]);
  expect((await rest(hub, "GET", "/devices/two-names", { as: operator() })).status).toBe(200);
});

test("the reference terminal works through a proxy with a credential bundle that has the second name", async () => {
  const device = await addDevice(hub, operator(), "referenced");
  expect(hubHostName.parse(second.host)).toBe(second.host);
  await using folder = await temporaryFolder();
  const terminal = await startTerminal(
    {
      version: 1,
      terminalId: device.id,
      customer: "example-customer",
      site: "Hall",
      createdAt: new Date().toISOString(),
      hub: { hostName: second.host, deviceId: device.id, primaryKey: device.primaryKey },
      flow: {
        url: "https://example.azure-api.net/flow",
        sharedKey: "a".repeat(32),
        terminalKey: "b".repeat(43),
      },
    },
    folder.path,
    { network: hub.network },
  );
  await waitFor("the terminal to connect", async () => {
    const { body } = await rest(hub, "GET", `/twins/${device.id}`, {
      as: hub.principal("IoT Hub Twin Contributor"),
    });
    return JSON.parse(body).connectionState === "Connected";
  });
  await terminal.stop();
});

test("the second name of a hub that does not exist is unknown", async () => {
  const nothing = Object.create(hub, { host: { value: "nothing.device.azure-devices.net" } });
  expect(await rest(nothing, "GET", "/devices/x")).toMatchObject({
    status: 502,
    body: expect.stringContaining("Cannot resolve nothing.device.azure-devices.net"),
  });
});

/** The version and suite of a handshake with the hub, or its alert. */
const handshake = (host: string, options: ConnectionOptions) =>
  new Promise<string>((resolve) => {
    const socket = connect({ host: "127.0.0.1", port, servername: host, ca: hub.proxy.ca, ...options });
    socket.once("secureConnect", () => {
      resolve(`${socket.getProtocol()} ${socket.getCipher().name}`);
      socket.destroy();
    });
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(String(error.code)));
  });

// iot-hub/iot-hub-tls-support, cipher suites; iot-hub/iot-hub-devguide-endpoints, endpoint types: TLS 1.3 for devices only.
test("a hub has the strong suites of TLS 1.2 alone, and TLS 1.3 under its second name", async () => {
  const tls12 = { maxVersion: "TLSv1.2" } as const;
  for (const suite of [
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES128-SHA256",
    "ECDHE-RSA-AES256-SHA384",
  ])
    for (const { host } of [hub, second])
      expect(await handshake(host, { ...tls12, ciphers: suite })).toBe(`TLSv1.2 ${suite}`);
  for (const suite of [
    "ECDHE-RSA-AES128-SHA",
    "ECDHE-RSA-AES256-SHA",
    "ECDHE-RSA-CHACHA20-POLY1305",
    "ECDHE-ARIA128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "DHE-RSA-AES256-GCM-SHA384",
    "AES256-GCM-SHA384",
    "AES128-SHA",
  ])
    for (const { host } of [hub, second])
      expect([suite, await handshake(host, { ...tls12, ciphers: `${suite}:@SECLEVEL=0` })]).toEqual([
        suite,
        "ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE",
      ]);
  expect(await handshake(hub.host, {})).toMatch(/^TLSv1.2 /);
  expect(await handshake(hub.host, { minVersion: "TLSv1.3" })).toBe("ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION");
  expect(await handshake(second.host, {})).toBe("TLSv1.3 TLS_AES_256_GCM_SHA384");
});
