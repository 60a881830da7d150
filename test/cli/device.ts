import device from "azure-iot-device";
import { MqttWs } from "azure-iot-device-mqtt";
import { webSocketAgent } from "../../cli/azure/agents.ts";
import type { Fleet } from "../../cli/azure/fleet.ts";

/** Changes a terminal's reported properties as it would itself, over MQTT with the official SDK. */
export async function report(operator: Fleet, terminal: string, patch: object): Promise<void> {
  const identity = await operator.registry.get(terminal);
  const key = identity?.authentication.symmetricKey.primaryKey;
  const client = device.Client.fromConnectionString(
    `HostName=${operator.outputs.hubHostName};DeviceId=${terminal};SharedAccessKey=${key}`,
    MqttWs,
  );
  const agent = webSocketAgent(operator.network, `https://${operator.outputs.hubHostName}`);
  await client.setOptions({ mqtt: { webSocketAgent: agent } });
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
