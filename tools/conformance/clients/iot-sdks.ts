import { IotHubClient } from "@azure/arm-iothub";
import { EventHubConsumerClient } from "@azure/event-hubs";
import deviceSdk from "azure-iot-device";
import mqttSdk from "azure-iot-device-mqtt";
import iothub from "azure-iothub";
import { WebSocket } from "ws";
import type { Target } from "../targets/target.ts";
import type { CheckDevice, HubClient } from "./hub.ts";

/* The official SDKs of IoT Hub, directed to a target. None of them repeats a call. */

/** A shared access policy of a hub, with its keys. */
export interface PolicyKeys {
  keyName: string;
  primaryKey: string;
  secondaryKey: string;
  rights: string;
}

const noRetry = { shouldRetry: () => false, nextRetryTimeout: () => 0 };

/** The service client of azure-iothub over AMQP in a WebSocket, signed in with Entra ID. Close it. */
export function serviceClient(hub: HubClient): iothub.Client {
  const { credential, agent } = hub.target;
  const client = iothub.Client.fromTokenCredential(hub.host, credential as never, iothub.AmqpWs as never);
  client.setRetryPolicy(noRetry as never);
  // The SDK has no option for an agent: its transport passes sslOptions to the WebSocket.
  type Connect = (config: object, done: unknown) => void;
  const { _amqp } = (client as unknown as { _transport: { _amqp: { connect: Connect } } })._transport;
  const connect = _amqp.connect.bind(_amqp);
  _amqp.connect = (config, done) => connect({ ...config, sslOptions: { agent } }, done);
  return client;
}

/** The registry client of azure-iothub, signed in with a shared access policy. */
export function registryOf(
  hub: HubClient,
  { keyName, primaryKey }: Pick<PolicyKeys, "keyName" | "primaryKey">,
): iothub.Registry {
  const registry = iothub.Registry.fromConnectionString(
    `HostName=${hub.host};SharedAccessKeyName=${keyName};SharedAccessKey=${primaryKey}`,
  );
  // The SDK has no option for an agent.
  const inside = registry as unknown as { _restApiClient: { setOptions(options: object): void } };
  inside._restApiClient.setOptions({ http: { agent: hub.target.agent } });
  return registry;
}

/** A device client of azure-iot-device over MQTT in a WebSocket, not yet open. Close it. */
export function deviceClient(hub: HubClient, { id, primaryKey }: CheckDevice): deviceSdk.Client {
  const client = deviceSdk.Client.fromConnectionString(
    `HostName=${hub.host};DeviceId=${id};SharedAccessKey=${primaryKey}`,
    mqttSdk.MqttWs,
  );
  // The option is set at once, although the function has a callback.
  client.setOptions({ mqtt: { webSocketAgent: hub.target.agent } } as never, () => {});
  client.setRetryPolicy(noRetry);
  return client;
}

/** The management client of @azure/arm-iothub. */
export function iotHubManagement(target: Target): IotHubClient {
  return new IotHubClient(target.credential, target.subscriptionId, {
    ...target.clientOptions,
    retryOptions: { maxRetries: 0 },
  });
}

/** The keys of a hub's policies, by listkeys of @azure/arm-iothub. */
export async function listPolicies(hub: HubClient): Promise<PolicyKeys[]> {
  const { group, name } = partsOf(hub.id);
  const policies: PolicyKeys[] = [];
  for await (const policy of iotHubManagement(hub.target).iotHubResource.listKeys(group, name)) {
    policies.push(policy as PolicyKeys);
  }
  return policies;
}

/** The reader of @azure/event-hubs at a hub's built-in endpoint. Close it. @param group Default: $Default. */
export async function eventReader(
  hub: HubClient,
  { keyName, primaryKey }: PolicyKeys,
  group = "$Default",
): Promise<EventHubConsumerClient> {
  const parts = partsOf(hub.id);
  const { properties } = await iotHubManagement(hub.target).iotHubResource.get(parts.group, parts.name);
  const { endpoint, path } = properties?.eventHubEndpoints?.events ?? {};
  return new EventHubConsumerClient(
    group,
    `Endpoint=${endpoint};SharedAccessKeyName=${keyName};SharedAccessKey=${primaryKey};EntityPath=${path}`,
    {
      webSocketOptions: { webSocket: WebSocket, webSocketConstructorOptions: { agent: hub.target.agent } },
      retryOptions: { maxRetries: 0, timeoutInMs: 30_000 },
    },
  );
}

/** The resource group and the name in the resource ID of a hub. */
export function partsOf(id: string): { group: string; name: string } {
  const [, group = "", name = ""] = /\/resourceGroups\/([^/]+)\/.*\/([^/]+)$/i.exec(id) ?? [];
  return { group, name };
}

/** The name of the error class of an SDK, or the code of its error; "none" when the call succeeds. */
export async function refusalOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "none";
  } catch (error) {
    return (error as Error).name;
  }
}
