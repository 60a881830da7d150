import { afterAll, beforeAll, expect, test } from "vitest";
import { type Hub, Hubs } from "../../../../sandbox/services/iot-hub/hub.ts";
import { Feedback } from "../../../../sandbox/services/iot-hub/messages/feedback.ts";
import { DeviceTable } from "../../../../sandbox/services/iot-hub/registry/device-table.ts";
import { type HubUnderTest, startHub } from "./iot-hub-harness.ts";

let under: HubUnderTest;
let hub: Hub;
let feedback: Feedback;

beforeAll(async () => {
  under = await startHub({
    properties: {
      cloudToDevice: {
        feedback: { lockDurationAsIso8601: "PT20S", ttlAsIso8601: "PT5M", maxDeliveryCount: 2 },
      },
    },
  });
  hub = new Hubs(under.azure).at(under.host)!;
  feedback = new Feedback(under.azure, new DeviceTable(under.azure.store), 0);
});
afterAll(() => under[Symbol.asyncDispose]());

const receiveIds = (): string[] | undefined => {
  const batch = feedback.receive(hub);
  if (!batch) return undefined;
  return (JSON.parse(batch.body) as { originalMessageId: string }[]).map((each) => each.originalMessageId);
};

test("a batch of feedback is locked for the hub's lock duration, then it is received again", () => {
  feedback.add(hub.key, "device-1", "locked", "Success");
  const batch = feedback.receive(hub);
  expect(feedback.receive(hub)).toBeUndefined();
  under.clock.move(19_000);
  expect(feedback.receive(hub)).toBeUndefined();
  under.clock.move(1_000);
  const again = feedback.receive(hub);
  expect(again?.body).toBe(batch?.body);
  feedback.complete(again!.lock);
  expect(feedback.receive(hub)).toBeUndefined();
});

test("a batch of feedback is deleted after the hub's maximum number of deliveries", () => {
  feedback.add(hub.key, "device-1", "abandoned", "Success");
  for (const delivery of [1, 2]) {
    const batch = feedback.receive(hub);
    expect(batch, `delivery ${delivery}`).toBeDefined();
    feedback.abandon(hub, batch!.lock);
  }
  expect(feedback.receive(hub)).toBeUndefined();
});

test("feedback expires after the hub's time to live", () => {
  feedback.add(hub.key, "device-1", "early", "Expired");
  under.clock.move(60_000);
  feedback.add(hub.key, "device-1", "late", "Expired");
  under.clock.move(4 * 60_000);
  feedback.expireDue((key) => (key === hub.key ? hub : undefined));
  expect(receiveIds()).toEqual(["late"]);
});
