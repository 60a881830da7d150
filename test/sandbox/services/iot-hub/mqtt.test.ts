import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { duplexPair } from "node:stream";
import type { IConnectPacket } from "mqtt-packet";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { ConnectionLog } from "../../../../sandbox/services/iot-hub/device/connection-log.ts";
import { MqttChannel } from "../../../../sandbox/services/iot-hub/device/mqtt-channel.ts";
import { admit } from "../../../../sandbox/services/iot-hub/device/mqtt-connect.ts";
import { Hubs } from "../../../../sandbox/services/iot-hub/hub.ts";
import { DeviceTable } from "../../../../sandbox/services/iot-hub/registry/device-table.ts";
import { Throttles } from "../../../../sandbox/services/iot-hub/throttle.ts";
import { waitFor } from "../../../support/wait-for.ts";
import { type HubUnderTest, type Principal, rest, startHub } from "./iot-hub-harness.ts";
import { addDevice, type Device, deviceToken, newKey } from "./official-device.ts";
import { RawDevice } from "./raw-device.ts";

let hub: HubUnderTest;
let as: Principal;
let port: number;
let refused: Device | undefined;

beforeAll(async () => {
  hub = await startHub();
  as = hub.principal("IoT Hub Data Contributor");
  port = await hub.proxy.listen(0, 8883);
});
afterAll(() => hub[Symbol.asyncDispose]());

const newRaw = () => new RawDevice(hub, port);
const connected = async (id: string, more: object = {}) => {
  const device = await addDevice(hub, as, id);
  const raw = newRaw();
  expect((await raw.connect(device, more)).returnCode).toBe(0);
  return { device, raw };
};
const telemetryOf = (id: string) =>
  hub.hub.telemetry.read("example-hub").filter((message) => message.deviceId === id);

test.each([
  ["MQTT 5 or 3.1", 1, { protocolVersion: 3, protocolId: "MQIsdp" }],
  [
    "another device's user name",
    5,
    { username: "example-hub.azure-devices.net/other/?api-version=2021-04-12" },
  ],
  ["another hub's user name", 5, { username: "other.azure-devices.net/refused/?api-version=2021-04-12" }],
  ["no password", 5, { password: undefined, username: undefined }],
  [
    "an api-version that does not exist",
    5,
    { username: "example-hub.azure-devices.net/refused/?api-version=1999-01-01" },
  ],
  ["a will to another topic", 5, { will: { topic: "weather", payload: Buffer.from("x"), qos: 0 } }],
  ["a password that is no token", 5, { password: Buffer.from("secret") }],
])("CONNECT with %s is refused with return code %i, and the connection is closed", async (_, code, more) => {
  // Everything else in the packet is valid.
  refused ??= await addDevice(hub, as, "refused");
  const raw = newRaw();
  expect((await raw.connect(refused, more)).returnCode).toBe(code);
  await waitFor("the hub to close the connection", () => raw.closed);
});

test("a token with a wrong key, for another device or expired is refused with return code 5", async () => {
  const device = await addDevice(hub, as, "tokens-1");
  const other = await addDevice(hub, as, "tokens-2");
  const stale = deviceToken(hub, device);
  hub.clock.move(3_600_000);
  for (const password of [deviceToken(hub, device, newKey()), deviceToken(hub, other), stale]) {
    const raw = newRaw();
    expect((await raw.connect(device, { password: Buffer.from(password) })).returnCode).toBe(5);
  }
  const raw = newRaw();
  const second = deviceToken(hub, device, device.secondaryKey);
  expect((await raw.connect(device, { password: Buffer.from(second) })).returnCode).toBe(0);
  raw.socket.destroy();
  hub.clock.move(-3_600_000);
});

