// A device and a service that talk: the service opens a door by a direct method, and the door reports that it is open.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DefaultAzureCredential } from "@azure/identity";
import { start } from "@terminal-fleet/sandbox";
import device from "azure-iot-device";
import mqtt from "azure-iot-device-mqtt";
import iothub from "azure-iothub";
import { HttpsProxyAgent } from "https-proxy-agent";

let sandbox;
let hub;
let service;
let agent;

before(async () => {
  sandbox = await start({ seed: "seed.yaml" });
  await sandbox.direct("operator");
  agent = new HttpsProxyAgent(process.env.HTTPS_PROXY);
  hub = sandbox.seeded.hubs[0];
  const credential = new DefaultAzureCredential();
  service = iothub.Client.fromTokenCredential(hub.host, credential, iothub.AmqpWs);
  // The SDK has no option for a proxy of its HTTPS calls.
  service._restApiClient.setOptions({ http: { agent } });
});
after(() => sandbox?.stop());

async function connect(id) {
  const { connectionString } = hub.devices.find((each) => each.id === id);
  const client = device.Client.fromConnectionString(connectionString, mqtt.MqttWs);
  client.setOptions({ mqtt: { webSocketAgent: agent } }, () => {});
  client.setRetryPolicy({ shouldRetry: () => false, nextRetryTimeout: () => 0 });
  await client.open();
  return client;
}

test("the service opens the door, and the door answers", async () => {
  const door = await connect("front-door");
  door.onDeviceMethod("open", (request, response) => response.send(200, { opened: request.payload.by }));
  // Subscribing takes a moment. The twin answers behind it.
  await door.getTwin();
  const { result } = await service.invokeDeviceMethod("front-door", {
    methodName: "open",
    payload: { by: "Kari" },
  });
  assert.deepEqual(result.payload, { opened: "Kari" });
  await door.close();
});

test("a disabled door cannot connect", () => assert.rejects(connect("old-door")));

test("a door cannot connect while the hub fails, and can afterwards", async () => {
  const fault = await sandbox.fault({ status: 503, service: "iot-hub", operation: "GET /$iothub/websocket" });
  await assert.rejects(connect("front-door"));
  await fault.end();
  const door = await connect("front-door");
  await door.close();
});
