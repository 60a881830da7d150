import { duplexPair } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as tlsConnect } from "node:tls";
import mqtt from "mqtt-packet";
import rhea from "rhea";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MqttChannel } from "../../../../sandbox/services/iot-hub/device/mqtt-channel.ts";
import { waitFor } from "../../../support/wait-for.ts";
import { type HubUnderTest, type Principal, rest, startHub } from "./iot-hub-harness.ts";
import { addDevice, type Device } from "./official-device.ts";
import { RawDevice } from "./raw-device.ts";

let hub: HubUnderTest;
/** A hub that closes a connection without a sign-in after half a second. */
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
/** A TLS connection to one of the hubs. */
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
/** A peer that keeps its own side open notices the end of the connection when it writes. */
const waitForClose = (device: RawDevice) =>
  waitFor("a write to fail because the hub has closed the connection", () => {
    device.send({ cmd: "pingreq" });
    return device.closed;
  });
const state = async (id: string) => {
  const { body } = await rest(hub, "GET", `/devices/${id}`, { as });
  return (JSON.parse(body) as { connectionState: string }).connectionState;
};

test("a device that sends DISCONNECT counts as disconnected at once, and its half-open connection is closed", async () => {
  const device = await addDevice(hub, as, "half-1");
  const one = halfOpen();
  await one.connect(device);
  expect(await state("half-1")).toBe("Connected");
  let isHubClosed = false;
  one.socket.once("end", () => {
    isHubClosed = true;
  });
  one.send({ cmd: "disconnect" });
  await waitFor("the hub to close its side of the connection", () => isHubClosed);
  expect(hub.hub.connected()).toBe(0);
  expect(await state("half-1")).toBe("Disconnected");
  await waitForClose(one);
});

test("the connection of a refused sign-in is closed although the peer keeps its side open", async () => {
  const one = halfOpen();
  const stranger = { id: "unknown", primaryKey: "" } as Device;
  expect((await one.connect(stranger)).returnCode).toBe(5);
  await waitForClose(one);
});

test("an MQTT packet that announces too many bytes closes the connection, before and after sign-in", async () => {
  const stranger = raw("hub", 8883);
  stranger.socket.write(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f, 0, 4]));
  await waitFor("the hub to close the connection", () => stranger.closed);

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
  await waitFor("the hub to close the connection", () => hub.hub.connected() === 0);
  await waitForClose(one);
  expect(hub.logged.join("\n")).toMatch(/large-1: MessageTooLarge: A packet has 400034 bytes/);
});

test("an AMQP frame, or a message of many frames, that is too large closes the connection", async () => {
  const stranger = raw("hub", 5671);
  stranger.socket.write(
    Buffer.concat([Buffer.from("AMQP\0\x01\0\0", "latin1"), Buffer.from([0x7f, 255, 255, 255])]),
  );
  await waitFor("the hub to close the connection", () => stranger.closed);

  const connection = rhea.create_container().connect({
    ...{ host: "127.0.0.1", port: ports.get("hub5671") as number, servername: hub.host, transport: "tls" },
    reconnect: false,
  } as rhea.ConnectionOptions);
  const disconnected = new Promise((resolve) => connection.on("disconnected", resolve));
  connection.on("error", () => {});
  const sender = connection.open_sender("$cbs");
  sender.once("sendable", () => sender.send({ body: "x".repeat(2 * 1024 * 1024) }));
  await disconnected;
  expect(connection.is_open()).toBe(false);
});

test.each([5671, 8883] as const)(
  "a connection to port %i that sends bytes but does not sign in is closed after the timeout",
  async (port) => {
    const stranger = raw("hasty", port);
    // The start of an AMQP frame, or of a CONNECT packet, of several thousand bytes.
    const hello = port === 5671 ? "AMQP\0\x01\0\0\0\0\x40\0" : "\x10\x80\x40";
    for (const character of hello.padEnd(100, "x")) {
      stranger.socket.write(character, "latin1");
      await sleep(50);
      if (stranger.closed) break;
    }
    expect(stranger.closed).toBe(true);
  },
);

test("no further packet of a peer is read until the peer has read its answers", async () => {
  const [here, there] = duplexPair();
  const channel = new MqttChannel(here, 30_000);
  const packets = channel.packets();
  there.write(mqtt.generate({ cmd: "pingreq" }));
  expect((await packets.next()).value).toMatchObject({ cmd: "pingreq" });
  channel.publish("a", Buffer.alloc(200_000), 0);
  there.write(mqtt.generate({ cmd: "pingreq" }));
  let isRead = false;
  const second = packets.next().then(() => {
    isRead = true;
  });
  await sleep(50);
  expect(isRead).toBe(false);
  there.resume();
  await second;
  here.destroy();
});
