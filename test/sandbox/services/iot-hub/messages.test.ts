import { once } from "node:events";
import deviceSdk from "azure-iot-device";
import iothub from "azure-iothub";
import rhea from "rhea";
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
import { addDevice, type Client, deviceToken, noRetry } from "./official-device.ts";

interface FeedbackRecord {
  originalMessageId: string;
  statusCode: string;
  deviceId: string;
  deviceGenerationId: string;
}

let hub: HubUnderTest;
let as: Principal;
let routes: Disposable;
let service: iothub.Client;
const feedback: FeedbackRecord[] = [];
const open: Client[] = [];

const serviceClient = (principal: Principal, over: "ws" | "tcp" = "ws"): iothub.Client => {
  const transport = over === "ws" ? iothub.AmqpWs : iothub.Amqp;
  const client = iothub.Client.fromTokenCredential(hub.host, principal as never, transport as never);
  client.setRetryPolicy(noRetry as never);
  return client;
};

beforeAll(async () => {
  hub = await startHub({
    properties: {
      disableLocalAuth: true,
      cloudToDevice: { defaultTtlAsIso8601: "PT10M", maxDeliveryCount: 3 },
    },
  });
  as = hub.principal("IoT Hub Data Contributor");
  routes = await routeHubsTo(hub.proxy);
  service = serviceClient(as);
  const { result: receiver } = await service.getFeedbackReceiver();
  receiver.on("message", (message: { getData(): Buffer }) => {
    feedback.push(...(JSON.parse(message.getData().toString()) as FeedbackRecord[]));
  });
});
afterAll(async () => {
  for (const client of open) await client.close();
  await service.close();
  routes[Symbol.dispose]();
  await hub[Symbol.asyncDispose]();
});

const message = (id: string, options: { ack?: string; ttlMs?: number; body?: string } = {}) => {
  const created = new deviceSdk.Message(options.body ?? `body of ${id}`);
  created.messageId = id;
  if (options.ack) created.ack = options.ack;
  if (options.ttlMs) created.expiryTimeUtc = hub.clock.now() + options.ttlMs;
  created.properties.add("kind", "offer & more");
  return created as never;
};
/** Opens a client and collects its messages. */
const listen = async (client: Client): Promise<deviceSdk.Message[]> => {
  const messages: deviceSdk.Message[] = [];
  open.push(client);
  await client.open();
  client.on("message", (received) => messages.push(received));
  return messages;
};
const outcome = (id: string) =>
  waitFor(`feedback on message ${id}`, () => feedback.find((record) => record.originalMessageId === id));
const pending = async (id: string) => {
  const { body } = await rest(hub, "GET", `/devices/${id}`, { as });
  return (JSON.parse(body) as { cloudToDeviceMessageCount: number }).cloudToDeviceMessageCount;
};

test.each(["ws", "tcp"] as const)(
  "a message sent over AMQP (%s) reaches the connected device",
  async (over) => {
    const id = `c2d-${over}`;
    const messages = await listen((await addDevice(hub, as, id)).client());
    const sender = serviceClient(as, over);
    await sender.send(id, message(`m-${over}`, { ack: "full" }));
    const received = await waitFor("the message", () => messages[0]);
    expect(received.messageId).toBe(`m-${over}`);
    expect(received.getData().toString()).toBe(`body of m-${over}`);
    expect(received.properties.propertyList).toContainEqual({ key: "kind", value: "offer & more" });
    expect(await outcome(`m-${over}`)).toMatchObject({ statusCode: "Success", deviceId: id });
    expect(await pending(id)).toBe(0);
    await sender.close();
  },
);

test("messages to an offline device survive a restart and arrive in order", async () => {
  const one = await addDevice(hub, as, "off-1");
  for (const number of [1, 2, 3]) await service.send("off-1", message(`off-${number}`));
  expect(await pending("off-1")).toBe(3);
  const { createIotHub } = await import("../../../../sandbox/services/iot-hub/iot-hub.ts");
  createIotHub(hub.azure).close();
  expect(await pending("off-1")).toBe(3);
  const messages = await listen(one.client());
  await waitFor("three messages", () => messages.length === 3);
  expect(messages.map(({ messageId }) => messageId)).toEqual(["off-1", "off-2", "off-3"]);
  await waitFor("the queue to be empty", async () => (await pending("off-1")) === 0);
});