test.each([
  ["{}/?api-version=2021-04-12", ""],
  ["{}/?api-version=2020-03-13", ""],
  ["{}/?api-version=2020-09-30&DeviceClientType=azsdk-c%2F1.5.0", "&skn="],
  ["{}/api-version=2016-11-14", ""],
  ["{}/api-version=2016-11-14&DeviceClientType=iothubclient%2f1.2.1", "&skn="],
  ["{}/", ""],
])(
  "the user name %s with a token that ends with '%s', as firmware sends them, signs in",
  async (user, end) => {
    const id = `firmware-${randomUUID()}`;
    const device = await addDevice(hub, as, id);
    const raw = newRaw();
    const username = user.replace("{}", `${hub.host}/${id}`);
    const password = Buffer.from(deviceToken(hub, device) + end);
    expect((await raw.connect(device, { username, password })).returnCode).toBe(0);
    raw.socket.destroy();
  },
);

test.each(["$iothub", "%24iothub", "%24IoTHub"])("a WebSocket opens at /%s/websocket", async (folder) => {
  const socket = new WebSocket(`wss://${hub.host}/${folder}/websocket`, ["mqtt"], { agent: hub.agent() });
  await once(socket, "open");
  expect(socket.protocol).toBe("mqtt");
  socket.terminate();
});

test("a device whose ID has a question mark signs in", async () => {
  const { raw } = await connected("is-it-on?");
  raw.socket.destroy();
});

test("only the hub's own topics can be subscribed to, and QoS 2 is granted as 1", async () => {
  const { raw } = await connected("topics-1");
  expect(await raw.subscribe("devices/topics-1/messages/devicebound/#", 2)).toBe(1);
  expect(await raw.subscribe("$iothub/twin/res/#", 0)).toBe(0);
  for (const filter of ["#", "devices/topics-2/messages/devicebound/#", "devices/+/messages/devicebound/#"]) {
    expect(await raw.subscribe(filter)).toBe(128);
  }
  raw.send({ cmd: "pingreq" });
  await waitFor("PINGRESP", () => raw.packets.find(({ cmd }) => cmd === "pingresp"));
  raw.socket.destroy();
});

test.each([
  ["QoS 2", "ends-1", (raw: RawDevice) => raw.publish("devices/ends-1/messages/events/", "x", 2)],
  ["an unknown topic", "ends-2", (raw: RawDevice) => raw.publish("weather/today", "x")],
  ["another device's topic", "ends-3", (raw: RawDevice) => raw.publish("devices/x/messages/events/", "x")],
  [
    "a message over 256 KB",
    "ends-4",
    (raw: RawDevice) => raw.publish("devices/ends-4/messages/events/", Buffer.alloc(262_145)),
  ],
  ["a request that is not MQTT", "ends-5", (raw: RawDevice) => raw.socket.write("GET / HTTP/1.1\r\n\r\n")],
] as const)("%s closes the connection", async (_, id, act) => {
  const { raw } = await connected(id);
  act(raw);
  await waitFor("the hub to close the connection", () => raw.closed);
  expect(telemetryOf(id)).toEqual([]);
});

/** A packet: its first byte, a body of less than 128 bytes, and the length between them. */
const packetOf = (first: number, ...parts: (string | number[])[]) => {
  const body = Buffer.concat(
    parts.map((part) => {
      if (typeof part !== "string") return Buffer.from(part);
      return Buffer.concat([Buffer.from([0, Buffer.byteLength(part)]), Buffer.from(part)]);
    }),
  );
  return Buffer.concat([Buffer.from([first, body.length]), body]);
};
const events = (id: string) => `devices/${id}/messages/events/`;

