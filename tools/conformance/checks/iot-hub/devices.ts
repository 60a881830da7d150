import type { Check } from "../../check.ts";
import { send } from "../../clients/http.ts";
import { HubClient, newKey } from "../../clients/hub.ts";
import { MqttDevice } from "../../clients/mqtt.ts";
import { sources } from "../sources.ts";

const section = "iot-hub/devices";
const refused = 5;
const password = (token: string) => ({ password: Buffer.from(token) });
/** Seconds in which a hub closes a connection. Azure documents no limit. */
const closeSeconds = 600;

/** Devices: sign-in, and what ends a connection. */
export const deviceChecks: Check[] = [
  {
    id: "iot-hub/sign-in-keys",
    section,
    title: "A device signs in with a token of either of its keys",
    azure: "CONNACK 0 for both.",
    source: sources.hubSas,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      const device = await hub.addDevice(t.name);
      t.expect("primary key", await MqttDevice.codeOf(hub, device), 0);
      const second = hub.token(device, { key: device.secondaryKey });
      t.expect("secondary key", await MqttDevice.codeOf(hub, device, password(second)), 0);
    },
  },
  {
    id: "iot-hub/sign-in-wrong-key",
    section,
    title: "A token of a wrong key is refused",
    azure: "CONNACK 5 (not authorized).",
    source: sources.hubSdk,
    known: "SDK",
    async run(t) {
      const hub = await t.fixture.hub();
      const device = await hub.addDevice(t.name);
      const token = hub.token(device, { key: newKey() });
      t.expect("return code", await MqttDevice.codeOf(hub, device, password(token)), refused);
    },
  },
  {
    id: "iot-hub/sign-in-other-device",
    section,
    title: "The token of another device is refused",
    azure: "CONNACK 5.",
    source: sources.hubSas,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      const device = await hub.addDevice(t.name);
      const token = hub.token(await hub.addDevice(`${t.name}-other`));
      t.expect("return code", await MqttDevice.codeOf(hub, device, password(token)), refused);
    },
  },
  {
    id: "iot-hub/sign-in-expired",
    section,
    title: "An expired token is refused",
    azure: "CONNACK 5.",
    source: sources.hubSas,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      const device = await hub.addDevice(t.name);
      // Azure accepts some difference of clocks.
      const token = hub.token(device, { expires: Math.floor(t.target.now() / 1000) - 3600 });
      t.expect("return code", await MqttDevice.codeOf(hub, device, password(token)), refused);
    },
  },
  {
    id: "iot-hub/sign-in-unknown",
    section,
    title: "A device that is not registered is refused",
    azure: "CONNACK 5.",
    source: sources.hubSdk,
    known: "SDK",
    async run(t) {
      const hub = await t.fixture.hub();
      const device = { id: t.name, primaryKey: newKey(), secondaryKey: newKey() };
      t.expect("return code", await MqttDevice.codeOf(hub, device), refused);
    },
  },
  {
    id: "iot-hub/sign-in-disabled",
    section,
    title: "A disabled device is refused, and accepted when it is enabled again",
    azure: "CONNACK 5, then 0.",
    source: sources.hubRegistry,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      const device = await hub.addDevice(t.name, { status: "disabled" });
      t.expect("disabled", await MqttDevice.codeOf(hub, device), refused);
      await hub.change(device, { status: "enabled" });
      const isAccepted = async () => (await MqttDevice.codeOf(hub, device)) === 0;
      t.measure("time until it is accepted", await t.until("the sign-in", 300, isAccepted));
      t.expect("enabled", await isAccepted(), true);
    },
  },
  {
    id: "iot-hub/sign-in-client-id",
    section,
    title: "The client ID of MQTT must be the device ID",
    azure: "CONNACK 5 for another client ID.",
    source: sources.hubMqtt,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      const device = await hub.addDevice(t.name);
      t.expect("return code", await MqttDevice.codeOf(hub, device, { clientId: "other" }), refused);
    },
  },
  {
    id: "iot-hub/disable-live-connection",
    section,
    title: "Disabling a device ends its open connection",
    azure: "The connection is closed. Azure documents no time; the run measures it.",
    source: sources.hubRegistry,
    known: "reported",
    differs: "After 1 s (`disconnectDelayMs`). Enabling the device within this delay keeps the connection.",
    async run(t) {
      const hub = await t.fixture.hub();
      const device = await hub.addDevice(t.name);
      await using client = await MqttDevice.signIn(hub, device);
      await hub.change(device, { status: "disabled" });
      t.measure("time from disabling to the end of the connection", await client.closed(closeSeconds));
      t.expect("connection is closed", client.isClosed, true);
      t.expect("a new sign-in", await MqttDevice.codeOf(hub, device), refused);
    },
  },
  {
    id: "iot-hub/delete-live-connection",
    section,
    title: "Deleting a device ends its open connection",
    azure: "The connection is closed. Azure documents no time; the run measures it.",
    source: sources.hubRegistry,
    known: "reported",
    differs: "After 1 s (`disconnectDelayMs`).",
    async run(t) {
      const hub = await t.fixture.hub();
      const device = await hub.addDevice(t.name);
      await using client = await MqttDevice.signIn(hub, device);
      await hub.remove(t.name);
      t.measure("time from deleting to the end of the connection", await client.closed(closeSeconds));
      t.expect("connection is closed", client.isClosed, true);
    },
  },
  {
    id: "iot-hub/new-keys-live-connection",
    section,
    title: "New keys of a device do not end its open connection, and refuse the old key",
    azure: "Not documented.",
    source: sources.hubSas,
    known: "inferred",
    differs: "The worse case: the open connection stays until its token expires.",
    async run(t) {
      const hub = await t.fixture.hub();
      const device = await hub.addDevice(t.name);
      await using client = await MqttDevice.signIn(hub, device);
      await hub.change({ id: t.name, primaryKey: newKey(), secondaryKey: newKey() }, {});
      await t.target.pass(10, "the IoT hub could close the connection of a device with new keys");
      t.expect("telemetry", await client.publish(`devices/${t.name}/messages/events/`, "{}", 1), "puback");
      const old = async () => (await MqttDevice.codeOf(hub, { ...device, id: t.name })) === refused;
      t.measure("time until the old key is refused", await t.until("the refusal", 300, old));
      t.expect("old key is refused", await old(), true);
    },
  },
  {
    id: "iot-hub/token-expiry-live-connection",
    section,
    title: "The hub closes a connection when its token expires",
    azure: "The connection is closed at the expiry, with some allowance.",
    source: sources.hubMqtt,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      const device = await hub.addDevice(t.name);
      const token = hub.token(device, { expires: Math.floor(t.target.now() / 1000) + 120 });
      await using client = await MqttDevice.signIn(hub, device, { keepalive: 1000, ...password(token) });
      await t.target.pass(125, "the device's token expires after 120 s");
      t.measure("time after the expiry", await client.closed(closeSeconds));
      t.expect("connection is closed", client.isClosed, true);
    },
  },
  {
    id: "iot-hub/second-connection",
    section,
    title: "A second connection of a device closes the first one",
    azure: "One connection a device; the newer one stays.",
    source: sources.hubMqtt,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      const device = await hub.addDevice(t.name);
      await using first = await MqttDevice.signIn(hub, device);
      await using second = await MqttDevice.signIn(hub, device);
      t.measure("time until the first one is closed", await first.closed(60));
      t.expect("first is closed", first.isClosed, true);
      t.expect("second", await second.publish(`devices/${t.name}/messages/events/`, "{}", 1), "puback");
    },
  },
  {
    id: "iot-hub/mqtt-qos-2",
    section,
    title: "Messages with quality of service 2 end the connection",
    azure: "The hub does not support QoS 2, and closes the connection.",
    source: sources.hubMqtt,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      await using client = await MqttDevice.signIn(hub, await hub.addDevice(t.name));
      t.expect("answer", await client.publish(`devices/${t.name}/messages/events/`, "{}", 2), "closed");
    },
  },
  {
    id: "iot-hub/mqtt-other-topic",
    section,
    title: "A message to the topic of another device ends the connection",
    azure: "The connection is closed.",
    source: sources.hubMqtt,
    known: "inferred",
    async run(t) {
      const hub = await t.fixture.hub();
      await using client = await MqttDevice.signIn(hub, await hub.addDevice(t.name));
      t.expect("answer", await client.publish("devices/another/messages/events/", "{}", 1), "closed");
    },
  },
  {
    id: "iot-hub/mqtt-keep-alive",
    section,
    title: "A silent connection ends after one and a half times its keep-alive time",
    azure: "Keep-alive of 2 s: closed after 3 s.",
    source: sources.mqtt,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      const device = await hub.addDevice(t.name);
      await using client = await MqttDevice.signIn(hub, device, { keepalive: 2 });
      t.measure("time until the end of the connection, keep-alive 2 s", await client.closed(120));
      t.expect("connection is closed", client.isClosed, true);
    },
  },
  {
    id: "iot-hub/connection-state",
    section,
    title: "The identity shows that the device is connected",
    azure: "`connectionState` is Connected, and Disconnected after the end of the connection.",
    source: sources.hubRegistry,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      const device = await hub.addDevice(t.name);
      const state = async () => (await hub.send("GET", `/devices/${t.name}`)).json.connectionState;
      const client = await MqttDevice.signIn(hub, device);
      const isConnected = async () => (await state()) === "Connected";
      t.measure("time until Connected", await t.until("Connected", 300, isConnected));
      await client[Symbol.asyncDispose]();
      const isDisconnected = async () => (await state()) === "Disconnected";
      t.measure("time until Disconnected", await t.until("Disconnected", 300, isDisconnected));
      t.expect("state at the end", await state(), "Disconnected");
    },
  },
  {
    id: "iot-hub/twin-over-mqtt",
    section,
    title: "A device reads its twin, reports properties and receives desired properties",
    azure:
      "Answers at `$iothub/twin/res/200/` and `/204/`, notifications at `$iothub/twin/PATCH/properties/desired/`.",
    source: sources.hubMqtt,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      await using client = await MqttDevice.signIn(hub, await hub.addDevice(t.name));
      t.expect("answers", await client.subscribe("$iothub/twin/res/#", 0), 0);
      t.expect("notifications", await client.subscribe("$iothub/twin/PATCH/properties/desired/#", 0), 0);
      client.post("$iothub/twin/GET/?$rid=1", "");
      const twin = await client.message("$iothub/twin/res/");
      t.expect("read", twin !== "closed" && twin.topic.replace(/\?.*/, ""), "$iothub/twin/res/200/");
      client.post("$iothub/twin/PATCH/properties/reported/?$rid=2", '{"firmware":"1.2"}');
      const reported = await client.message("$iothub/twin/res/");
      t.expect(
        "report",
        reported !== "closed" && reported.topic.replace(/\?.*/, ""),
        "$iothub/twin/res/204/",
      );
      await hub.send("PATCH", `/twins/${t.name}`, { body: { properties: { desired: { interval: 60 } } } });
      const notification = await client.message("$iothub/twin/PATCH/");
      t.expect("notification", notification !== "closed" && notification.json, { interval: 60, $version: 2 });
    },
  },
  {
    id: "iot-hub/method-answered",
    section,
    title: "A direct method returns the device's status and payload",
    azure: "200 with `status` and `payload`.",
    source: sources.hubMethods,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      await using client = await MqttDevice.signIn(hub, await hub.addDevice(t.name));
      await client.subscribe("$iothub/methods/POST/#", 0);
      const body = { methodName: "reboot", payload: { delay: 5 }, responseTimeoutInSeconds: 30 };
      const call = hub.send("POST", `/twins/${t.name}/methods`, { body });
      const request = await client.message("$iothub/methods/POST/");
      if (request === "closed") throw new Error("the connection was closed");
      t.expect("payload at the device", request.json, { delay: 5 });
      const rid = /\$rid=([^&]+)/.exec(request.topic)?.[1];
      client.post(`$iothub/methods/res/202/?$rid=${rid}`, '{"soon":true}');
      const { status, json } = await call;
      t.expect("answer", [status, json?.status, json?.payload], [200, 202, { soon: true }]);
    },
  },
  {
    id: "iot-hub/method-offline",
    section,
    title: "A direct method to a device that is not connected is refused",
    azure: "404 `DeviceNotOnline` with the code 404103.",
    source: sources.hubErrors,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      await hub.addDevice(t.name);
      const body = { methodName: "reboot" };
      const answer = await hub.send("POST", `/twins/${t.name}/methods`, { body });
      t.expect("answer", [answer.status, HubClient.codeOf(answer)], [404, "DeviceNotOnline"]);
      t.expect("code in the body", answer.text.includes("404103"), true);
    },
  },
  {
    id: "iot-hub/method-no-answer",
    section,
    title: "A direct method without an answer of the device ends at its timeout",
    azure: "504 `GatewayTimeout` with the code 504101 after `responseTimeoutInSeconds`, 5 at least.",
    source: sources.hubErrors,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      await using client = await MqttDevice.signIn(hub, await hub.addDevice(t.name));
      await client.subscribe("$iothub/methods/POST/#", 0);
      const body = { methodName: "sleep", responseTimeoutInSeconds: 5 };
      const start = performance.now();
      const call = hub.send("POST", `/twins/${t.name}/methods`, { body });
      await client.message("$iothub/methods/POST/");
      const answer = await call;
      t.measure("time until the answer, timeout 5 s", performance.now() - start);
      t.expect("answer", [answer.status, HubClient.codeOf(answer)], [504, "GatewayTimeout"]);
    },
  },
  {
    id: "iot-hub/method-timeouts",
    section,
    title: "The timeout of a direct method is 5 to 300 seconds",
    azure: "400 for 4 and 301.",
    source: sources.hubMethods,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      await hub.addDevice(t.name);
      for (const responseTimeoutInSeconds of [4, 301]) {
        const body = { methodName: "reboot", responseTimeoutInSeconds };
        const { status } = await hub.send("POST", `/twins/${t.name}/methods`, { body });
        t.expect(`${responseTimeoutInSeconds} s`, status, 400);
      }
    },
  },
];