test("a device's queue accepts 50 messages and can be purged", async () => {
  await addDevice(hub, as, "full-1");
  await service.send("full-1", message("full", { ack: "full" }));
  await Promise.all(
    Array.from({ length: 49 }, (_, index) => service.send("full-1", message(`full-${index}`))),
  );
  expect((await refusal(service.send("full-1", message("full-50")))).name).toBe(
    "DeviceMaximumQueueDepthExceededError",
  );
  const purge = await rest(hub, "DELETE", "/devices/full-1/commands", { as });
  expect(JSON.parse(purge.body)).toMatchObject({ deviceId: "full-1", totalMessagesPurged: 50 });
  expect(await pending("full-1")).toBe(0);
  expect((await outcome("full")).statusCode).toBe("Purged");
});

test("a message expires by its own or the hub's time to live, with feedback if requested", async () => {
  const one = await addDevice(hub, as, "late-1");
  await service.send("late-1", message("short", { ack: "negative", ttlMs: 60_000 }));
  await service.send("late-1", message("silent", { ack: "positive", ttlMs: 60_000 }));
  await service.send("late-1", message("default", { ack: "full" }));
  hub.clock.move(60_000);
  expect((await outcome("short")).statusCode).toBe("Expired");
  expect(await pending("late-1")).toBe(1);
  hub.clock.move(540_000);
  expect((await outcome("default")).statusCode).toBe("Expired");
  hub.clock.move(-600_000);
  const messages = await listen(one.client());
  await service.send("late-1", message("fresh"));
  await waitFor("a message", () => messages.length > 0);
  expect(messages.map(({ messageId }) => messageId)).toEqual(["fresh"]);
  expect(feedback.some(({ originalMessageId }) => originalMessageId === "silent")).toBe(false);
});

test("a refused message is the matching error class of the official SDK", async () => {
  await addDevice(hub, as, "errors-1");
  expect((await refusal(service.send("unknown", message("a")))).name).toBe("DeviceNotFoundError");
  const long = { ttlMs: 2 * 24 * 3_600_000 + 60_000 };
  expect((await refusal(service.send("errors-1", message("b", long)))).name).toBe("ArgumentOutOfRangeError");
  const large = { body: "x".repeat(64 * 1024 + 1) };
  expect((await refusal(service.send("errors-1", message("c", large)))).name).toBe("MessageTooLargeError");
  await hub.registry(as).update({ deviceId: "errors-1", status: "disabled" });
  expect((await refusal(service.send("errors-1", message("d")))).name).toBe("DeviceNotFoundError");
  expect(await pending("errors-1")).toBe(0);
});

test("a message that does not fit in an MQTT topic is refused, and later messages arrive", async () => {
  const one = await addDevice(hub, as, "long-1");
  const messages = await listen(one.client({ over: "tcp" }));
  const sending = (change: (created: deviceSdk.Message) => void) => {
    const created = new deviceSdk.Message("x");
    change(created);
    return service.send("long-1", created as never);
  };
  const tooLong: [string, (created: deviceSdk.Message) => void][] = [
    ["ArgumentError", (created) => Object.assign(created, { messageId: "m".repeat(129) })],
    ["ArgumentError", (created) => Object.assign(created, { messageId: "no space" })],
    ["ArgumentError", (created) => Object.assign(created, { correlationId: "c".repeat(129) })],
    ["ArgumentError", (created) => created.properties.add("p", "å")],
    ["ArgumentError", (created) => created.properties.add("a name", "x")],
    ["MessageTooLargeError", (created) => Object.assign(created, { contentType: "t".repeat(65_536) })],
    ["MessageTooLargeError", (created) => created.properties.add("p", "x".repeat(65_535))],
    // Within 64 KB, but three times as long in a topic, where each character is escaped.
    ["MessageTooLargeError", (created) => created.properties.add("p", "?".repeat(30_000))],
  ];
  for (const [name, change] of tooLong) expect((await refusal(sending(change))).name).toBe(name);
  expect(await pending("long-1")).toBe(0);
  await sending((created) => Object.assign(created, { messageId: "m".repeat(128) }));
  await sending((created) => created.properties.add("p", "?".repeat(21_000)));
  await waitFor("two messages", () => messages.length === 2);
  expect(messages[0]!.messageId).toBe("m".repeat(128));
  expect(messages[1]!.properties.getValue("p")).toHaveLength(21_000);
  await waitFor("the queue to be empty", async () => (await pending("long-1")) === 0);
});