// The numbers are those of the statements in MQTT Version 3.1.1, OASIS Standard, 29 October 2014.
test.each<[string, string, (id: string) => Buffer]>([
  ["2.3.1-1", "SUBSCRIBE with packet ID 0", () => packetOf(0x82, [0, 0], "$iothub/twin/res/#", [1])],
  ["2.3.1-1", "UNSUBSCRIBE with packet ID 0", () => packetOf(0xa2, [0, 0], "$iothub/twin/res/#")],
  ["2.3.1-1", "PUBLISH with QoS 1 and packet ID 0", (id) => packetOf(0x32, events(id), [0, 0, 120])],
  ["2.3.1-1", "PUBLISH with QoS 1 and no packet ID", (id) => packetOf(0x32, events(id))],
  ["1.5.3-2", "PUBLISH to a topic with NUL", (id) => packetOf(0x30, `${events(id)}a=\0`, [120])],
  ["1.5.3-2", "SUBSCRIBE to a filter with NUL", () => packetOf(0x82, [0, 1], "a\0", [1])],
  ["1.5.3-1", "PUBLISH to a topic that is not UTF-8", () => packetOf(0x30, [0, 2, 0xc3, 0x28], [120])],
  ["3.3.1-2", "PUBLISH as a duplicate with QoS 0", (id) => packetOf(0x38, events(id), [120])],
  ["3.3.1-4", "PUBLISH with QoS 3", (id) => packetOf(0x36, events(id), [0, 1, 120])],
  ["3.3.2-2", "PUBLISH to a topic with a wildcard", (id) => packetOf(0x30, `${events(id)}#`, [120])],
  ["3.8.1-1", "SUBSCRIBE with other flags", () => packetOf(0x80, [0, 1], "$iothub/twin/res/#", [1])],
  ["3.8.3-3", "SUBSCRIBE without a filter", () => packetOf(0x82, [0, 1])],
  ["3.8.3-4", "SUBSCRIBE with QoS 3", () => packetOf(0x82, [0, 1], "$iothub/twin/res/#", [3])],
  ["3.10.3-2", "UNSUBSCRIBE without a filter", () => packetOf(0xa2, [0, 1])],
  ["4.7.1-2", "SUBSCRIBE with # before the last level", () => packetOf(0x82, [0, 1], "$iothub/#/res", [1])],
  ["4.7.3-1", "SUBSCRIBE with an empty filter", () => packetOf(0x82, [0, 1], "", [1])],
  ["3.4.1", "PUBACK with four bytes", () => packetOf(0x40, [0, 1, 0, 0])],
  ["3.12.1", "PINGREQ with a body", () => packetOf(0xc0, [0])],
  ["3.14.1", "DISCONNECT with a body", () => packetOf(0xe0, [0])],
  ["2.2.3", "a length of five bytes", () => Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 1])],
])("what MQTT 3.1.1 forbids ends the connection (%s): %s", async (_, name, packet) => {
  const id = `forbidden-${name.replaceAll(/[^A-Za-z0-9]/g, "-")}`;
  const { raw } = await connected(id);
  raw.packets.length = 0;
  raw.socket.write(packet(id));
  await waitFor("the hub to close the connection", () => raw.closed);
  expect(raw.packets).toEqual([]);
  expect(telemetryOf(id)).toEqual([]);
});

const connectOf = (flags: number, ...payload: (string | number[])[]) =>
  packetOf(0x10, "MQTT", [4, flags, 0, 60], ...payload);

test.each([
  ["3.1.2-3", "the reserved flag", connectOf(0x03, "id")],
  ["3.1.2-14", "a will with QoS 3", connectOf(0x1e, "id", "topic", "x")],
  ["3.1.2-22", "a password without a user name", connectOf(0x42, "id", "secret")],
  ["1.5.3-2", "a client ID with NUL", connectOf(0x02, "i\0d")],
  ["1.5.3-1", "a client ID that is not UTF-8", connectOf(0x02, [0, 1, 0xff])],
  ["3.1.3", "bytes after the last field", connectOf(0x02, "id", "more")],
  ["3.1.2-1", "another protocol name", packetOf(0x10, "MQTX", [4, 2, 0, 60], "id")],
])("CONNECT with what MQTT 3.1.1 forbids gets no answer (%s): %s", async (_, __, packet) => {
  const raw = newRaw();
  raw.socket.write(packet);
  await waitFor("the hub to close the connection", () => raw.closed);
  expect(raw.packets).toEqual([]);
});

