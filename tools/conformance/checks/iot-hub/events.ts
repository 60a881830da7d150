import {
  type EventHubConsumerClient,
  type EventPosition,
  earliestEventPosition,
  latestEventPosition,
  type ReceivedEventData,
} from "@azure/event-hubs";
import type { Check, Trial } from "../../check.ts";
import { send } from "../../clients/http.ts";
import type { CheckDevice, HubClient } from "../../clients/hub.ts";
import { eventReader, listPolicies } from "../../clients/iot-sdks.ts";
import { sources } from "../sources.ts";

const section = "iot-hub/messages";
/** Seconds until an event can be read. */
const eventSeconds = 120;

/** Runs with a reader that signs in with a policy, and closes it. */
async function withReader<T>(
  hub: HubClient,
  { policy = "service", group }: { policy?: string; group?: string },
  use: (reader: EventHubConsumerClient) => Promise<T>,
): Promise<T> {
  const keys = (await listPolicies(hub)).find(({ keyName }) => keyName === policy);
  if (!keys) throw new Error(`the hub has no policy ${policy}`);
  const reader = await eventReader(hub, keys, group);
  try {
    return await use(reader);
  } finally {
    await reader.close();
  }
}

/** Sends an event over REST. */
async function post(hub: HubClient, device: CheckDevice, body: string, headers = {}): Promise<void> {
  const url = `https://${hub.host}/devices/${device.id}/messages/events?api-version=2021-04-12`;
  const authorization = hub.token(device);
  const { status, text } = await send(hub.target, "POST", url, {
    headers: { authorization, ...headers },
    body,
  });
  if (status !== 204) throw new Error(`sending an event: ${status} ${text}`);
}

const deviceOf = ({ systemProperties }: ReceivedEventData) =>
  systemProperties?.["iothub-connection-device-id"];

/**
 * Reads all partitions until a device's events are as many.
 * @param whileWaiting Called before each look.
 * @throws Error of the endpoint.
 */
async function receive(
  t: Trial,
  reader: EventHubConsumerClient,
  { from, count, whileWaiting }: { from: EventPosition; count: number; whileWaiting?: () => Promise<void> },
): Promise<ReceivedEventData[]> {
  const events: ReceivedEventData[] = [];
  const errors: Error[] = [];
  const subscription = reader.subscribe(
    {
      processEvents: async (received) =>
        void events.push(...received.filter((event) => deviceOf(event) === t.name)),
      processError: async (error) => void errors.push(error as Error),
    },
    { startPosition: from, maxWaitTimeInSeconds: 1 },
  );
  try {
    await t.until(`${count} events`, eventSeconds, async () => {
      if (events.length < count) await whileWaiting?.();
      return events.length >= count || errors.length > 0;
    });
  } finally {
    await subscription.close();
  }
  if (errors[0]) throw errors[0];
  return events;
}

/** The code of the error with which reading a partition is refused. */
async function refusal(t: Trial, reader: EventHubConsumerClient): Promise<string> {
  const errors: string[] = [];
  const handlers = {
    processEvents: async () => {},
    processError: async (error: Error & { code?: string }) => void errors.push(error.code ?? error.message),
  };
  const subscription = reader.subscribe("0", handlers, { startPosition: earliestEventPosition });
  await t.until("an error", eventSeconds, () => errors.length > 0);
  await subscription.close();
  return errors[0] as string;
}

/** The built-in endpoint, read with @azure/event-hubs. */
export const eventChecks: Check[] = [
  {
    id: "iot-hub/events-read",
    section,
    title: "What a device sends can be read at the built-in endpoint, with the hub's system properties",
    azure:
      "Body, properties, `iothub-connection-device-id`, `iothub-message-source`, the time and the message ID.",
    source: sources.hubBuiltIn,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      const device = await hub.addDevice(t.name);
      await post(hub, device, '{"opened":true}', {
        "iothub-app-kind": "door",
        "iothub-messageid": "m-1",
        "iothub-contenttype": "application/json",
      });
      await withReader(hub, {}, async (reader) => {
        const [event] = await receive(t, reader, { from: earliestEventPosition, count: 1 });
        t.expect(
          "body and properties",
          [event?.body, event?.properties],
          [{ opened: true }, { kind: "door" }],
        );
        t.expect("message ID and type", [event?.messageId, event?.contentType], ["m-1", "application/json"]);
        const system = event?.systemProperties ?? {};
        t.expect("source", system["iothub-message-source"], "Telemetry");
        t.expect("sign-in", JSON.parse(String(system["iothub-connection-auth-method"])).scope, "device");
        const enqueuedTime = Number(new Date(system["iothub-enqueuedtime"]));
        t.expect("time is near", Math.abs(enqueuedTime - t.target.now()) < 300_000, true);
      });
    },
  },
  {
    id: "iot-hub/events-positions",
    section,
    title: "The built-in endpoint is read from a sequence number, an offset or a time",
    azure: "Events of one device are in one partition, in the order in which they were sent.",
    source: sources.hubBuiltIn,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      const device = await hub.addDevice(t.name);
      const start = t.target.now() - 5000;
      for (const text of ["a", "b", "c"]) await post(hub, device, text);
      await withReader(hub, {}, async (reader) => {
        const all = await receive(t, reader, { from: { enqueuedOn: start }, count: 3 });
        const textOf = ({ body }: ReceivedEventData) => String(body);
        t.expect("from a time", all.map(textOf), ["a", "b", "c"]);
        const [a, b] = all;
        const numbers = all.map(({ sequenceNumber }) => sequenceNumber - (a?.sequenceNumber ?? 0));
        t.expect("sequence numbers", numbers, [0, 1, 2]);
        const after = await receive(t, reader, {
          from: { sequenceNumber: b?.sequenceNumber as number },
          count: 1,
        });
        t.expect("after a sequence number", after.map(textOf), ["c"]);
        const behind = await receive(t, reader, { from: { offset: a?.offset as string }, count: 2 });
        t.expect("after an offset", behind.map(textOf), ["b", "c"]);
        let isSent = false;
        const sendOnce = async () => {
          await post(hub, device, isSent ? "e" : "d");
          isSent = true;
        };
        const late = await receive(t, reader, {
          from: latestEventPosition,
          count: 1,
          whileWaiting: sendOnce,
        });
        t.expect(
          "old events from the end",
          late.map(textOf).filter((text) => "abc".includes(text)),
          [],
        );
      });
    },
  },
  {
    id: "iot-hub/events-refused",
    section,
    title:
      "Reading the built-in endpoint needs a policy with ServiceConnect and a consumer group that exists",
    azure: "`UnauthorizedError` for the policy device, `MessagingEntityNotFoundError` for another group.",
    source: sources.hubBuiltIn,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      await withReader(hub, { policy: "device" }, async (reader) => {
        t.expect("policy device", await refusal(t, reader), "UnauthorizedError");
      });
      await withReader(hub, { group: "missing" }, async (reader) => {
        t.expect("missing group", await refusal(t, reader), "MessagingEntityNotFoundError");
      });
    },
  },
];
