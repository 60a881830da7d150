import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { waitFor } from "../../../support/wait-for.ts";
import {
  type HubUnderTest,
  type Principal,
  refusal,
  rest,
  routeHubsTo,
  startHub,
} from "./iot-hub-harness.ts";
import { addDevice, type Client, Message, newKey, noRetry } from "./official-device.ts";

let hub: HubUnderTest;
let as: Principal;
let routes: Disposable;
const open: Client[] = [];

beforeAll(async () => {
  hub = await startHub({ disconnectDelayMs: 60_000 });
  as = hub.principal("IoT Hub Data Contributor");
  routes = await routeHubsTo(hub.proxy);
});
afterAll(async () => {
  for (const client of open) await client.close();
  routes[Symbol.dispose]();
  await hub[Symbol.asyncDispose]();
});

const device = (id: string) => addDevice(hub, as, id);
const opened = async (client: Client): Promise<Client> => {
  open.push(client);
  await client.open();
  return client;
};
const identity = async (id: string) =>
  JSON.parse((await rest(hub, "GET", `/devices/${id}`, { as })).body) as Record<string, string>;
const twinOf = async (id: string) =>
  JSON.parse((await rest(hub, "GET", `/twins/${id}`, { as })).body) as {
    connectionState: string;
    properties: { desired: Record<string, unknown>; reported: Record<string, unknown> };
  };
const telemetryOf = (id: string) =>
  hub.hub.telemetry.read("example-hub").filter((message) => message.deviceId === id);

test.each(["ws", "tcp"] as const)(
  "the official SDK connects and sends telemetry over MQTT (%s)",
  async (over) => {
    const id = `telemetry-${over}`;
    const client = await opened((await device(id)).client({ over }));
    const message = new Message(JSON.stringify({ badge: 7 }));
    message.messageId = "m-1";
    message.contentType = "application/json";
    message.properties.add("kind", "a & b = c/d");
    await client.sendEvent(message);
    expect(telemetryOf(id)).toMatchObject([
      { messageId: "m-1", contentType: "application/json", properties: { kind: "a & b = c/d" } },
    ]);
    expect(telemetryOf(id)[0]!.body.toString()).toBe('{"badge":7}');
    const connected = await identity(id);
    expect(connected.connectionState).toBe("Connected");
    expect(connected.lastActivityTime).not.toMatch(/^0001/);
    await client.close();
    await waitFor(
      "the twin to show the device as disconnected",
      async () => (await twinOf(id)).connectionState === "Disconnected",
    );
  },
);

test("a device signs in with either of its keys, and with no other device's key", async () => {
  const one = await device("keys-1");
  const other = await device("keys-2");
  await (await opened(one.client({ key: one.secondaryKey }))).close();
  for (const key of [newKey(), other.primaryKey]) {
    expect((await refusal(one.client({ key }).open())).name).toBe("UnauthorizedError");
  }
  const { default: sdk } = await import("azure-iot-device");
  const { default: mqtt } = await import("azure-iot-device-mqtt");
  const unknown = sdk.Client.fromConnectionString(
    `HostName=${hub.host};DeviceId=unknown;SharedAccessKey=${newKey()}`,
    mqtt.MqttWs,
  );
  unknown.setOptions({ mqtt: { webSocketAgent: hub.agent() } } as never, () => {});
  unknown.setRetryPolicy(noRetry);
  expect((await refusal(unknown.open())).name).toBe("UnauthorizedError");
  expect(hub.logged.join("\n")).not.toContain("sig=");
});

test("a disabled device cannot sign in, and with disableDeviceSAS no device can", async () => {
  const one = await device("disabled-1");
  await hub.registry(as).update({ deviceId: one.id, status: "disabled" });
  const { authentication } = (await hub.registry(as).get(one.id)).responseBody;
  const key = authentication!.symmetricKey!.primaryKey!;
  expect((await refusal(one.client({ key }).open())).name).toBe("UnauthorizedError");

  await using withoutDeviceSas = await startHub({
    properties: { disableLocalAuth: true, disableDeviceSAS: true },
  });
  const operator = withoutDeviceSas.principal("IoT Hub Data Contributor");
  const two = await addDevice(withoutDeviceSas, operator, "t-1");
  expect((await refusal(two.client().open())).name).toBe("UnauthorizedError");
});