test.each([0x84, 0x83, 6, 5, 0])(
  "CONNECT with level %i is refused with return code 1 (3.1.2-2), and the connection is closed",
  async (level) => {
    const raw = newRaw();
    raw.socket.write(packetOf(0x10, "MQTT", [level, 2, 0, 60], "id"));
    await waitFor("the hub to close the connection", () => raw.closed);
    expect(raw.packets).toMatchObject([{ cmd: "connack", returnCode: 1 }]);
  },
);

test("packets in many pieces, and many packets in one piece, are read", async () => {
  const { raw } = await connected("pieces-1");
  const topic = `${events("pieces-1")}name=%EF%BF%BD\uFFFD`;
  const packet = packetOf(0x32, topic, [0, 9], [120]);
  for (const byte of packet) raw.socket.write(Buffer.from([byte]));
  raw.socket.write(Buffer.concat([packet, packet, Buffer.from([0xc0, 0])]));
  await waitFor("PINGRESP", () => raw.packets.find(({ cmd }) => cmd === "pingresp"));
  expect(telemetryOf("pieces-1")).toHaveLength(3);
  raw.socket.destroy();
});

test("telemetry is acknowledged, a retained message is marked, and a will is accepted unless DISCONNECT was sent", async () => {
  const will = { topic: "devices/will-1/messages/events/why=lost", payload: Buffer.from("gone"), qos: 1 };
  const { raw, device } = await connected("will-1", { will });
  raw.publish("devices/will-1/messages/events/a=1&b&%24.cid=c-1&%24.sub=part", "x", 1, { retain: true });
  await waitFor("PUBACK of packet 7", () =>
    raw.packets.find(({ cmd, messageId }) => cmd === "puback" && messageId === 7),
  );
  expect(telemetryOf("will-1")).toMatchObject([
    {
      properties: { a: "1", b: null, "mqtt-retain": "true" },
      correlationId: "c-1",
      others: { "$.sub": "part" },
    },
  ]);
  raw.socket.destroy();
  await waitFor("the will in the telemetry", () => telemetryOf("will-1").length === 2);
  expect(telemetryOf("will-1")[1]).toMatchObject({
    properties: { why: "lost", "iothub-MessageType": "Will" },
    body: Buffer.from("gone"),
  });
  const polite = newRaw();
  await polite.connect(device, { will });
  polite.send({ cmd: "disconnect" });
  await waitFor("the hub to close the connection after DISCONNECT", () => polite.closed);
  expect(telemetryOf("will-1")).toHaveLength(2);
});

test("a device reads its twin and reports properties over MQTT topics, and errors have their status", async () => {
  const { raw } = await connected("twin-1");
  await raw.subscribe("$iothub/twin/res/#");
  raw.publish("$iothub/twin/GET/?$rid=1", "", 0);
  const read = await waitFor("the answer to the twin read", () => raw.published()[0]);
  expect(read.topic).toBe("$iothub/twin/res/200/?$rid=1");
  expect(JSON.parse(read.payload.toString())).toEqual({
    desired: { $version: 1 },
    reported: { $version: 1 },
  });
  raw.publish("$iothub/twin/PATCH/properties/reported/?$rid=2", '{"a":1}');
  const reported = await waitFor("the answer to the report", () => raw.published()[1]);
  expect(reported.topic).toBe("$iothub/twin/res/204/?$rid=2&$version=2");
  for (const [rid, body] of [
    ["3", "no json"],
    ["4", '{"a.b":1}'],
  ] as const) {
    raw.publish(`$iothub/twin/PATCH/properties/reported/?$rid=${rid}`, body);
    const refused = await waitFor(`the answer to request ${rid}`, () =>
      raw.published().find(({ topic }) => topic.endsWith(`$rid=${rid}`)),
    );
    expect(refused.topic).toBe(`$iothub/twin/res/400/?$rid=${rid}`);
    expect(JSON.parse(refused.payload.toString()).errorCode).toBeGreaterThan(400_000);
  }
  raw.socket.destroy();
});

