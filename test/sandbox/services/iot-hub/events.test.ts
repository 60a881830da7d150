import { createHmac } from "node:crypto";
import { AzureSASCredential } from "@azure/core-auth";
import {
  EventHubConsumerClient,
  type EventPosition,
  earliestEventPosition,
  latestEventPosition,
  type ReceivedEventData,
  type SubscribeOptions,
} from "@azure/event-hubs";
import { afterAll, beforeAll, expect, test } from "vitest";
import WebSocket from "ws";
import { partitionOf } from "../../../../sandbox/services/iot-hub/events/event-store.ts";
import { waitFor } from "../../../support/wait-for.ts";
import { named, type Policy, registryOf, sas, startDeclaredHub } from "./declared-hub.ts";
import { rest, routeHubsTo } from "./iot-hub-harness.ts";

type Declared = Awaited<ReturnType<typeof startDeclaredHub>>;

let declared: Declared;
let policies: Policy[];
let endpoint: string;

beforeAll(async () => {
  declared = await startDeclaredHub({ eventHubEndpoints: { events: { retentionTimeInDays: 2 } } });
  policies = await declared.policies();
  const { body } = await declared.calls.send("GET", declared.hub.resourceId);
  ({ endpoint } = body.properties.eventHubEndpoints.events);
  const registry = registryOf(declared.hub, named(policies, "iothubowner"));
  for (const deviceId of ["door-1", "door-2"]) await registry.create({ deviceId });
});

afterAll(() => declared[Symbol.asyncDispose]());

/** The official client, over WebSocket through the proxy. */
function client(policy: Pick<Policy, "keyName" | "primaryKey">, group = "$Default"): EventHubConsumerClient {
  const { keyName, primaryKey } = policy;
  return new EventHubConsumerClient(
    group,
    `Endpoint=${endpoint};SharedAccessKeyName=${keyName};SharedAccessKey=${primaryKey};EntityPath=example-hub`,
    options(),
  );
}

const options = () => ({
  webSocketOptions: { webSocket: WebSocket, webSocketConstructorOptions: { agent: declared.hub.agent() } },
  retryOptions: { maxRetries: 0, timeoutInMs: 10_000 },
});

const hostOf = (url: string) => new URL(url.replace("sb:", "https:")).host;

async function send(deviceId: string, text: string, headers: Record<string, string> = {}): Promise<void> {
  const resource = `${declared.hub.host}/devices/${deviceId}`;
  const authorization = sas(resource, named(policies, "device"), declared.hub.clock.now() / 1000 + 60);
  const path = `/devices/${deviceId}/messages/events`;
  const { status } = await rest(declared.hub, "POST", path, { headers: { authorization, ...headers }, text });
  expect(status).toBe(204);
}

/**
 * Receives until there are as many events, and closes the receiver.
 * @param untilThen Called again and again until then: a receiver at the end misses what is sent before it is open.
 */
async function receive(
  from: EventHubConsumerClient,
  deviceId: string,
  startPosition: EventPosition,
  count: number,
  untilThen: () => Promise<void> = async () => {},
  settings: SubscribeOptions = {},
): Promise<ReceivedEventData[]> {
  const events: ReceivedEventData[] = [];
  const errors: Error[] = [];
  const handlers = {
    processEvents: async (received: ReceivedEventData[]) => void events.push(...received),
    processError: async (error: Error) => void errors.push(error),
  };
  const partition = String(partitionOf(deviceId, 4));
  const subscription = from.subscribe(partition, handlers, {
    startPosition,
    maxWaitTimeInSeconds: 1,
    ...settings,
  });
  await waitFor(
    `${count} events of ${deviceId}`,
    async () => {
      if (events.length >= count || errors.length > 0) return true;
      await untilThen();
      return false;
    },
    { withinMs: 15_000, everyMs: 100 },
  );
  await subscription.close();
  if (errors[0]) throw errors[0];
  return events;
}

