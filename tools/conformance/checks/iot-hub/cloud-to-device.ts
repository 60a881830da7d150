import deviceSdk from "azure-iot-device";
import type iothub from "azure-iothub";
import type { Check, Trial } from "../../check.ts";
import { send } from "../../clients/http.ts";
import type { CheckDevice, HubClient } from "../../clients/hub.ts";
import { deviceClient, refusalOf, serviceClient } from "../../clients/iot-sdks.ts";
import { sources } from "../sources.ts";

const section = "iot-hub/messages";
/** Seconds for feedback: the hub sends it in batches, of 15 seconds at most by the cloud-to-device page. */
const feedbackSeconds = 180;

interface Feedback {
  originalMessageId: string;
  statusCode: string;
}

/** Runs with the service client, and closes it. */
async function withService<T>(hub: HubClient, use: (service: iothub.Client) => Promise<T>): Promise<T> {
  const service = serviceClient(hub);
  try {
    return await use(service);
  } finally {
    await service.close();
  }
}

function message(id: string, changes: Partial<deviceSdk.Message> = {}): never {
  const created = Object.assign(new deviceSdk.Message("turn on"), { messageId: id }, changes);
  created.properties.add("kind", "light & sound");
  return created as never;
}

/** Collects the feedback of all devices. */
async function feedbackOf(service: iothub.Client): Promise<Feedback[]> {
  const records: Feedback[] = [];
  const { result: receiver } = await service.getFeedbackReceiver();
  receiver.on("message", (batch: { getData(): Buffer }) => {
    records.push(...(JSON.parse(batch.getData().toString()) as Feedback[]));
  });
  return records;
}

async function outcomeOf(t: Trial, records: Feedback[], id: string): Promise<string | undefined> {
  const find = () => records.find(({ originalMessageId }) => originalMessageId === id);
  t.measure(
    "time until the feedback",
    await t.until("feedback", feedbackSeconds, () => find() !== undefined),
  );
  return find()?.statusCode;
}

const bound = (hub: HubClient, device: CheckDevice, method: string, more = "") =>
  send(
    hub.target,
    method,
    `https://${hub.host}/devices/${device.id}/messages/deviceBound${more}?api-version=2021-04-12`,
    { headers: { authorization: hub.token(device) } },
  );

/** Cloud-to-device messages: sent over AMQP by the service SDK, received over MQTT by the device SDK and over REST. */
export const cloudToDeviceChecks: Check[] = [
  {
    id: "iot-hub/c2d-delivered",
    section,
    title: "A message that the service sends over AMQP reaches the connected device, and feedback follows",
    azure: "Body, message ID and properties arrive; the feedback is `Success`, in batches.",
    source: sources.hubC2d,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      const device = deviceClient(hub, await hub.addDevice(t.name));
      const received: deviceSdk.Message[] = [];
      device.on("message", (each) => {
        received.push(each);
        void device.complete(each);
      });
      await device.open();
      try {
        await withService(hub, async (service) => {
          const records = await feedbackOf(service);
          await service.send(t.name, message("m-1", { ack: "full" }));
          t.measure("time until it arrives", await t.until("the message", 60, () => received.length > 0));
          const [first] = received;
          t.expect("body", first?.getData().toString(), "turn on");
          t.expect("message ID", first?.messageId, "m-1");
          const own = first?.properties.propertyList.find(({ key }) => key === "kind");
          t.expect("property", own?.value, "light & sound");
          t.expect("feedback", await outcomeOf(t, records, "m-1"), "Success");
        });
      } finally {
        await device.close();
      }
    },
  },
  {
    id: "iot-hub/c2d-http",
    section,
    title: "A device receives a message over REST, and it stays in the queue until the device completes it",
    azure:
      "GET of deviceBound is a 200 with the body and an ETag; DELETE with it a 204; the next GET is a 204.",
    source: sources.hubDeviceRest,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      const device = await hub.addDevice(t.name);
      await withService(hub, (service) => service.send(t.name, message("m-1")));
      const got = await bound(hub, device, "GET");
      t.expect("message", [got.status, got.text], [200, "turn on"]);
      const lock = String(got.headers.etag).replaceAll('"', "");
      t.expect("locked for others", (await bound(hub, device, "GET")).status, 204);
      t.expect("complete", (await bound(hub, device, "DELETE", `/${lock}`)).status, 204);
      t.expect("empty queue", (await bound(hub, device, "GET")).status, 204);
    },
  },
  {
    id: "iot-hub/c2d-abandoned",
    section,
    title: "A message that a device abandons is delivered again, and a rejected one is not",
    azure: "POST abandon is a 204, and the message comes again; DELETE with `reject` is feedback `Rejected`.",
    source: sources.hubC2d,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      const device = await hub.addDevice(t.name);
      const lockOf = async () =>
        String((await bound(hub, device, "GET")).headers.etag ?? "").replaceAll('"', "");
      await withService(hub, async (service) => {
        const records = await feedbackOf(service);
        await service.send(t.name, message("m-1", { ack: "full" }));
        const abandoned = await bound(hub, device, "POST", `/${await lockOf()}/abandon`);
        t.expect("abandon", abandoned.status, 204);
        const again = await lockOf();
        t.expect("delivered again", again.length > 0, true);
        const url = `https://${hub.host}/devices/${t.name}/messages/deviceBound/${again}?reject&api-version=2021-04-12`;
        const headers = { authorization: hub.token(device) };
        t.expect("reject", (await send(t.target, "DELETE", url, { headers })).status, 204);
        t.expect("feedback", await outcomeOf(t, records, "m-1"), "Rejected");
      });
    },
  },
  {
    id: "iot-hub/c2d-queue",
    section,
    title: "A device's queue has 50 messages at most, and can be purged",
    azure: "The 51st is refused (`DeviceMaximumQueueDepthExceeded`); DELETE of /commands counts 50.",
    source: sources.hubC2d,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      await hub.addDevice(t.name);
      await withService(hub, async (service) => {
        for (let number = 1; number <= 50; number++) await service.send(t.name, message(`m-${number}`));
        const more = refusalOf(service.send(t.name, message("m-51")));
        t.expect("the 51st", await more, "DeviceMaximumQueueDepthExceededError");
      });
      const { status, json } = await hub.send("DELETE", `/devices/${t.name}/commands`);
      t.expect("purge", [status, json?.totalMessagesPurged], [200, 50]);
    },
  },
  {
    id: "iot-hub/c2d-unknown-device",
    section,
    title: "A message to a device that does not exist is refused",
    azure: "`DeviceNotFound`.",
    source: sources.hubErrors,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      const sent = withService(hub, (service) => service.send(t.name, message("m-1")));
      t.expect("error", await refusalOf(sent), "DeviceNotFoundError");
    },
  },
  {
    id: "iot-hub/c2d-expired",
    section,
    title: "A message that expires before the device connects is not delivered",
    azure: "Feedback `Expired`, and GET of deviceBound is a 204.",
    source: sources.hubC2d,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      const device = await hub.addDevice(t.name);
      await withService(hub, async (service) => {
        const records = await feedbackOf(service);
        const expiryTimeUtc = t.target.now() + 60_000;
        await service.send(t.name, message("m-1", { ack: "full", expiryTimeUtc }));
        await t.target.pass(65, "the message expires after 60 s");
        t.expect("feedback", await outcomeOf(t, records, "m-1"), "Expired");
      });
      t.expect("device", (await bound(hub, device, "GET")).status, 204);
    },
  },
];