test("a report with too many levels is refused, and queries still work", async () => {
  const { raw } = await connected("deep-1");
  await raw.subscribe("$iothub/twin/res/#");
  const report = "$iothub/twin/PATCH/properties/reported/?$rid=";
  for (const [rid, levels] of [
    ["1", 11],
    ["2", 1500],
  ] as const) {
    raw.publish(report + rid, `{"a":${"[".repeat(levels)}1${"]".repeat(levels)}}`);
    const answer = await waitFor(`the answer to request ${rid}`, () =>
      raw.published().find(({ topic }) => topic.includes(`$rid=${rid}`)),
    );
    expect(answer.topic).toBe(`$iothub/twin/res/400/?$rid=${rid}`);
  }
  const body = { query: "SELECT deviceId FROM devices WHERE properties.reported.a = 1" };
  expect((await rest(hub, "POST", "/devices/query", { as, body })).status).toBe(200);
  raw.socket.destroy();
});

const send = (id: string, name: string, messageId = name) => {
  const db = hub.azure.store.db;
  // The row that a send over AMQP writes; messages.test.ts tests AMQP.
  db.prepare(
    `INSERT INTO iothub_c2d (hub, device, message, body, acknowledgement, enqueued, expires, deliveryCount, lockedUntil)
     VALUES ('example-hub', ?, ?, ?, 'none', 0, ?, 0, 0)`,
  ).run(id, JSON.stringify({ messageId, properties: {} }), Buffer.from(name), hub.clock.now() + 3_600_000);
};
const pending = async (id: string) =>
  (
    JSON.parse((await rest(hub, "GET", `/devices/${id}`, { as })).body) as {
      cloudToDeviceMessageCount: number;
    }
  ).cloudToDeviceMessageCount;

test("a message without PUBACK is delivered again on the next connection or when its lock expires", async () => {
  const inbox = "devices/again-1/messages/devicebound/#";
  const { raw, device } = await connected("again-1", { clean: false });
  send("again-1", "m-1");
  await raw.subscribe(inbox);
  const first = await waitFor("the first message", () => raw.published()[0]);
  expect(first.qos).toBe(1);
  raw.socket.destroy();
  await waitFor("the hub to have no connection", () => hub.hub.connected() === 0);

  // CleanSession 0: the subscription still exists, so the message arrives without SUBSCRIBE.
  const next = newRaw();
  expect(await next.connect(device, { clean: false })).toMatchObject({ returnCode: 0, sessionPresent: true });
  await waitFor("the message on the next connection", () => next.published().length === 1);
  hub.clock.move(60_000);
  await waitFor("the message after its lock expired", () => next.published().length === 2);
  const last = next.published()[1]!;
  next.send({ cmd: "puback", messageId: last.messageId });
  await waitFor("the queue to be empty", async () => (await pending("again-1")) === 0);
  next.socket.destroy();
  await waitFor("the hub to have no connection", () => hub.hub.connected() === 0);

  const clean = newRaw();
  expect((await clean.connect(device)).sessionPresent).toBe(false);
  send("again-1", "m-2");
  clean.publish("devices/again-1/messages/events/", "still silent");
  await waitFor("PUBACK", () => clean.packets.find(({ cmd }) => cmd === "puback"));
  expect(clean.published()).toEqual([]);
  // At QoS 0 a message is complete as soon as it is sent.
  await clean.subscribe(inbox, 0);
  const atOnce = await waitFor("the message at QoS 0", () => clean.published()[0]);
  expect(atOnce.qos).toBe(0);
  await waitFor("the queue to be empty", async () => (await pending("again-1")) === 0);
  clean.socket.destroy();
});

test("a queued message that does not fit in a topic is rejected, and the next one is delivered", async () => {
  const { raw } = await connected("long-1");
  send("long-1", "too long", "m".repeat(70_000));
  send("long-1", "short");
  await raw.subscribe("devices/long-1/messages/devicebound/#");
  expect((await waitFor("the short message", () => raw.published()[0])).payload.toString()).toBe("short");
  expect(await pending("long-1")).toBe(1);
  raw.socket.destroy();
});