test("a client of Event Hubs reads what devices send, with the system properties", async () => {
  await send("door-1", '{"opened":true}', {
    "iothub-app-kind": "door",
    "iothub-messageid": "m-1",
    "iothub-correlationid": "c-1",
    "iothub-contenttype": "application/json",
  });
  const reader = client(named(policies, "service"));
  const before = declared.hub.clock.now();
  const [event] = await receive(reader, "door-1", earliestEventPosition, 1);
  const { body, properties, systemProperties, sequenceNumber, offset, enqueuedTimeUtc } = event!;
  expect({ body, properties, sequenceNumber, offset }).toEqual({
    body: { opened: true },
    properties: { kind: "door" },
    sequenceNumber: 0,
    offset: "0",
  });
  expect([event!.messageId, event!.correlationId, event!.contentType]).toEqual([
    "m-1",
    "c-1",
    "application/json",
  ]);
  expect(Math.abs(enqueuedTimeUtc.getTime() - before)).toBeLessThan(60_000);
  expect(systemProperties).toMatchObject({
    "iothub-connection-device-id": "door-1",
    "iothub-connection-auth-method":
      '{"scope":"hub","type":"sas","issuer":"iothub","acceptingIpFilterRule":null}',
    "iothub-enqueuedtime": enqueuedTimeUtc.getTime(),
    "iothub-message-source": "Telemetry",
  });
  const device = await registryOf(declared.hub, named(policies, "iothubowner")).get("door-1");
  expect(systemProperties?.["iothub-connection-auth-generation-id"]).toBe(device.responseBody.generationId);
  await reader.close();
});

test("the properties of the event hub and of its partitions are those of the declared endpoint", async () => {
  const reader = client(named(policies, "service"));
  const properties = await reader.getEventHubProperties();
  expect(properties).toMatchObject({ name: "example-hub", partitionIds: ["0", "1", "2", "3"] });
  expect(Math.abs(properties.createdOn.getTime() - Date.now())).toBeLessThan(120_000);
  const used = partitionOf("door-1", 4);
  const unused = [0, 1, 2, 3].find((id) => id !== used && id !== partitionOf("door-2", 4));
  await send("door-1", "later");
  expect(await reader.getPartitionProperties(String(used))).toMatchObject({
    beginningSequenceNumber: 0,
    eventHubName: "example-hub",
    lastEnqueuedSequenceNumber: 1,
    isEmpty: false,
  });
  expect(await reader.getPartitionProperties(String(unused))).toMatchObject({
    beginningSequenceNumber: 0,
    lastEnqueuedOffset: "-1",
    lastEnqueuedSequenceNumber: -1,
    isEmpty: true,
  });
  await expect(reader.getPartitionProperties("4")).rejects.toThrow(/between 0 and 3/);
  await reader.close();
});

test("the endpoint answers over TLS on port 5671 too", async () => {
  using _routed = await routeHubsTo(declared.hub.proxy);
  const { keyName, primaryKey } = named(policies, "service");
  const reader = new EventHubConsumerClient(
    "$Default",
    `Endpoint=${endpoint};SharedAccessKeyName=${keyName};SharedAccessKey=${primaryKey};EntityPath=example-hub`,
    { retryOptions: { maxRetries: 0, timeoutInMs: 10_000 } },
  );
  expect(await reader.getPartitionIds()).toHaveLength(4);
  await reader.close();
});

test("a receiver starts at a sequence number, an offset, a time or the end", async () => {
  const reader = client(named(policies, "service"));
  const texts = async (position: EventPosition, count: number, untilThen?: () => Promise<void>) =>
    (await receive(reader, "door-2", position, count, untilThen)).map(({ body }) => String(body));
  for (const text of ["a", "b"]) await send("door-2", text);
  declared.hub.clock.move(1000);
  await send("door-2", "c");
  const all = await receive(reader, "door-2", earliestEventPosition, 3);
  const own = all.filter(
    ({ systemProperties }) => systemProperties?.["iothub-connection-device-id"] === "door-2",
  );
  const [a, b] = own;
  expect(own.map(({ body }) => String(body))).toEqual(["a", "b", "c"]);
  expect(await texts({ sequenceNumber: b!.sequenceNumber, isInclusive: true }, 2)).toEqual(["b", "c"]);
  expect(await texts({ sequenceNumber: b!.sequenceNumber }, 1)).toEqual(["c"]);
  expect(await texts({ offset: a!.offset }, 2)).toEqual(["b", "c"]);
  expect(await texts({ enqueuedOn: b!.enqueuedTimeUtc }, 1)).toEqual(["c"]);
  expect(await texts(latestEventPosition, 1, () => send("door-2", "d"))).toContain("d");
  await reader.close();
});

