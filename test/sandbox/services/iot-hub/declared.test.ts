import { once } from "node:events";
import iothub from "azure-iothub";
import { expect, test } from "vitest";
import { eventsHost } from "../../../../sandbox/services/iot-hub/resource-types/iot-hub.ts";
import { type HubUnderTest, refusal, rest, routeHubsTo, startHub, until } from "./iot-hub-harness.ts";
import { addDevice, deviceToken, noRetry } from "./official-device.ts";
import { RawDevice } from "./raw-device.ts";

/** Declares the hub anew, as a deployment does. */
const declare = (hub: HubUnderTest, properties: Record<string, unknown>) => {
  const resource = hub.azure.resources.get(hub.resourceId)!;
  hub.azure.resources.put({ ...resource, properties: { ...resource.properties, ...properties } });
};

test("a hub that is closed to the internet refuses everybody, and ends what is connected", async () => {
  await using hub = await startHub();
  using _ = await routeHubsTo(hub.proxy);
  const as = hub.principal("IoT Hub Data Contributor");
  const device = await addDevice(hub, as, "t-1");
  const port = await hub.proxy.listen(0, 8883);
  const connected = new RawDevice(hub, port);
  expect((await connected.connect(device)).returnCode).toBe(0);
  const client = iothub.Client.fromTokenCredential(hub.host, as as never);
  client.setRetryPolicy(noRetry as never);
  await client.open();
  const gone = once(client, "disconnect");

  declare(hub, { publicNetworkAccess: "Disabled" });
  await until(() => connected.closed);
  await gone;
  expect((await new RawDevice(hub, port).connect(device)).returnCode).toBe(5);
  const calls = [
    rest(hub, "PUT", "/devices/t-2", { as, body: { deviceId: "t-2" } }),
    rest(hub, "GET", "/twins/t-1", { as }),
    rest(hub, "POST", "/devices/t-1/messages/events", {
      headers: { authorization: deviceToken(hub, device) },
    }),
  ];
  for (const answer of await Promise.all(calls)) {
    expect([answer.status, answer.headers["iothub-errorcode"]]).toEqual([401, "IotHubUnauthorizedAccess"]);
  }
  await client.close().catch(() => {});
  const late = iothub.Client.fromTokenCredential(hub.host, as as never);
  late.setRetryPolicy(noRetry as never);
  // The SDK wraps what $cbs answered.
  expect((await refusal(late.open())).cause).toBe("UnauthorizedError");
  await late.close().catch(() => {});

  declare(hub, { publicNetworkAccess: "Enabled" });
  expect((await rest(hub, "GET", "/devices/t-1", { as })).status).toBe(200);
});

test.each(["import", "export"])(
  "a hub that may send nowhere refuses a job's containers: %s",
  async (type) => {
    await using hub = await startHub({
      properties: { restrictOutboundNetworkAccess: true, allowedFqdnList: [] },
    });
    const as = hub.principal("IoT Hub Data Contributor");
    const uri = "https://example.blob.core.windows.net/c?sig=x";
    const body = { type, inputBlobContainerUri: uri, outputBlobContainerUri: uri };
    const answer = await rest(hub, "POST", "/jobs/create", { as, body });
    expect(answer.status).toBe(400);
    expect(answer.body).toContain("not in the hub's allowedFqdnList");
    // Listed, the host is asked; no account has that name here.
    declare(hub, { allowedFqdnList: ["EXAMPLE.blob.core.windows.net"] });
    const listed = await rest(hub, "POST", "/jobs/create", { as, body });
    expect(listed.body).toContain("to write to output blob container");
  },
);

test("telemetry is read where a route leads, and where the hub may send", async () => {
  await using hub = await startHub();
  const as = hub.principal("IoT Hub Data Contributor");
  const headers = { authorization: deviceToken(hub, await addDevice(hub, as, "t-1")) };
  const arrives = async (properties: Record<string, unknown>) => {
    declare(hub, properties);
    const before = hub.hub.telemetry.read("example-hub").length;
    const answer = await rest(hub, "POST", "/devices/t-1/messages/events", { headers, body: {} });
    expect(answer.status).toBe(204);
    return hub.hub.telemetry.read("example-hub").length > before;
  };
  const events = { source: "DeviceMessages", endpointNames: ["events"] };
  expect(await arrives({})).toBe(true);
  expect(await arrives({ routing: { routes: [], fallbackRoute: { ...events, isEnabled: false } } })).toBe(
    false,
  );
  const routes = [{ ...events, name: "r", isEnabled: true }];
  expect(await arrives({ routing: { routes } })).toBe(true);
  expect(await arrives({ restrictOutboundNetworkAccess: true, allowedFqdnList: ["a.example"] })).toBe(false);
  expect(await arrives({ allowedFqdnList: [eventsHost("example-hub")] })).toBe(true);
});
