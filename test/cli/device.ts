import device from "azure-iot-device";
import { MqttWs } from "azure-iot-device-mqtt";
import { HttpsProxyAgent } from "https-proxy-agent";
import type { Fleet } from "../../cli/azure/fleet.ts";

/** Changes a terminal's reported properties as it would itself, over MQTT with the official SDK. */
export async function report(operator: Fleet, terminal: string, patch: object): Promise<void> {
  const identity = await operator.registry.get(terminal);
  const key = identity?.authentication.symmetricKey.primaryKey;
  const client = device.Client.fromConnectionString(
    `HostName=${operator.outputs.hubHostName};DeviceId=${terminal};SharedAccessKey=${key}`,
    MqttWs,
  );
  const webSocketAgent = new HttpsProxyAgent(process.env.HTTPS_PROXY as string);
  await client.setOptions({ mqtt: { webSocketAgent } });
  try {
    const twin = await client.getTwin();
    await new Promise<void>((resolve, reject) => {
      twin.properties.reported.update(patch, (error: Error | undefined) =>
        error ? reject(error) : resolve(),
      );
    });
  } finally {
    await client.close();
  }
}