test("a message with an annotation is refused with the annotation's name", async () => {
  await addDevice(hub, as, "parts-1");
  const created = new deviceSdk.Message("x");
  // The SDK sends this property as an annotation.
  created.properties.add("dt-subject", "part");
  const refused = await refusal(service.send("parts-1", created as never));
  expect([refused.name, refused.cause]).toContain("NotImplementedError");
  expect(await pending("parts-1")).toBe(0);
});

test("sending a message without its role or without a valid token is refused", async () => {
  const reader = serviceClient(hub.principal("IoT Hub Data Reader"));
  expect((await refusal(reader.send("errors-1", message("a")))).name).toBe("UnauthorizedError");
  await reader.close().catch(() => {});
  const stranger = serviceClient({ ...as, getToken: async () => ({ token: "none", expiresOnTimestamp: 0 }) });
  // The SDK wraps the error of $cbs.
  expect((await refusal(stranger.send("errors-1", message("a")))).cause).toBe("UnauthorizedError");
});

test("$cbs accepts put-token only, and an invalid token leaves the earlier one valid", async () => {
  const port = await hub.proxy.listen(0, 5671);
  const options = { host: "127.0.0.1", port, servername: hub.host, transport: "tls", reconnect: false };
  const connection = rhea.create_container().connect(options as rhea.ConnectionOptions);
  const [sender] = [connection.open_sender("$cbs"), connection.open_receiver("$cbs")];
  const statuses: unknown[] = [];
  connection.on("message", ({ message: answer }) => {
    statuses.push(answer?.application_properties?.["status-code"]);
  });
  const put = async (operation: string, body: string) => {
    const before = statuses.length;
    sender.send({ application_properties: { operation }, body });
    await waitFor(`the answer to ${operation}`, () => statuses.length > before);
  };
  await once(sender, "sendable");
  await put("delete-token", (await as.getToken()).token);
  await put("put-token", `Bearer ${(await as.getToken()).token}`);
  await put("put-token", "none");
  // The SDKs for Node, Java and Python write the scheme before the token.
  await put("put-token", (await as.getToken()).token);
  await put("put-token", deviceToken(hub, await addDevice(hub, as, "cbs-1")));
  expect(statuses).toEqual([501, 200, 401, 401, 501]);
  expect(hub.logged.at(-1)).toContain("does not know AMQP for devices");
  const messages = connection.open_sender("/messages/devicebound");
  await once(messages, "sendable");
  connection.close();
});

test("uAMQP, the library of the C and Python SDKs, gets its mechanism, an int status, both addresses and full addresses", async () => {
  const port = await hub.proxy.listen(0, 5671);
  const options = { host: "127.0.0.1", port, servername: hub.host, transport: "tls", reconnect: false };
  const container = rhea.create_container();
  const mechanisms = container.sasl.client_mechanisms();
  mechanisms.enable_anonymous("");
  // The anonymous mechanism under the name that uAMQP uses.
  const sasl_mechanisms = { MSSBCBS: (mechanisms as unknown as { ANONYMOUS: unknown }).ANONYMOUS };
  const connection = container.connect({ ...options, sasl_mechanisms } as never);
  let bytes = Buffer.alloc(0);
  const { socket } = connection as unknown as { socket: NodeJS.EventEmitter };
  socket.on("data", (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
  });
  const [put] = [connection.open_sender("$cbs"), connection.open_receiver("$cbs")];
  await once(put, "sendable");
  put.send({
    application_properties: { operation: "put-token" },
    body: `Bearer ${(await as.getToken()).token}`,
  });
  await once(connection, "message");
  expect(bytes.toString("latin1")).toMatch(/status-code\x71/);
  const address = `amqps://${hub.host}/messages/deviceBound`;
  const messages = connection.open_sender({ target: { address }, source: { address: "here" } });
  await once(messages, "sendable");
  expect([messages.source.address, messages.target.address]).toEqual(["here", address]);
  const elsewhere = connection.open_sender("amqps://other.azure-devices.net/messages/deviceBound");
  const [{ sender }] = await once(elsewhere, "sender_error");
  expect(sender.error.condition).toBe("amqp:not-implemented");
  connection.close();
});