test("a packet that is too long for its header destroys the stream", async () => {
  const [here, there] = duplexPair();
  const channel = new MqttChannel(here, 30_000);
  const failed = once(here, "error") as Promise<[Error]>;
  channel.publish("t".repeat(70_000), "x", 0);
  expect((await failed)[0].message).toContain("too long");
  expect(there.read()).toBeNull();
});

test("ordered faults close connections before or after a message is handled, and all at once", async () => {
  const { raw, device } = await connected("fault-1");
  const rule = { method: "PUBLISH", path: "devices/fault-1/*", first: 1 };
  const reconnect = async () => {
    const next = newRaw();
    await next.connect(device);
    return next;
  };
  hub.proxy.faults.add({ ...rule, drop: "before" });
  raw.publish("devices/fault-1/messages/events/", "lost");
  await waitFor("the hub to close the connection", () => raw.closed);
  expect(telemetryOf("fault-1")).toEqual([]);

  hub.proxy.faults.clear();
  hub.proxy.faults.add({ ...rule, drop: "after" });
  const second = await reconnect();
  second.publish("devices/fault-1/messages/events/", "kept");
  await waitFor("the second connection to close", () => second.closed);
  expect(telemetryOf("fault-1")).toHaveLength(1);
  expect(second.packets.some(({ cmd }) => cmd === "puback")).toBe(false);

  hub.proxy.faults.clear();
  hub.proxy.faults.add({ method: "DELIVER", path: "devices/fault-1/*", first: 1, drop: "after" });
  const third = await reconnect();
  send("fault-1", "m-1");
  await third.subscribe("devices/fault-1/messages/devicebound/#");
  await waitFor("the third connection to close", () => third.closed);
  expect(third.published()).toHaveLength(1);
  expect(await pending("fault-1")).toBe(1);

  const fourth = await reconnect();
  expect(hub.hub.dropConnections((id) => id === "unknown")).toBe(0);
  expect(hub.hub.dropConnections()).toBe(1);
  await waitFor("the fourth connection to close", () => fourth.closed);
});

test("a silent device is disconnected after one and a half keep-alives", async () => {
  const { raw } = await connected("idle-1", { keepalive: 1 });
  const started = Date.now();
  await waitFor("the hub to close the connection", () => raw.closed);
  expect(Date.now() - started).toBeGreaterThan(1200);
});

test("a connection above the tier's rate is refused with return code 3", async () => {
  const device = await addDevice(hub, as, "rate-1");
  const here = new Hubs(hub.azure).at(hub.host)!;
  const throttles = new Throttles(hub.azure.clock, true);
  await throttles.acquire(here, "DeviceConnect", 6000);
  const parts = {
    azure: hub.azure,
    devices: new DeviceTable(hub.azure.store),
    throttles,
    connectionLog: new ConnectionLog(hub.azure),
  };
  const packet: IConnectPacket = {
    cmd: "connect",
    protocolVersion: 4,
    clientId: device.id,
    username: `${hub.host}/${device.id}/?api-version=2021-04-12`,
    password: Buffer.from(deviceToken(hub, device)),
  };
  expect(await admit(parts, here, packet)).toBe(3);
  hub.clock.move(60_000);
  expect(await admit(parts, here, packet)).toMatchObject({ device: { id: device.id } });
});

// The SDK for Java 2.5 waits without end for an answer that came before the PUBACK of its request.
test("a request about the twin is acknowledged before it is answered", async () => {
  const { raw } = await connected("acknowledged");
  await raw.subscribe("$iothub/twin/res/#", 0);
  for (const [path, body] of [
    ["PATCH/properties/reported/?$rid=1", '{"a":1}'],
    ["GET/?$rid=2", ""],
  ] as const) {
    raw.packets.length = 0;
    raw.publish(`$iothub/twin/${path}`, body, 1);
    await waitFor("answer", () => raw.packets.some(({ cmd }) => cmd === "publish"));
    expect(raw.packets.map(({ cmd }) => cmd)).toEqual(["puback", "publish"]);
  }
  raw.socket.destroy();
});
