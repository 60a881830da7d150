import { createHmac, randomBytes } from "node:crypto";
import deviceSdk from "azure-iot-device";
import mqttSdk from "azure-iot-device-mqtt";
import { type HubUnderTest, type Principal, rest } from "./iot-hub-harness.ts";

export type Client = deviceSdk.Client;
export const { Message } = deviceSdk;

/** A registered device, with clients of the official Node SDK. */
export interface Device {
  id: string;
  primaryKey: string;
  secondaryKey: string;
  /** Creates a client without opening it. */
  client(options?: { over?: "ws" | "tcp"; key?: string }): Client;
}

/** Without it the SDK retries for minutes. */
export const noRetry = { shouldRetry: () => false, nextRetryTimeout: () => 0 };

export const newKey = (): string => randomBytes(32).toString("base64");

/** Registers a device with new keys. */
export async function addDevice(hub: HubUnderTest, as: Principal, id: string): Promise<Device> {
  const [primaryKey, secondaryKey] = [newKey(), newKey()];
  const authentication = { type: "sas", symmetricKey: { primaryKey, secondaryKey } };
  const answer = await rest(hub, "PUT", `/devices/${encodeURIComponent(id)}`, {
    as,
    body: { deviceId: id, authentication },
  });
  if (answer.status !== 200) throw new Error(answer.body);
  return {
    id,
    primaryKey,
    secondaryKey,
    client: (options) => clientOf(hub, id, { key: primaryKey, ...options }),
  };
}

/** Creates a client of the official SDK without opening it. */
export function clientOf(
  hub: HubUnderTest,
  id: string,
  options: { over?: "ws" | "tcp"; key?: string },
): Client {
  const connection = `HostName=${hub.host};DeviceId=${id};SharedAccessKey=${options.key}`;
  const client = deviceSdk.Client.fromConnectionString(
    connection,
    options.over === "tcp" ? mqttSdk.Mqtt : mqttSdk.MqttWs,
  );
  if (options.over !== "tcp") {
    // The agent is set at once, although the function has a callback.
    client.setOptions({ mqtt: { webSocketAgent: hub.agent() } } as never, () => {});
  }
  client.setRetryPolicy(noRetry);
  return client;
}

/** A device SAS that is valid for an hour of the sandbox's clock. */
export function deviceToken(
  hub: HubUnderTest,
  device: { id: string; primaryKey: string },
  key?: string,
): string {
  const expiry = Math.floor(hub.clock.now() / 1000) + 3600;
  const resource = encodeURIComponent(`${hub.host}/devices/${device.id}`);
  const signature = createHmac("sha256", Buffer.from(key ?? device.primaryKey, "base64"))
    .update(`${resource}\n${expiry}`)
    .digest("base64");
  return `SharedAccessSignature sr=${resource}&sig=${encodeURIComponent(signature)}&se=${expiry}`;
}