test("the hub closes a connection of the service side when its token expires", async () => {
  await using other = await startHub();
  using _ = await routeHubsTo(other.proxy);
  const operator = other.principal("IoT Hub Data Contributor");
  await addDevice(other, operator, "amqp-1");
  const sender = iothub.Client.fromTokenCredential(other.host, operator as never, iothub.AmqpWs as never);
  await sender.open();
  await sender.send("amqp-1", message("before"));
  const disconnected = once(sender, "disconnect");
  other.clock.move(3_601_000);
  await disconnected;
});

test("a device receives, abandons, rejects and completes messages over HTTPS", async () => {
  const one = await addDevice(hub, as, "https-1");
  const headers = { authorization: deviceToken(hub, one) };
  const inbox = "/devices/https-1/messages/deviceBound";
  const fetchOne = () => rest(hub, "GET", inbox, { headers });
  const lockOf = (answer: { headers: Record<string, unknown> }) => String(answer.headers.etag).slice(1, -1);
  expect((await fetchOne()).status).toBe(204);
  await service.send("https-1", message("h-1", { ack: "full" }));
  await service.send("https-1", message("h-2", { ack: "full" }));
  const first = await fetchOne();
  expect(first.status).toBe(200);
  expect(first.body).toBe("body of h-1");
  expect(first.headers).toMatchObject({
    "iothub-messageid": "h-1",
    "iothub-deliverycount": "0",
    "iothub-app-kind": "offer & more",
  });
  const second = await fetchOne();
  expect(second.headers["iothub-messageid"]).toBe("h-2");
  expect((await fetchOne()).status).toBe(204);

  const settle = (method: string, path: string) => rest(hub, method, `${inbox}/${path}`, { headers });
  expect((await settle("DELETE", `${lockOf(second)}?reject`)).status).toBe(204);
  expect((await outcome("h-2")).statusCode).toBe("Rejected");
  // An expired lock settles nothing, and the message is delivered again without counting a delivery.
  hub.clock.move(60_000);
  const lost = await settle("DELETE", lockOf(first));
  expect([lost.status, lost.headers["iothub-errorcode"]]).toEqual([412, "DeviceMessageLockLost"]);
  for (const count of [0, 1, 2]) {
    const again = await fetchOne();
    expect(again.headers["iothub-deliverycount"]).toBe(String(count));
    expect((await settle("POST", `${lockOf(again)}/abandon`)).status).toBe(204);
  }
  expect((await fetchOne()).status).toBe(204);
  expect((await outcome("h-1")).statusCode).toBe("DeliveryCountExceeded");
  hub.clock.move(-60_000);

  await service.send("https-1", message("h-3", { ack: "full" }));
  expect((await settle("DELETE", lockOf(await fetchOne()))).status).toBe(204);
  expect((await outcome("h-3")).statusCode).toBe("Success");
});

test("a device sends one event or a batch over HTTPS, and another device's token is refused", async () => {
  const one = await addDevice(hub, as, "https-2");
  const headers = {
    authorization: deviceToken(hub, one),
    "iothub-app-kind": "x",
    "iothub-messageid": "e-1",
    "iothub-interface-id": "urn:example",
  };
  const events = "/devices/https-2/messages/events";
  expect((await rest(hub, "POST", events, { headers, body: { badge: 1 } })).status).toBe(204);
  const batch = [{ body: Buffer.from("two").toString("base64"), properties: { "iothub-app-kind": "y" } }];
  const batchHeaders = { ...headers, "content-type": "application/vnd.microsoft.iothub.json" };
  expect((await rest(hub, "POST", events, { headers: batchHeaders, body: batch })).status).toBe(204);
  const taken = hub.hub.telemetry.read("example-hub").filter(({ deviceId }) => deviceId === "https-2");
  expect(taken.map(({ body, properties }) => [body.toString(), properties])).toEqual([
    ['{"badge":1}', { kind: "x" }],
    ["two", { kind: "y" }],
  ]);
  expect(taken[0]!.others).toMatchObject({ "iothub-interface-id": "urn:example" });
  const foreign = { authorization: deviceToken(hub, await addDevice(hub, as, "https-3")) };
  expect((await rest(hub, "POST", events, { headers: foreign, body: {} })).status).toBe(401);
  await hub.registry(as).update({
    deviceId: "https-2",
    status: "disabled",
    authentication: { symmetricKey: { primaryKey: one.primaryKey, secondaryKey: one.secondaryKey } },
  });
  const disabled = await rest(hub, "POST", events, { headers, body: {} });
  expect([disabled.status, disabled.headers["iothub-errorcode"]]).toEqual([403, "DeviceDisabled"]);
});
