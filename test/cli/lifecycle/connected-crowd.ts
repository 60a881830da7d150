import device from "azure-iot-device";
import { MqttWs } from "azure-iot-device-mqtt";
import pMap from "p-map";
import { webSocketAgent } from "../../../cli/azure/agents.ts";
import type { Fleet } from "../../../cli/azure/fleet.ts";
import { mintFlowKey } from "../../../cli/azure/flow-api/flow-keys.ts";
import { bulkSize } from "../../../cli/azure/iot-hub/registry.ts";
import { mintDeviceKeys } from "../../../cli/credentials/device-keys.ts";
import { sha256Base64 } from "../../../cli/lib/sha256.ts";

/** Onboarded terminals, connected with the official device SDK without reconnecting. */
export interface Crowd extends AsyncDisposable {
  ids: string[];
  /** The terminals with a closed connection. */
  lost: Set<string>;
}

const connectsAtOnce = 40;
const containersAtOnce = 12;

/** Onboards `count` terminals PREFIX-0, PREFIX-1, … without the command line, and connects them. */
export async function connectCrowd(
  operator: Fleet,
  prefix: string,
  count: number,
  customer: string,
): Promise<Crowd> {
  const ids = Array.from({ length: count }, (_, number) => `${prefix}-${number}`);
  const keys = new Map(ids.map((id) => [id, mintDeviceKeys()]));
  for (let start = 0; start < count; start += bulkSize) {
    const some = ids.slice(start, start + bulkSize);
    const tags = { customer, site: "Site" };
    await operator.registry.create(
      some.map((id) => ({ id, keys: keys.get(id) as ReturnType<typeof mintDeviceKeys>, tags })),
    );
  }
  const rows = ids.map((id): [string, Parameters<typeof operator.flowKeys.put>[2]] => [
    id,
    {
      currentKeySha256: sha256Base64(mintFlowKey()),
      previousKeySha256: "",
      status: "active",
      site: "Site",
      keyCreatedAt: new Date().toISOString(),
      sharedKeySha256: "",
    },
  ]);
  await operator.flowKeys.add(customer, new Map(rows));
  await pMap(ids, (id) => operator.files.ensureContainer(id), { concurrency: containersAtOnce });

  const lost = new Set<string>();
  const agent = webSocketAgent(operator.network, `https://${operator.outputs.hubHostName}`);
  const clients = await pMap(
    ids,
    async (id) => {
      const client = device.Client.fromConnectionString(
        `HostName=${operator.outputs.hubHostName};DeviceId=${id};SharedAccessKey=${keys.get(id)?.primaryKey}`,
        MqttWs,
      );
      await client.setOptions({ mqtt: { webSocketAgent: agent } });
      client.setRetryPolicy({ shouldRetry: () => false, nextRetryTimeout: () => 0 } as never);
      client.on("disconnect", () => lost.add(id));
      client.on("error", () => lost.add(id));
      await client.open();
      return client;
    },
    { concurrency: connectsAtOnce },
  );
  return {
    ids,
    lost,
    [Symbol.asyncDispose]: async () => {
      await pMap(clients, (client) => client.close().catch(() => {}), { concurrency: 100 });
    },
  };
}