test("a policy without ServiceConnect, a wrong key, a token of Entra ID and an unknown group are refused", async () => {
  const read = async (reader: EventHubConsumerClient) => {
    try {
      await receive(reader, "door-1", earliestEventPosition, 1);
      return "received";
    } catch (error) {
      return (error as Error & { code: string }).code;
    } finally {
      await reader.close();
    }
  };
  const service = named(policies, "service");
  expect(await read(client(named(policies, "device")))).toBe("UnauthorizedError");
  expect(await read(client({ ...service, primaryKey: named(policies, "device").primaryKey }))).toBe(
    "UnauthorizedError",
  );
  expect(await read(client(service, "unknown"))).toBe("MessagingEntityNotFoundError");
  const principal = declared.hub.principal("IoT Hub Data Contributor");
  const host = hostOf(endpoint);
  const entra = new EventHubConsumerClient("$Default", host, "example-hub", principal as never, options());
  expect(await read(entra)).toBe("UnauthorizedError");
});

test("a declared consumer group reads too, and a deleted one no longer", async () => {
  const { calls, hub } = declared;
  const groups = `${hub.resourceId}/eventHubEndpoints/events/ConsumerGroups`;
  const put = await calls.send("PUT", `${groups}/reports`, { properties: { name: "reports" } });
  expect([put.status, put.body.name, put.body.properties.name]).toEqual([200, "reports", "reports"]);
  const listed = (await calls.send("GET", groups)).body.value as { name: string }[];
  expect(listed.map(({ name }) => name)).toEqual(["$Default", "reports"]);
  const reader = client(named(policies, "service"), "reports");
  expect(await receive(reader, "door-1", earliestEventPosition, 1)).not.toEqual([]);
  expect((await calls.send("DELETE", `${groups}/$Default`)).status).toBe(400);
  expect((await calls.send("DELETE", `${groups}/reports`)).status).toBe(200);
  await expect(receive(reader, "door-1", earliestEventPosition, 1)).rejects.toThrow(/could not be found/);
  await reader.close();
  const wrong = { properties: { name: "other" } };
  expect((await calls.send("PUT", `${groups}/reports`, wrong)).status).toBe(400);
});

test("a receiver with an epoch ends one with a lower epoch", async () => {
  const [first, second] = [client(named(policies, "service")), client(named(policies, "service"))];
  const errors: string[] = [];
  const partition = String(partitionOf("door-1", 4));
  let received = 0;
  const lower = first.subscribe(
    partition,
    {
      processEvents: async (events) => {
        received += events.length;
      },
      processError: async (error) => void errors.push((error as Error & { code: string }).code),
    },
    { startPosition: earliestEventPosition, ownerLevel: 1, maxWaitTimeInSeconds: 1 } as SubscribeOptions,
  );
  await waitFor("the first receiver", () => received > 0);
  const higher = { ownerLevel: 2 } as SubscribeOptions;
  expect(await receive(second, "door-1", earliestEventPosition, 1, undefined, higher)).not.toEqual([]);
  await waitFor("its end", () => errors.includes("ReceiverDisconnectedError"));
  await lower.close();
  await Promise.all([first.close(), second.close()]);
});

test("events expire after the declared retention", async () => {
  const { keyName, primaryKey } = named(policies, "service");
  const [sr, se] = [encodeURIComponent(`${endpoint}example-hub`), Math.floor(Date.now() / 1000) + 90 * 3600];
  // Clients of Event Hubs sign with the key's text.
  const signature = createHmac("sha256", primaryKey).update(`${sr}\n${se}`).digest("base64");
  const token = `SharedAccessSignature sr=${sr}&sig=${encodeURIComponent(signature)}&se=${se}&skn=${keyName}`;
  const reader = new EventHubConsumerClient(
    "$Default",
    hostOf(endpoint),
    "example-hub",
    new AzureSASCredential(token),
    options(),
  );
  const partition = String(partitionOf("door-1", 4));
  declared.hub.clock.move(47 * 3_600_000);
  await send("door-1", "kept");
  expect((await reader.getPartitionProperties(partition)).beginningSequenceNumber).toBe(0);
  declared.hub.clock.move(2 * 3_600_000);
  const { beginningSequenceNumber, lastEnqueuedSequenceNumber } =
    await reader.getPartitionProperties(partition);
  expect(beginningSequenceNumber).toBe(lastEnqueuedSequenceNumber);
  const [event] = await receive(reader, "door-1", earliestEventPosition, 1);
  expect(String(event?.body)).toBe("kept");
  await reader.close();
});
