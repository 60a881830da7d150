import { duplexPair } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as tlsConnect } from "node:tls";
import mqtt from "mqtt-packet";
import rhea from "rhea";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MqttChannel } from "../../../../sandbox/services/iot-hub/device/mqtt-channel.ts";
import { type HubUnderTest, type Principal, rest, startHub, until } from "./iot-hub-harness.ts";
import { addDevice, type Device } from "./official-device.ts";
import { RawDevice } from "./raw-device.ts";

let hub: HubUnderTest;
/** Another, which gives a connection half a second to sign in. */
let hasty: HubUnderTest;
let as: Principal;
const ports = new Map<string, number>();

beforeAll(async () => {
  hub = await startHub();
  hasty = await startHub({ signInTimeoutMs: 500 });
  as = hub.principal("IoT Hub Data Contributor");
  for (const [name, under] of Object.entries({ hub, hasty })) {
    for (const port of [5671, 8883] as const) ports.set(`${name}${port}`, await under.proxy.listen(0, port));
  }
});
afterAll(async () => {
  await hub[Symbol.asyncDispose]();
  await hasty[Symbol.asyncDispose]();
});

const halfOpen = () => new RawDevice(hub, ports.get("hub8883") as number, { allowHalfOpen: true });
/** A TLS connection to one of the hubs, which tells when it is over. */
const raw = (under: "hub" | "hasty", port: 5671 | 8883) => {
  const socket = tlsConnect({ host: "127.0.0.1", port: ports.get(under + port)!, servername: hub.host });
  const peer = { socket, closed: false };
  socket
    .on("error", () => {})
    .on("close", () => {
      peer.closed = true;
    });
  socket.resume();
  return peer;
};
/** A peer that has kept its own side open learns that the connection is cut when it writes. */
const cut = (device: RawDevice) =>
  until(() => {
    device.send({ cmd: "pingreq" });
    return device.closed;
  });
const state = async (id: string) => {
  const { body } = await rest(hub, "GET", `/devices/${id}`, { as });
  return (JSON.parse(body) as { connectionState: string }).connectionState;
};

test("a device that says goodbye is gone at once, and its connection soon, though it keeps its side open", async () => {
  const device = await addDevice(hub, as, "half-1");
  const one = halfOpen();
  await one.connect(device);
  expect(await state("half-1")).toBe("Connected");
  one.send({ cmd: "disconnect" });
  await until(() => hub.hub.connected() === 0, 900);
  expect(await state("half-1")).toBe("Disconnected");
  await cut(one);
});

test("a refused sign-in ends the connection, though the peer keeps its side open", async () => {
  const one = halfOpen();
  const stranger = { id: "nobody", primaryKey: "" } as Device;
  expect((await one.connect(stranger)).returnCode).toBe(5);
  await cut(one);
});

test("a packet that is too large is not read: before sign-in, and after it", async () => {
  const stranger = raw("hub", 8883);
  stranger.socket.write(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f, 0, 4]));
  await until(() => stranger.closed);

  const one = halfOpen();
  await one.connect(await addDevice(hub, as, "large-1"));
  const topic = "devices/large-1/messages/events/";
  const whole = mqtt.generate({
    cmd: "publish",
    topic,
    payload: Buffer.alloc(400_000),
    qos: 0,
    dup: false,
    retain: false,
  });
  one.socket.write(whole.subarray(0, 100));
  await until(() => hub.hub.connected() === 0);
  await cut(one);
  expect(hub.logged.join("\n")).toMatch(/large-1: MessageTooLarge: A packet has 400034 bytes/);
});

test("an AMQP frame, or a message of many, that is too large is not read", async () => {
  const stranger = raw("hub", 5671);
  stranger.socket.write(
    Buffer.concat([Buffer.from("AMQP\0\x01\0\0", "latin1"), Buffer.from([0x7f, 255, 255, 255])]),
  );
  await until(() => stranger.closed);

  const connection = rhea.create_container().connect({
    ...{ host: "127.0.0.1", port: ports.get("hub5671") as number, servername: hub.host, transport: "tls" },
    reconnect: false,
  } as rhea.ConnectionOptions);
  const gone = new Promise((resolve) => connection.on("disconnected", resolve));
  connection.on("error", () => {});
  const sender = connection.open_sender("$cbs");
  sender.once("sendable", () => sender.send({ body: "x".repeat(2 * 1024 * 1024) }));
  await gone;
  expect(connection.is_open()).toBe(false);
});

test.each([5671, 8883] as const)(
  "whoever does not sign in is cut off on port %i, also while talking",
  async (port) => {
    const stranger = raw("hasty", port);
    // The beginning of an AMQP frame, or of a CONNECT packet, of some thousand bytes.
    const hello = port === 5671 ? "AMQP\0\x01\0\0\0\0\x40\0" : "\x10\x80\x40";
    for (const character of hello.padEnd(100, "x")) {
      stranger.socket.write(character, "latin1");
      await sleep(50);
      if (stranger.closed) break;
    }
    expect(stranger.closed).toBe(true);
  },
);

test("a peer that does not read its answers is not asked for more", async () => {
  const [here, there] = duplexPair();
  const channel = new MqttChannel(here, 30_000);
  const packets = channel.packets();
  there.write(mqtt.generate({ cmd: "pingreq" }));
  expect((await packets.next()).value).toMatchObject({ cmd: "pingreq" });
  channel.publish("a", Buffer.alloc(200_000), 0);
  there.write(mqtt.generate({ cmd: "pingreq" }));
  let asked = false;
  const second = packets.next().then(() => {
    asked = true;
  });
  await sleep(50);
  expect(asked).toBe(false);
  there.resume();
  await second;
  here.destroy();
});