const messages = "iot-hub/messages";

/** Messages of devices over REST. */
export const messageChecks: Check[] = [
  {
    id: "iot-hub/event-http",
    section: messages,
    title: "A device sends telemetry over REST with its own token only",
    azure: "204; 401 with the token of another device.",
    source: sources.hubDeviceRest,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      const device = await hub.addDevice(t.name);
      const other = await hub.addDevice(`${t.name}-other`);
      const post = async (token: string) =>
        (
          await send(
            t.target,
            "POST",
            `https://${hub.host}/devices/${t.name}/messages/events?api-version=2021-04-12`,
            { headers: { authorization: token }, body: "{}" },
          )
        ).status;
      t.expect("own token", await post(hub.token(device)), 204);
      t.expect("other token", await post(hub.token(other)), 401);
    },
  },
  {
    id: "iot-hub/event-size",
    section: messages,
    title: "A message of a device has 256 KB at most",
    azure: "413 `MessageTooLarge` for 300,000 bytes.",
    source: sources.hubQuotas,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      const device = await hub.addDevice(t.name);
      const url = `https://${hub.host}/devices/${t.name}/messages/events?api-version=2021-04-12`;
      const answer = await send(t.target, "POST", url, {
        headers: { authorization: hub.token(device) },
        body: "x".repeat(300_000),
      });
      t.expect("answer", [answer.status, HubClient.codeOf(answer)], [413, "MessageTooLarge"]);
    },
  },
  {
    id: "iot-hub/bound-empty",
    section: messages,
    title: "A device without waiting messages gets an empty answer",
    azure: "GET of deviceBound is a 204.",
    source: sources.hubDeviceRest,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      const device = await hub.addDevice(t.name);
      const url = `https://${hub.host}/devices/${t.name}/messages/deviceBound?api-version=2021-04-12`;
      const { status } = await send(t.target, "GET", url, {
        headers: { authorization: hub.token(device) },
      });
      t.expect("status", status, 204);
    },
  },
];
