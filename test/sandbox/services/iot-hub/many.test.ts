import pMap from "p-map";
import { expect, test } from "vitest";
import { waitFor } from "../../../support/wait-for.ts";
import { rest, startHub } from "./iot-hub-harness.ts";
import { clientOf, Message, newKey } from "./official-device.ts";

const deviceCount = 1000;

test("1,000 connected devices each receive their own desired properties, and disabling one disconnects only it", async () => {
  await using hub = await startHub({ disconnectDelayMs: 1000 });
  const as = hub.principal("IoT Hub Data Contributor");
  const devices = Array.from({ length: deviceCount }, (_, index) => ({ id: `t-${index}`, key: newKey() }));
  for (let start = 0; start < deviceCount; start += 100) {
    const body = devices.slice(start, start + 100).map(({ id, key }) => ({
      id,
      importMode: "create",
      authentication: { symmetricKey: { primaryKey: key, secondaryKey: newKey() } },
    }));
    expect((await rest(hub, "POST", "/devices", { as, body })).status).toBe(200);
  }
  const received = new Map<string, number[]>();
  const disconnected = new Set<string>();
  const clients = await pMap(
    devices,
    async ({ id, key }) => {
      const client = clientOf(hub, id, { key });
      await client.open();
      client.on("disconnect", () => disconnected.add(id));
      const twin = await client.getTwin();
      twin.on("properties.desired", ({ offer }: { offer?: number }) => {
        if (offer !== undefined) received.set(id, [...(received.get(id) ?? []), offer]);
      });
      await client.sendEvent(new Message(id));
      return client;
    },
    { concurrency: 40 },
  );
  try {
    expect(hub.hub.connected()).toBe(deviceCount);
    expect(hub.hub.telemetry.count("example-hub")).toBe(deviceCount);
    const count = await hub
      .registry(as)
      .createQuery("SELECT COUNT() AS n FROM devices WHERE connectionState = 'Connected'")
      .next();
    expect(count.result).toEqual([{ n: deviceCount }]);

    await pMap(
      devices.entries(),
      ([index, { id }]) =>
        rest(hub, "PATCH", `/twins/${id}`, { as, body: { properties: { desired: { offer: index } } } }),
      { concurrency: 20 },
    );
    await waitFor("all devices to receive their desired properties", () => received.size === deviceCount);
    for (const [index, { id }] of devices.entries()) expect(received.get(id)).toEqual([index]);

    await hub.registry(as).update({ deviceId: "t-500", status: "disabled" });
    await waitFor("the disabled device to lose its connection", () => disconnected.has("t-500"));
    expect([...disconnected]).toEqual(["t-500"]);
    expect(hub.hub.connected()).toBe(deviceCount - 1);
  } finally {
    await pMap(clients, (client) => client.close(), { concurrency: 100 });
  }
});