test("a connected device reads its twin, reports properties and receives desired properties", async () => {
  const client = await opened((await device("twin-1")).client());
  const twin = await client.getTwin();
  expect(twin.properties.desired.$version).toBe(1);
  await new Promise<void>((resolve, reject) =>
    twin.properties.reported.update({ firmware: "1.2", sites: ["a"] }, (error: Error) =>
      error ? reject(error) : resolve(),
    ),
  );
  const stored = await twinOf("twin-1");
  expect(stored.properties.reported).toMatchObject({ firmware: "1.2", sites: ["a"], $version: 2 });

  const patches: Record<string, unknown>[] = [];
  twin.on("properties.desired", (patch) => patches.push(patch));
  await waitFor("the first desired properties", () => patches.length === 1);
  const body = { properties: { desired: { interval: 60, old: 1 } } };
  await rest(hub, "PATCH", "/twins/twin-1", { as, body });
  await rest(hub, "PATCH", "/twins/twin-1", { as, body: { properties: { desired: { old: null } } } });
  await waitFor("both patches", () => patches.length === 3);
  expect(patches[1]).toEqual({ interval: 60, old: 1, $version: 2 });
  expect(patches[2]).toEqual({ old: null, $version: 3 });

  const tooMuch = { blob: Array.from({ length: 9 }, () => "x".repeat(1000)) };
  const error = await new Promise<Error | undefined>((resolve) =>
    twin.properties.reported.update(tooMuch, resolve),
  );
  expect(error?.message).toContain("4096");
});

test("a direct method returns the device's answer, or the service's error code for no answer, offline and unknown devices", async () => {
  const client = await opened((await device("method-1")).client());
  client.onDeviceMethod("reboot", (request, response) => {
    response.send(202, { got: request.payload }, () => {});
  });
  client.onDeviceMethod("sleep", () => {});
  await waitFor("the device to connect", () => hub.hub.connected() > 0);
  const invoke = (id: string, body: object) => rest(hub, "POST", `/twins/${id}/methods`, { as, body });
  const answer = await waitFor("an answer of the method", async () => {
    const result = await invoke("method-1", { methodName: "reboot", payload: { delay: 5 } });
    return result.status === 200 && result;
  });
  expect(JSON.parse(answer.body)).toEqual({ status: 202, payload: { got: { delay: 5 } } });

  const late = await invoke("method-1", { methodName: "sleep", responseTimeoutInSeconds: 5 });
  expect([late.status, late.headers["iothub-errorcode"]]).toEqual([504, "GatewayTimeout"]);
  await client.close();
  const offline = await waitFor("the device to be offline", async () => {
    const result = await invoke("method-1", { methodName: "reboot" });
    return result.status === 404 && result;
  });
  expect(offline.headers["iothub-errorcode"]).toBe("DeviceNotOnline");
  expect(JSON.parse((JSON.parse(offline.body) as { Message: string }).Message)).toMatchObject({
    errorCode: 404103,
  });
  const unknown = await invoke("unknown", { methodName: "reboot" });
  expect(unknown.headers["iothub-errorcode"]).toBe("DeviceNotFound");
  const bad = { methodName: "a", connectTimeoutInSeconds: 60, responseTimeoutInSeconds: 30 };
  expect((await invoke("method-1", bad)).status).toBe(400);
});

