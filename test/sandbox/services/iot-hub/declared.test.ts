import { once } from "node:events";
import iothub from "azure-iothub";
import { expect, test } from "vitest";
import { eventsHost } from "../../../../sandbox/services/iot-hub/resource-types/iot-hub.ts";
import { waitFor } from "../../../support/wait-for.ts";
import { type HubUnderTest, refusal, rest, routeHubsTo, startHub } from "./iot-hub-harness.ts";
import { addDevice, deviceToken, noRetry } from "./official-device.ts";
import { RawDevice } from "./raw-device.ts";

/** Changes the declared properties of the hub, as a deployment does. */
const declare = (hub: HubUnderTest, properties: Record<string, unknown>) => {
  const resource = hub.azure.resources.get(hub.resourceId)!;
  hub.azure.resources.put({ ...resource, properties: { ...resource.properties, ...properties } });
};

test("disabling public network access refuses every caller and closes open connections", async () => {
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
  const disconnected = once(client, "disconnect");

  declare(hub, { publicNetworkAccess: "Disabled" });
  await waitFor("the hub to close the connection", () => connected.closed);
  await disconnected;
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
  const lateClient = iothub.Client.fromTokenCredential(hub.host, as as never);
  lateClient.setRetryPolicy(noRetry as never);
  // The SDK wraps the error of $cbs.
  expect((await refusal(lateClient.open())).cause).toBe("UnauthorizedError");
  await lateClient.close().catch(() => {});

  declare(hub, { publicNetworkAccess: "Enabled" });
  expect((await rest(hub, "GET", "/devices/t-1", { as })).status).toBe(200);
});

test.each(["import", "export"])(
  "an %s job is refused when its container's host is not in allowedFqdnList",
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
    // Once the host is listed, the hub calls it. No account has this name, so that fails.
    declare(hub, { allowedFqdnList: ["EXAMPLE.blob.core.windows.net"] });
    const listed = await rest(hub, "POST", "/jobs/create", { as, body });
    expect(listed.body).toContain("to write to output blob container");
  },
);

test("telemetry is readable only while an enabled route exists and the hub may send to its endpoint", async () => {
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