test("a direct method with a connection timeout waits for the device to connect", async () => {
  const one = await device("method-2");
  const body = { methodName: "hello", connectTimeoutInSeconds: 10, responseTimeoutInSeconds: 20 };
  const call = rest(hub, "POST", "/twins/method-2/methods", { as, body });
  const client = one.client();
  client.onDeviceMethod("hello", (_, response) => response.send(200, "here", () => {}));
  await opened(client);
  expect(JSON.parse((await call).body)).toEqual({ status: 200, payload: "here" });
});

test("a second connection of a device closes the first one", async () => {
  const one = await device("twice-1");
  const first = await opened(one.client());
  const disconnected = once(first, "disconnect");
  const second = await opened(one.client());
  await disconnected;
  await second.sendEvent(new Message("still here"));
  expect(telemetryOf("twice-1")).toHaveLength(1);
  expect((await identity("twice-1")).connectionState).toBe("Connected");
});

test("the hub closes a connection when its token expires", async () => {
  const client = await opened((await device("expiry-1")).client());
  const disconnected = once(client, "disconnect");
  hub.clock.move(3_700_000);
  await disconnected;
  hub.clock.move(-3_700_000);
  expect(hub.logged.some((line) => line.includes("expiry-1") && line.includes("token has expired"))).toBe(
    true,
  );
});

test("disabling or deleting a device closes its connection after the delay, new device keys do not", async () => {
  for (const change of ["disable", "delete", "new key"] as const) {
    const id = `ends-${change.replace(" ", "-")}`;
    const client = await opened((await device(id)).client());
    let isDisconnected = false;
    client.on("disconnect", () => {
      isDisconnected = true;
    });
    if (change === "delete") await hub.registry(as).delete(id);
    else
      await hub.registry(as).update({ deviceId: id, status: change === "disable" ? "disabled" : "enabled" });
    await client.sendEvent(new Message("within the delay"));
    expect(telemetryOf(id)).toHaveLength(1);
    hub.clock.move(60_000);
    if (change === "new key") {
      await client.sendEvent(new Message("still connected"));
      expect(isDisconnected).toBe(false);
      continue;
    }
    await waitFor("the hub to close the connection", () => isDisconnected);
    if (change === "disable") expect((await identity(id)).connectionState).toBe("Disconnected");
  }
});

test("a device that is disabled and enabled again within the delay stays connected", async () => {
  const client = await opened((await device("again-1")).client());
  await hub.registry(as).update({ deviceId: "again-1", status: "disabled" });
  await hub.registry(as).update({ deviceId: "again-1", status: "enabled" });
  hub.clock.move(61_000);
  await client.sendEvent(new Message("still here"));
  expect(telemetryOf("again-1")).toHaveLength(1);
});

test("the official SDK reconnects after a dropped connection and to renew its token", async () => {
  // Other tests move the clock of the shared hub.
  await using other = await startHub();
  const operator = other.principal("IoT Hub Data Contributor");
  const client = (await addDevice(other, operator, "back-1")).client();
  client.setRetryPolicy({ shouldRetry: () => true, nextRetryTimeout: () => 50 } as never);
  const tokenRenewal = { tokenValidTimeInSeconds: 4, tokenRenewalMarginInSeconds: 3 };
  // setOptions replaces earlier options, so the agent is set again.
  client.setOptions({ tokenRenewal, mqtt: { webSocketAgent: other.agent() } } as never, () => {});
  await client.open();
  // The SDK reconnects only when it has subscriptions.
  client.on("message", () => {});
  await waitFor("the device to subscribe", () =>
    other.azure.store.db.prepare("SELECT 1 FROM iothub_mqtt_sessions WHERE subscriptions <> '[]'").get(),
  );
  expect(other.hub.dropConnections()).toBe(1);
  await waitFor("the device to connect again", () => other.hub.connected() === 1);
  // To renew a token the SDK connects again. After more than four seconds the first token has expired.
  await sleep(5000);
  await client.sendEvent(new Message("still here"));
  expect(other.hub.telemetry.count("example-hub")).toBe(1);
  expect(other.logged.some((line) => line.includes("token has expired"))).toBe(false);
  await client.close();
});
